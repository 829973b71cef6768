// The breakers of one upstream: one for all of it, or with `per: route` one for each route to it. Asks the right one,
// shows what they do in the upstream's metrics (its state is the worst of them, transitions add up), and carries
// `mode: observe`: the breakers work as ever, but what they refuse is only counted. Where `per` changes at a reload all
// begin anew. Owned by its Cluster; one worker's thread.
#pragma once

#include <optional>

#include "proxy/base/turn.h"
#include "proxy/metrics/series.h"
#include "proxy/upstream/route_state.h"

namespace outrigger::upstream {

/// One of them has changed by what attempts have told it.
struct BreakerChange {
  const policy::Breaker& breaker;
  policy::Breaker::State from;
  Bytes route;             ///< empty: it is the upstream's own
  bool onlyWould = false;  ///< mode: observe
};

class BreakerEvents {
 public:
  virtual void onBreakerChanged(const BreakerChange& change) = 0;

 protected:
  ~BreakerEvents() = default;
};

class Breakers {
 public:
  using Breaker = policy::Breaker;

  /// All outlive it.
  Breakers(Turn& turn, metrics::UpstreamSeries& series, RouteStates& routes, BreakerEvents& events);

  void configure(const policy::PolicySettings& policy);
  /// A route is new, perhaps.
  void prepare(RouteState& route);
  /// The upstream is configured no longer: they show nothing from now on, and tell nobody.
  void retire();

  /// Whether an attempt may go. `again`: the exchange has made one before.
  std::optional<Breaker::Ticket> admit(RouteState& route, bool again);
  /// One that was admitted and has waited since: where the breaker has opened or closed meanwhile it must ask again.
  std::optional<Breaker::Ticket> renew(RouteState& route, Breaker::Ticket ticket);
  void observe(RouteState& route, Breaker::Ticket ticket, const policy::BreakerCall& call);
  void handBack(RouteState& route, Breaker::Ticket ticket);
  /// An attempt that began now would be refused.
  bool refuses(RouteState& route);
  /// Closed, or there is none.
  bool closed(RouteState& route);
  bool perRoute() const { return settings_ && settings_->per == policy::BreakerSettings::Per::Route; }

  /// Another worker's breaker of that route, or of the upstream, has changed.
  void adopt(const std::string& route, Breaker::State state, Instant until);

  /// The worst that is configured; nullptr: there is none.
  const Breaker* worst() const;
  void show();

 private:
  Breaker* find(RouteState& route);
  void note(const Breaker& breaker, Breaker::State before, const RouteState& route);

  Turn& turn_;
  metrics::UpstreamSeries& series_;
  RouteStates& routes_;
  BreakerEvents& events_;
  std::optional<policy::BreakerSettings> settings_;
  bool enforced_ = true;
  bool retired_ = false;
  std::optional<Breaker> own_;
};

}  // namespace outrigger::upstream
