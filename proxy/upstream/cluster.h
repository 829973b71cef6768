// One upstream as a worker knows it: its endpoints, their connections, and everything learned about them. Survives
// reloads by name; a new snapshot only brings new settings. Owned by the worker, and by every generation of snapshots
// that still serves requests. One worker's thread.
//
// A request for a stream passes the breaker, gets an endpoint from the balancer, takes a place among `limits.requests`,
// and a connection; where a limit is reached it waits in one queue, first come first served.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "proxy/base/turn.h"
#include "proxy/metrics/series.h"
#include "proxy/policy/budget.h"
#include "proxy/policy/running_median.h"
#include "proxy/upstream/cluster_events.h"
#include "proxy/upstream/endpoint_set.h"
#include "proxy/upstream/route_state.h"

namespace outrigger::upstream {

class Cluster final : private EndpointHome, private EndpointSetEvents, private AtSettle {
 public:
  /// What `tools` names and `events` outlive the cluster.
  Cluster(EndpointTools tools, std::shared_ptr<const ClusterSettings> settings, ClusterEvents& events);
  ~Cluster();

  /// Takes new settings; what was learned stays.
  void configure(std::shared_ptr<const ClusterSettings> settings);
  /// No longer configured: serves what is under way, and leaves the gauges to a later one of its name.
  void retire();

  const ClusterSettings& settings() const { return *settings_; }
  const std::string& name() const { return settings_->name; }
  metrics::UpstreamSeries& series() { return tools_.series; }
  const EndpointSet& endpoints() const { return endpoints_; }

  /// What is known of the route of that name to this upstream; it lives as long as somebody holds it.
  std::shared_ptr<RouteState> route(const std::string& name);

  /// Asks for a stream; `waiter` is told once, perhaps inside this call.
  void acquire(Waiter& waiter);

  /// `waiter` waits for a connection and cannot wait any longer, which is what `end` says.
  void giveUpConnecting(Waiter& waiter, const policy::AttemptEnd& end);

  /// True if an endpoint that is not among `tried` may be used.
  bool hasOther(std::span<const uint32_t> tried) const { return endpoints_.hasOther(tried); }

  /// Takes `cost` tokens of the retry budget.
  bool spendRetry(double cost) { return budget_.spend(tools_.turn.now, cost); }
  bool canSpendRetry(double cost) const { return budget_.canSpend(tools_.turn.now, cost); }
  double retryTokens() const { return budget_.tokens(tools_.turn.now); }
  /// Median time to an answer's head.
  Duration median() const { return median_.value(); }

  policy::Breaker::State breakerState() const;
  Instant breakerOpenUntil() const;
  /// What opened it last; nullptr: there is none.
  const policy::Breaker::Cause* breakerCause() const { return breaker_ ? &breaker_->cause() : nullptr; }
  /// Another worker's breaker of this upstream has changed.
  void adoptBreaker(policy::Breaker::State state, Instant until);

  size_t pending() const { return pendingCount_; }
  size_t connections() const { return connections_; }

 private:
  friend class Lease;

  // Asking and waiting.
  std::optional<metrics::Limit> dispatch(Waiter& waiter);
  Endpoint* chooseEndpoint(const Waiter& waiter);
  void lease(Waiter& waiter, H1Connection& connection);
  void enqueue(Waiter& waiter, metrics::Limit cause);
  void refuse(Waiter& waiter, const Refusal& refusal);
  void refuseLimit(Waiter& waiter, metrics::Limit limit);
  void atSettle() override { servePending(); }
  void servePending();
  void armPendingTimer();
  void onPendingTimer();

  // The endpoints' news.
  void onConnectionFree(Endpoint& endpoint) override;
  void onConnectionGone(Endpoint& endpoint) override;
  void onConnected(Endpoint& endpoint) override;
  void onConnectFailed(Endpoint& endpoint, const Error& error, Waiter* waiter) override;
  void onReady(Waiter& waiter, H1Connection& connection) override;
  void onEjection(const Endpoint& endpoint, const policy::EjectionNews& news) override;
  void onReturned(const Endpoint& endpoint) override;

  // What attempts tell (called by Lease).
  policy::Grade observe(Lease& lease, const policy::AttemptEnd& end, Duration latency);
  void handBack(policy::Breaker::Ticket ticket);
  void release(Endpoint& endpoint, policy::Grade grade);

  void noteBreaker(policy::Breaker::State before);
  void showBreaker();
  uint32_t split(uint32_t limit) const { return (limit + settings_->workers - 1) / settings_->workers; }

  EndpointTools tools_;
  std::shared_ptr<const ClusterSettings> settings_;
  ClusterEvents& events_;
  bool retired_ = false;
  std::optional<policy::Breaker> breaker_;
  policy::Budget budget_;
  policy::RunningMedian median_;
  std::map<std::string, std::weak_ptr<RouteState>> routes_;
  size_t connections_ = 0;  // of all endpoints, dials included
  EndpointSet endpoints_;

  List<Waiter, WaiterTag> pending_;
  uint32_t pendingCount_ = 0;
  Timer<Cluster, &Cluster::onPendingTimer> pendingTimer_{*this};
};

}  // namespace outrigger::upstream
