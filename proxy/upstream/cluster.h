// One upstream as a worker knows it: its endpoints, their connections, and everything learned about them. Survives
// reloads by name; a new snapshot only brings new settings. Owned by the worker, and by every generation of snapshots
// that still serves requests. One worker's thread.
//
// A request for a stream passes the breaker, gets an endpoint from the balancer, takes a place among `limits.requests`,
// and a connection; where a limit is reached it waits in one queue, first come first served.
#pragma once

#include <memory>
#include <string>

#include "proxy/base/turn.h"
#include "proxy/metrics/series.h"
#include "proxy/policy/budget.h"
#include "proxy/policy/running_median.h"
#include "proxy/upstream/breakers.h"
#include "proxy/upstream/cluster_events.h"
#include "proxy/upstream/endpoint_set.h"
#include "proxy/upstream/leftover.h"

namespace outrigger::upstream {

class Cluster final : private EndpointHome, private EndpointSetEvents, private BreakerEvents, private AtSettle {
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
  /// The same for a second attempt beside one that is under way: only at an endpoint that was not tried, only while the
  /// breaker is closed, and only what is free at once. False: there is nothing of that kind, and nobody is told.
  bool acquireBeside(Waiter& waiter);

  /// `waiter` waits for a connection and cannot wait any longer, which is what `end` says.
  void giveUpConnecting(Waiter& waiter, const policy::AttemptEnd& end);

  /// `waiter` waits for a connection and wants none any more; the one that is being made is of no use to others.
  void stopConnecting(Waiter& waiter);

  /// The caller of an attempt that was handed over has gone: it keeps its place until it is answered (Leftover).
  void leaveBehind(Lease lease);

  /// True if an endpoint that is not among `tried` may be used.
  bool hasOther(std::span<const uint32_t> tried) const { return endpoints_.hasOther(tried); }

  /// Takes `cost` tokens of the retry budget.
  bool spendRetry(double cost) { return budget_.spend(tools_.turn.now, cost); }
  bool canSpendRetry(double cost) const { return budget_.canSpend(tools_.turn.now, cost); }
  double retryTokens() const { return budget_.tokens(tools_.turn.now); }
  double retryCap() const { return budget_.cap(tools_.turn.now); }
  /// Median time to an answer's head.
  Duration median() const { return median_.value(); }

  /// An attempt of that route that began now would be refused.
  bool breakerRefuses(RouteState& route) { return breakers_.refuses(route); }
  /// The worst of its routes' where each has its own; nullptr: there is none.
  const policy::Breaker* breaker() const { return breakers_.worst(); }
  /// Calls each(route, breaker) for every route that has a breaker of its own.
  template <class Each>
  void forEachRouteBreaker(Each&& each) const {
    routes_.forEach([&each](const RouteState& route) {
      if (route.configured && route.breaker) each(route.name, *route.breaker);
    });
  }
  /// Another worker's breaker of this upstream has changed; `route`: it is that route's, else empty.
  void adoptBreaker(const std::string& route, policy::Breaker::State state, Instant until) {
    breakers_.adopt(route, state, until);
  }

  /// Another worker's health checks have come to this.
  void adoptHealth(const Address& endpoint, bool unhealthy) { endpoints_.adoptHealth(endpoint, unhealthy); }
  /// By hand, as EndpointSet has it.
  EndpointSet::ByHand hold(const Address& endpoint, std::optional<Instant> until) {
    return endpoints_.hold(endpoint, until);
  }

  size_t pending() const { return pendingCount_; }
  size_t connections() const { return connections_; }

 private:
  friend class Lease;
  friend class Leftover;
  void bury(Leftover& leftover);

  // Asking and waiting.
  std::optional<metrics::Limit> dispatch(Waiter& waiter);
  Protocol protocolFor(const Waiter& waiter) const;
  Endpoint* chooseEndpoint(const Waiter& waiter);
  bool mayConnect() const { return connections_ < split(settings_->policy.limits.connections); }
  void lease(Waiter& waiter, UpstreamConnection& connection);
  void enqueue(Waiter& waiter, metrics::Limit cause);
  void refuse(Waiter& waiter, const Refusal& refusal);
  void refuseLimit(Waiter& waiter, metrics::Limit limit);
  void atSettle() override;
  void servePending();
  bool stillAdmitted(Waiter& waiter);
  bool tooOld(const Waiter& waiter) const;
  void refuseTooOld(Waiter& waiter);
  void armPendingTimer();
  void onPendingTimer();

  // The endpoints' news.
  void onConnectionFree(Endpoint& endpoint) override;
  void onConnectionGone(Endpoint& endpoint) override;
  void onConnected(Endpoint& endpoint) override;
  void onConnectFailed(Endpoint& endpoint, const Error& error, List<Waiter, WaiterTag>& waiters) override;
  bool takeConnectionPlace() override;
  void onReady(Waiter& waiter, UpstreamConnection& connection) override;
  void onEjection(const Endpoint& endpoint, const policy::EjectionNews& news) override;
  void onReturned(const Endpoint& endpoint) override;
  void onReadiness(const Endpoint& endpoint, policy::ReadinessNews news) override;
  void onPanic(bool panics) override { events_.onPanic(*this, panics); }
  void onBreakerChanged(const BreakerChange& change) override;

  // What attempts tell (called by Lease).
  policy::Grade observe(Lease& lease, const policy::AttemptEnd& end, Duration latency);
  void handBack(RouteState& route, policy::Breaker::Ticket ticket) { breakers_.handBack(route, ticket); }
  void givePlaceBack();
  void release(Endpoint& endpoint, policy::Grade grade);

  uint32_t split(uint32_t limit) const { return (limit + settings_->workers - 1) / settings_->workers; }

  EndpointTools tools_;
  std::shared_ptr<const ClusterSettings> settings_;
  ClusterEvents& events_;
  bool retired_ = false;
  bool reloaded_ = false;  // and not settled since
  policy::Budget budget_;
  policy::RunningMedian median_;
  RouteStates routes_;
  Breakers breakers_;
  size_t connections_ = 0;  // of all endpoints, dials included
  EndpointSet endpoints_;

  List<Waiter, WaiterTag> pending_;
  uint32_t pendingCount_ = 0;
  Timer<Cluster, &Cluster::onPendingTimer> pendingTimer_{*this};
  std::vector<std::unique_ptr<Leftover>> leftovers_;  // they go first, while what they lease from is whole
};

}  // namespace outrigger::upstream
