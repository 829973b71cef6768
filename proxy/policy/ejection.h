// Passive removal of single endpoints (POLICIES §4): an endpoint that fails many times in a row, more than its
// siblings' failure share makes likely, is left out for a while and comes back through a ramp. Never the last one,
// never more than maxPercent. Pure: one worker's, or the simulator's. The statistical tests of rates and latencies
// belong here as well.
#pragma once

#include <optional>
#include <span>

#include "proxy/base/rng.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

/// Why an endpoint is ejected: the label `cause` of outrigger_ejections_total.
enum class EjectCause : uint8_t { Consecutive, Errors, Latency, Health };
inline constexpr size_t kEjectCauseCount = 4;

/// What ejection remembers of one endpoint. Lives beside the endpoint's other learned state.
class EndpointRecord {
 public:
  enum class State : uint8_t {
    Healthy,
    Ejected,    ///< gets nothing until ejectedUntil()
    Returning,  ///< gets a growing part of its share
  };

  State state() const { return state_; }
  Instant ejectedUntil() const { return ejectedUntil_; }
  Instant ejectedAt() const { return ejectedAt_; }
  EjectCause cause() const { return cause_; }
  uint32_t run() const { return run_; }
  /// How long the run was that led to the last ejection.
  uint32_t runAtEjection() const { return runAtEjection_; }
  /// Ejections so far. An attempt that began under another number says nothing of how the endpoint is now: pass it as
  /// Neutral.
  uint32_t ejections() const { return ejections_; }
  /// The part of its weight that it gets: 0 while ejected, 0.1 to 1 while returning, else 1.
  double share() const { return share_; }
  RateWindow::Counts counts(Instant now) const { return window_.counts(now); }

 private:
  friend class Ejection;
  static constexpr Duration kWindow = 10s;

  State state_ = State::Healthy;
  EjectCause cause_ = EjectCause::Consecutive;
  double share_ = 1;
  uint32_t run_ = 0;  // failures in a row
  uint32_t runAtEjection_ = 0;
  uint32_t exponent_ = 0;  // k of baseTime · 2^k
  uint32_t ejections_ = 0;
  bool wasReturning_ = false;  // when it was ejected
  Instant ejectedAt_{};
  Instant ejectedUntil_{};
  Instant cleanSince_{};  // k falls by 1 for each baseTime from here to a success while Healthy
  RateWindow window_{kWindow};
};

class Ejection {
 public:
  /// nullopt: nothing is ever ejected.
  explicit Ejection(const std::optional<EjectSettings>& settings) : settings_(settings) {}
  void configure(const std::optional<EjectSettings>& settings) { settings_ = settings; }

  /// One attempt at `me` ended. `all` holds every endpoint of the upstream, `me` included. Returns the cause if this
  /// has ejected `me`. What an ejected endpoint's late answers say only counts in its window. Where an ejection is not
  /// allowed now, the run goes on and the next failure asks again.
  std::optional<EjectCause> observe(Instant now, EndpointRecord& me, std::span<EndpointRecord* const> all, Grade grade,
                                    Rng& rng);

  /// Lets an endpoint whose time is up come back (as Returning). True if its state changed. Cheap; called before each
  /// pick, or at nextChange().
  bool refresh(Instant now, EndpointRecord& me);

  /// The breaker has opened: the upstream is down as a whole, so ejections of the last 10 s say nothing. Undoes them:
  /// each endpoint is again what it was before.
  void forgiveRecent(Instant now, std::span<EndpointRecord* const> all);

  /// Endpoints have left the upstream, or maxPercent has fallen, and now more are out than may be, or all. Then those
  /// that are out begin to return: each gets a tenth of its share and more as it succeeds.
  bool tooManyOut(std::span<EndpointRecord* const> all) const;
  static void beginReturn(EndpointRecord& me);

  /// How long a run must be, given the failure share of the other endpoints: max(n, ⌈13.8 / −ln(p + 0.01)⌉).
  static uint32_t runNeeded(uint32_t consecutive, double othersFailureShare);

 private:
  bool mayEject(const EndpointRecord& me, std::span<EndpointRecord* const> all) const;
  size_t mostOut(size_t endpoints) const;
  bool runIsTooLong(Instant now, const EndpointRecord& me, std::span<EndpointRecord* const> all) const;
  void eject(Instant now, EndpointRecord& me, EjectCause cause, Rng& rng);
  void observeSuccess(Instant now, EndpointRecord& me) const;
  void forgetOldEjections(Instant now, EndpointRecord& me) const;
  static void heal(Instant now, EndpointRecord& me);

  std::optional<EjectSettings> settings_;
};

}  // namespace outrigger::policy
