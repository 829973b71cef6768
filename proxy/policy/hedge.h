// A second attempt beside a slow first one (Dean and Barroso, "The Tail at Scale", 2013; the rules of POLICIES §5):
// when it may be sent, and what it may cost. One for each route and upstream. The delay follows the age that all but
// the budgeted share of first attempts reach, so that the budget is spent on the slowest; a bucket bounds the cost all
// the same when everything becomes slow at once. Pure; one worker's, or the simulator's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// The label `result` of outrigger_hedges_total: whether the second attempt answered first.
enum class HedgeResult : uint8_t { Won, Lost };
inline constexpr size_t kHedgeResultCount = 2;

class Hedge {
 public:
  /// What was learned stays. Cheap where nothing has changed.
  void configure(const HedgeSettings& settings);

  /// The age at which a first attempt that is not answered may get a second one beside it: 1 ms to 2 s.
  Duration delay() const;

  /// A first attempt begins that could be hedged.
  void onFirst();
  /// It was answered, or has failed, before delay().
  void onInTime();
  /// It was neither at the age of delay().
  void onOverdue();

  /// Whether the bucket has a token for a second attempt, and taking it.
  bool canSpend() const { return tokens_ >= 1; }
  void spend() { tokens_ -= 1; }

 private:
  double percent_ = 0;
  double earned_ = 0;   // tokens for each first attempt
  double longer_ = 1;   // what the delay is multiplied by after an overdue one
  double shorter_ = 1;  // and after one in time
  double delay_ = 1e6;  // nanoseconds
  double tokens_ = 0;
  uint32_t halveAfter_ = 300;  // in time in a row: 300, more where the share is below 2 %
  uint32_t inTimeRun_ = 0;
};

}  // namespace outrigger::policy
