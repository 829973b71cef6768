// The circuit breaker of one upstream (Nygard, "Release It!"; the rules of POLICIES §3). Closed lets everything through
// and watches a run of failures and a window of them; Open refuses; HalfOpen lets 1, 2, 4, ... probes through and
// closes after 10 clean ones. A probe that is out for longer than maxOpen holds its place no longer, but its end still
// counts: a stalled upstream is asked as often as a failing one, and a slow one can prove itself. Pure: one worker's,
// or the simulator's.
//
// A run opens it only if it comes from at least max(2, half) of the usable endpoints (from the one, if there is but
// one) and is longer than the failure share before it makes likely: a plain "5 in a row" opens the whole upstream when
// one of two endpoints dies.
#pragma once

#include <optional>
#include <vector>

#include "proxy/base/rng.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

class Breaker {
 public:
  enum class State : uint8_t { Closed, HalfOpen, Open };

  /// What one admitted attempt carries until it is observed or handed back.
  struct Ticket {
    uint32_t period = 0;  ///< counts openings and closings: an answer from before the last one says nothing now
    bool probe = false;
  };

  /// What opened it last: so many failures in a row, so many of the window's attempts, a failed probe, or another
  /// worker's breaker.
  struct Cause {
    enum class Kind : uint8_t { Run, Window, Probe, Sibling };
    Kind kind = Kind::Run;
    uint64_t failed = 0;
    uint64_t attempts = 0;  ///< in the window; else the same as failed
  };

  explicit Breaker(const BreakerSettings& settings);

  /// New settings; state, run and window stay unless the window's length changed.
  void configure(const BreakerSettings& settings);

  /// Whether an attempt may go out at `now`. May turn Open into HalfOpen.
  std::optional<Ticket> admit(Instant now);

  /// How the attempt ended. `endpoint` is any number that tells endpoints apart; `usableEndpoints` >= 1 is how many
  /// there are. A Neutral probe counts as handed back. A ticket from before the last opening or closing is ignored.
  /// What an attempt tells of an endpoint that was ejected under it says nothing of those in use: pass it as Neutral.
  void observe(Instant now, Ticket ticket, Grade grade, uint32_t endpoint, uint32_t usableEndpoints, Rng& rng);

  /// The attempt never ran: its place among the probes is free again.
  void handBack(Ticket ticket);

  /// Another worker's breaker of this upstream has opened until `until`, or has closed.
  void adoptOpen(Instant until);
  void adoptClosed(Instant now);

  State state() const { return state_; }
  /// While Open: when the first probe may go.
  Instant openUntil() const { return openUntil_; }
  const Cause& cause() const { return cause_; }

  /// How long a run of failures must be, given the failure share before it: max(consecutive, ⌈13.8 / −ln(p + 0.01)⌉).
  static uint32_t runNeeded(uint32_t consecutive, double shareBefore);

 private:
  void open(Instant now, const Cause& cause, Rng& rng);
  void close(Instant now);
  void beginOpen(Instant until, const Cause& cause);
  void forgetOldOpenings(Instant now);
  void observeClosed(Instant now, bool failed, uint32_t endpoint, uint32_t usableEndpoints, Rng& rng);
  void observeProbe(Instant now, bool failed, Rng& rng);
  void extendRun(Instant now, uint32_t endpoint, uint32_t usableEndpoints);
  void endRun();
  bool runTrips() const;
  bool windowTrips(const RateWindow::Counts& counts) const;
  uint32_t probesAllowed() const;

  BreakerSettings settings_;
  State state_ = State::Closed;
  uint32_t period_ = 0;
  Instant openUntil_{};
  Instant closedAt_{};
  Cause cause_;
  uint32_t openings_ = 0;  // k of open · 2^k; 0 again after 10 s Closed

  // Closed.
  RateWindow window_;
  uint32_t run_ = 0;
  double shareBeforeRun_ = 0;
  uint32_t usableInRun_ = 0;            // the most there were during the run
  std::vector<uint32_t> runEndpoints_;  // distinct, in the present run

  // HalfOpen.
  uint32_t probesOut_ = 0;
  uint32_t cleanProbes_ = 0;
  Instant lastProbeAt_{};
};

}  // namespace outrigger::policy
