// Whether an endpoint may be used as far as its health checks say, or it says itself, or the operator does, and how far
// it has warmed up. A
// gate of its own, beside ejection (policy/ejection.h), which judges by traffic: an endpoint gets what both allow.
// Pure.
//
//   unhealthy   its checks fail                                          nothing
//   draining    it has said that it goes; until a time, or a good check   nothing
//   held        somebody has taken it out by hand, for a time             nothing
//   warming     it is new, or was one of these                            a tenth, and more with time (slow start)
//   ready                                                                 its share
#pragma once

#include "proxy/policy/health.h"

namespace outrigger::policy {

/// What there is to tell of a change.
enum class ReadinessNews : uint8_t { Unhealthy, Healthy, Draining };

class Readiness {
 public:
  const HealthRecord& checks() const { return checks_; }
  bool unhealthy() const { return checks_.unhealthy(); }
  bool draining() const { return drainingUntil_.has_value(); }
  bool held() const { return heldUntil_.has_value(); }
  bool warming() const { return warmingSince_.has_value(); }
  bool out() const { return unhealthy() || draining() || held(); }
  Instant drainingUntil() const { return drainingUntil_.value_or(Instant::min()); }

  /// A check ended, as in HealthRecord. nullopt: there is nothing to tell.
  std::optional<ReadinessNews> observe(Instant now, const HealthSettings& settings, Bytes failure);
  /// Another worker's checks have come to this verdict.
  void adopt(Instant now, bool unhealthy);
  /// Nobody checks it any more.
  void forgetChecks(Instant now);
  void onTraffic(Instant now) { checks_.onTraffic(now); }

  /// True if that is news.
  bool drain(Instant until);
  /// Takes it out by hand.
  void hold(Instant until) { heldUntil_ = until; }
  /// Ends that; false: it was not held.
  bool letGo(Instant now);
  Instant heldUntil() const { return heldUntil_.value_or(Instant::min()); }
  /// It is new where others are at work already.
  void warmUp(Instant now) { warmingSince_ = now; }

  /// Ends what is over. Before share(), and at nextChange(). `slowStart` as in the settings.
  void refresh(Instant now, std::optional<Duration> slowStart);
  /// The part of its weight that it may get: 0, 0.1 to 1 while it warms up, else 1.
  double share(Instant now, std::optional<Duration> slowStart) const;
  /// When share() has changed noticeably by itself; kNever: it stays.
  Instant nextChange(Instant now, std::optional<Duration> slowStart) const;

 private:
  HealthRecord checks_;
  std::optional<Instant> drainingUntil_;
  std::optional<Instant> heldUntil_;
  std::optional<Instant> warmingSince_;
};

}  // namespace outrigger::policy
