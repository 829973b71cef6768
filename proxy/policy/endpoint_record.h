// What passive ejection remembers of one endpoint (POLICIES §4). Lives beside the endpoint's other learned state; only
// policy::Ejection changes it. Pure.
#pragma once

#include "proxy/policy/latency_watch.h"
#include "proxy/policy/rate_test.h"
#include "proxy/policy/stretched_window.h"

namespace outrigger::policy {

/// Why an endpoint is ejected: the label `cause` of outrigger_ejections_total.
enum class EjectCause : uint8_t { Consecutive, Errors, Latency, Health };
inline constexpr size_t kEjectCauseCount = 4;

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
  /// It is half-way to an ejection for its latency.
  bool suspected() const { return suspected_; }
  /// The part of its weight that it gets: 0 while ejected, 0.1 to 1 while returning, else 1; a quarter of that while
  /// suspected.
  double share() const { return suspected_ ? share_ * kSuspectShare : share_; }
  RateWindow::Counts counts(Instant now) const { return window_.counts(now); }
  const LatencyScore& latency() const { return latency_; }

 private:
  friend class Ejection;
  friend class LatencyWatch;
  static constexpr double kSuspectShare = 0.25;

  State state_ = State::Healthy;
  EjectCause cause_ = EjectCause::Consecutive;
  bool suspected_ = false;
  bool wasReturning_ = false;  // when it was ejected
  double share_ = 1;
  uint32_t run_ = 0;  // failures in a row
  uint32_t runAtEjection_ = 0;
  uint32_t exponent_ = 0;  // k of baseTime · 2^k
  uint32_t ejections_ = 0;
  Instant ejectedAt_{};
  Instant ejectedUntil_{};
  Instant cleanSince_{};  // k falls by 1 for each baseTime from here to a success while Healthy
  StretchedWindow window_{ErrorTestSettings{}.window};
  LatencyScore latency_;
};

}  // namespace outrigger::policy
