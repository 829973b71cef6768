// One worker: everything of the data plane that runs on one thread. Serves connections, owns exchanges, clusters and
// what they learned, and swaps snapshots. Knows no socket and no clock, so the simulator runs it whole.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "proxy/exchange/exchange.h"
#include "proxy/server/connection_set.h"
#include "proxy/server/decision.h"
#include "proxy/server/passages.h"
#include "proxy/server/taps.h"
#include "proxy/server/traced_request.h"

namespace outrigger::server {

/// Which connections a listener brings.
struct ListenerRole {
  Direction direction = Direction::Outbound;
  std::string upstream{};  ///< all that arrives goes to this upstream; empty: the router decides
  bool redirected =
      false;  ///< the kernel redirects connections there; PeerInfo::destination says where they were going
  auto operator<=>(const ListenerRole&) const = default;
};

/// What a worker's breaker has come to.
struct BreakerNews {
  std::string upstream;
  std::string route;  ///< empty: it is the upstream's
  policy::Breaker::State state = policy::Breaker::State::Closed;
  Instant openUntil{};  ///< only while Open
};

/// What the health checks of an endpoint have come to; one worker makes them for all.
struct HealthNews {
  std::string upstream;
  Address endpoint;
  bool unhealthy = false;
};

/// What a worker tells the rest of the process; called on the worker's thread.
class WorkerReports {
 public:
  /// One line for the access log, with its line end.
  virtual void onAccessLine(Bytes line) = 0;
  /// Logged by the receiver.
  virtual void onDecision(const Decision& decision) = 0;
  /// The other workers' breakers should follow.
  virtual void onBreakerChanged(const BreakerNews& news) = 0;
  /// The other workers' endpoints should follow.
  virtual void onHealthChanged(const HealthNews& news) = 0;
  /// Requests that are recorded in their traces and have ended, some at a time.
  virtual void onTraced(std::vector<TracedRequest> requests) = 0;
  /// No request of this worker uses it any more: let it be freed where time does not matter.
  virtual void onRetired(std::shared_ptr<const exchange::Snapshot> snapshot) = 0;

 protected:
  ~WorkerReports() = default;
};

class Worker final : private exchange::ExchangeHome, private exchange::TunnelHome, private upstream::ClusterEvents {
 public:
  /// All outlive the worker. `shard` has room for every series that a snapshot names.
  Worker(Turn& turn, Dialer& dialer, metrics::Shard& shard, WorkerReports& reports);
  ~Worker();

  /// Another worker makes the health checks. Before the first install().
  void leaveHealthChecks() { checksHealth_ = false; }

  /// Who wraps inbound connections in TLS. Before the first install().
  void acceptTlsBy(TlsAcceptor& tls);

  /// Our own listeners, as one reaches them: nothing is passed on to them.
  void avoid(std::vector<Address> own) { passages_.avoid(std::move(own)); }

  /// Swaps in a new snapshot; exchanges under way finish on theirs. Clusters are matched by name.
  void install(std::shared_ptr<const exchange::Snapshot> snapshot, const ServingRules& rules);

  /// Serves an accepted connection. Only after the first install().
  void serve(const ListenerRole& role, std::unique_ptr<Transport> transport);

  /// From now on every answer of that direction is its connection's last.
  void makeAnswersLast(Direction direction);
  void closeIdle(Direction direction) { connections(direction).closeIdle(); }
  /// Reports at once what it has gathered of traced requests.
  void flushTraced();
  /// Cuts what is left; returns how many requests and tunnels that were.
  size_t cutAll();

  Instant now() const { return turn_.now; }
  const DecisionRing& decisions() const { return decisions_; }
  const TrailRing& trails() const { return trails_; }
  Taps& taps() { return taps_; }
  /// What another worker has told of its own.
  void adoptBreaker(const BreakerNews& news);
  void adoptHealth(const HealthNews& news);
  /// Takes an endpoint out by hand until then, or with nullopt back in. Unknown: no such upstream, or endpoint of it.
  upstream::EndpointSet::ByHand hold(const std::string& upstream, const Address& endpoint,
                                     std::optional<Instant> until);
  /// Calls each(cluster) for every upstream of the current snapshot.
  template <class Each>
  void forEachCluster(Each&& each) const {
    for (const auto& cluster : current_->clusters) each(*cluster);
  }
  size_t activeExchanges() const { return active_; }
  /// Active ones, and those kept for the next requests.
  size_t exchanges() const { return exchanges_.size(); }
  /// Destinations that no upstream names and somebody went to lately.
  size_t passages() const { return passages_.size(); }
  /// Copies of requests that are under way.
  size_t mirrored() const { return mirrors_.underWay(); }
  /// Snapshots that are still in use, the current one included.
  size_t generations() const { return generations_.size(); }

 private:
  class Handler;

  ConnectionSet& connections(Direction direction) { return *connections_[static_cast<size_t>(direction)]; }
  exchange::Exchange& takeExchange();
  void shrinkExchanges();
  void retireClusters(const exchange::Generation& next);
  std::shared_ptr<upstream::Cluster> clusterFor(const std::shared_ptr<const upstream::ClusterSettings>& settings);
  /// Of the current snapshot; nullptr: there is none of that name.
  std::shared_ptr<upstream::Cluster> clusterNamed(Bytes name) const;
  std::shared_ptr<upstream::Cluster> makeCluster(const std::shared_ptr<const upstream::ClusterSettings>& settings);

  Turn& turn() override { return turn_; }
  metrics::Shard& metrics() override { return shard_; }
  exchange::InboundCalls& inboundCalls() override { return inboundCalls_; }
  exchange::Mirrors& mirrors() override { return mirrors_; }
  exchange::RecordUse useOfRecord(const exchange::Ending& ending) override;
  std::optional<Reason> refusesTunnel(Direction direction, const PeerInfo& peer) override;
  void onTunnelBegun() override { ++tunnels_; }
  void onTunnelEnded() override { --tunnels_; }
  bool wantsTunnelRecord(Reason reason) override { return useOfTunnelRecord(reason).any(); }
  void onTunnelRecord(const exchange::AccessRecord& record) override {
    onRecord(record, useOfTunnelRecord(record.reason));
  }
  void onRecord(const exchange::AccessRecord& record, const exchange::RecordUse& use) override;
  void onWouldDeny(const exchange::Snapshot& snapshot, const PeerInfo& peer, Bytes rule) override;
  std::shared_ptr<upstream::Cluster> passageTo(const exchange::Passage& passage, const Address& destination,
                                               Protocol protocol) override {
    return passages_.to(passage, destination, protocol);
  }
  void onRecyclable(exchange::Exchange& exchange) override;

  void onBreakerChanged(const upstream::Cluster& cluster, const upstream::BreakerChange& change) override;
  void onEjection(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                  const policy::EjectionNews& news) override;
  void onPanic(const upstream::Cluster& cluster, bool panics) override;
  void onReturned(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint) override;
  void onReadiness(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                   policy::ReadinessNews news) override;
  void decide(Decision decision);
  Bytes tunnelRule(const PeerInfo& peer) const;
  exchange::RecordUse useOfTunnelRecord(Reason reason);
  void gather(const exchange::AccessRecord& record);
  void decideOnRequest(const exchange::AccessRecord& record);
  void onHousekeeping();
  void retireGenerations();

  Turn& turn_;
  Dialer& dialer_;
  metrics::Shard& shard_;
  WorkerReports& reports_;
  http::h1::HeadScratch scratch_;
  http::h2::Workbench workbench_;
  exchange::InboundCalls inboundCalls_;
  std::vector<std::unique_ptr<exchange::Generation>> generations_;  // the current one last
  exchange::Generation* current_ = nullptr;
  std::map<ListenerRole, std::unique_ptr<Handler>> handlers_;
  std::vector<std::unique_ptr<exchange::Exchange>> exchanges_;
  std::vector<exchange::Exchange*> freeExchanges_;
  exchange::Mirrors mirrors_;
  Passages passages_;
  std::array<std::unique_ptr<ConnectionSet>, kDirectionCount> connections_;
  size_t active_ = 0;
  size_t tunnels_ = 0;
  bool checksHealth_ = true;
  DecisionRing decisions_;
  uint32_t decisionsThisSecond_ = 0;
  TrailRing trails_;
  uint32_t trailsThisSecond_ = 0;
  std::vector<TracedRequest> traced_;
  Timer<Worker, &Worker::flushTraced> tracedTimer_{*this};
  Taps taps_;
  std::string line_;  // scratch for access lines
  Instant nextHousekeeping_{};
  Timer<Worker, &Worker::onHousekeeping> housekeeping_{*this};
};

}  // namespace outrigger::server
