// The cap on retries of one upstream (POLICIES §1): a bucket that starts full; each success earns percent / 100,
// minPerSecond trickles in, and a retry costs 1. The cap `burst: auto` is max(10, percent of the last full second's
// successes). So a healthy service pays for its retries, and a failing one cannot be buried under them. Pure.
#pragma once

#include <cstdint>

#include "proxy/policy/settings.h"

namespace outrigger::policy {

class Budget {
 public:
  Budget(const BudgetSettings& settings, Instant now);

  /// Keeps what has been earned, up to the new cap.
  void configure(const BudgetSettings& settings, Instant now);

  void onSuccess(Instant now);

  /// Takes `cost` tokens if they are there.
  bool spend(Instant now, double cost = 1);

  /// What spend() would do, without doing it.
  bool canSpend(Instant now, double cost = 1) const;

  double tokens(Instant now) const;
  double cap(Instant now) const;

 private:
  // Tokens are counted in billionths, so that ten times a tenth is one, and one per second is one per nanosecond.
  static constexpr double kToken = 1e9;

  void refill(Instant now);
  int64_t unitsAt(Instant now) const;
  int64_t capUnits(Instant now) const;
  uint64_t successesInSecondBefore(Instant now) const;

  BudgetSettings settings_;
  int64_t units_;
  Instant refilledAt_;
  Instant secondStart_;  // start of the second that is being counted
  uint64_t successesThisSecond_ = 0;
  uint64_t successesLastSecond_ = 0;
};

}  // namespace outrigger::policy
