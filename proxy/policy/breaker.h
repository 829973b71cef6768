// A circuit breaker (Nygard, "Release It!"; the rules of POLICIES §3), of an upstream or of one route to it. Closed
// lets everything through and watches (policy/breaker_watch.h); Open refuses for open · 2^k, at most maxOpen, less 0 to
// 20 %; HalfOpen lets 1, 2, 4, ... probes through and closes after 10 clean ones; k is 0 again after 10 s Closed. Pure:
// one worker's, or the simulator's.
//
// A failed probe opens it again; slow ones do once they are slowPercent of the probes that have ended, and until then
// they are merely not clean. The deadline of a probe is maxOpen: one that is out for longer holds its place no longer,
// but its end still counts. So a stalled upstream is asked as often as a failing one, and one whose answers take longer
// than that can still prove itself.
#pragma once

#include <optional>

#include "proxy/base/rng.h"
#include "proxy/policy/breaker_watch.h"

namespace outrigger::policy {

class Breaker {
 public:
  enum class State : uint8_t { Closed, HalfOpen, Open };  ///< the later the worse

  /// What one admitted attempt carries until it is observed or handed back. One that was made by nobody is of an
  /// attempt that went although it was not admitted (`mode: observe`): it says nothing.
  struct Ticket {
    uint32_t period = 0;  ///< counts openings and closings: an answer from before the last one says nothing now
    uint32_t round = 0;   ///< of a probe: which of the period's sets of places holds its own; 0: no probe
  };

  using Cause = BreakerCause;

  explicit Breaker(const BreakerSettings& settings);

  /// New settings; state, run and window stay unless the window's length changed.
  void configure(const BreakerSettings& settings);

  /// Whether an attempt may go out at `now`. May turn Open into HalfOpen.
  std::optional<Ticket> admit(Instant now);

  /// It has neither opened nor closed since that ticket was given.
  bool isCurrent(Ticket ticket) const { return ticket.period == period_; }

  /// How the attempt ended. A Neutral probe counts as handed back. A ticket from before the last opening or closing is
  /// ignored.
  void observe(Instant now, Ticket ticket, const BreakerCall& call, Rng& rng);

  /// The attempt never ran: its place among the probes is free again.
  void handBack(Ticket ticket);

  /// Another worker's breaker of the same kind has opened until `until`, or has closed.
  void adoptOpen(Instant until);
  void adoptClosed(Instant now);

  State state() const { return state_; }
  /// While Open: when the first probe may go.
  Instant openUntil() const { return openUntil_; }
  /// What opened it last.
  const Cause& cause() const { return cause_; }

 private:
  void open(Instant now, const Cause& cause, Rng& rng);
  void close(Instant now);
  void beginOpen(Instant until, const Cause& cause);
  void beginHalfOpen();
  void forgetOldOpenings(Instant now);
  void observeProbe(Instant now, Ticket ticket, const BreakerCall& call, Rng& rng);
  uint32_t probesAllowed() const;

  BreakerSettings settings_;
  BreakerWatch watch_;
  State state_ = State::Closed;
  uint32_t period_ = 1;
  Instant openUntil_{};
  Instant closedAt_{};
  Cause cause_;
  uint32_t openings_ = 0;  // k of open · 2^k; 0 again after 10 s Closed

  // HalfOpen.
  uint32_t round_ = 0;
  uint32_t probesOut_ = 0;  // of this round
  uint32_t cleanProbes_ = 0;
  uint32_t slowProbes_ = 0;
  Instant lastProbeAt_{};
};

}  // namespace outrigger::policy
