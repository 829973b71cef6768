// Steady traffic for the demo: so many requests each second to each service, whatever became of the ones before (an
// open loop, as users are). Sent through the sidecar, on a loop of its own thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proxy/net/event_loop.h"
#include "proxy/upstream/cluster.h"

namespace outrigger::control::demo {

/// What callers of one service saw. Written by the traffic's thread, read by any.
struct Seen {
  std::atomic<uint64_t> good{0};
  std::atomic<uint64_t> bad{0};
};

class Traffic final : private upstream::ClusterEvents {
 public:
  /// `through`: the sidecar's outbound listener.
  Traffic(const Address& through, std::vector<std::string> services, double perSecond);
  ~Traffic();

  void start();

  const std::vector<std::string>& services() const { return services_; }
  const Seen& seen(size_t service) const { return seen_[service]; }

 private:
  class Call;

  void onTick();
  void launch(size_t service);
  void remove(Call& call);

  void onBreakerChanged(const upstream::Cluster&, const upstream::BreakerChange&) override {}
  void onEjection(const upstream::Cluster&, const upstream::Endpoint&, const policy::EjectionNews&) override {}
  void onPanic(const upstream::Cluster&, bool) override {}
  void onReturned(const upstream::Cluster&, const upstream::Endpoint&) override {}
  void onReadiness(const upstream::Cluster&, const upstream::Endpoint&, policy::ReadinessNews) override {}

  std::vector<std::string> services_;
  std::vector<Seen> seen_;
  Duration gap_;
  net::EventLoop loop_;
  http::h1::HeadScratch scratch_;
  http::h2::Workbench bench_;
  metrics::UpstreamSeries series_;
  std::unique_ptr<upstream::Cluster> sidecar_;
  std::shared_ptr<upstream::RouteState> route_;
  std::vector<std::unique_ptr<Call>> calls_;
  Instant nextTick_{};
  std::thread thread_;
  Timer<Traffic, &Traffic::onTick> tick_{*this};
};

}  // namespace outrigger::control::demo
