#include "proxy/policy/hedge.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

Hedge hedgeOf(double percent) {
  Hedge hedge;
  hedge.configure({percent});
  return hedge;
}

/// First attempts whose times to an answer come from `law`; returns how many second ones were sent.
template <class Law>
size_t run(Hedge& hedge, size_t attempts, Law&& law) {
  size_t sent = 0;
  for (size_t i = 0; i < attempts; ++i) {
    hedge.onFirst();
    if (law() <= hedge.delay()) {
      hedge.onInTime();
      continue;
    }
    hedge.onOverdue();
    if (!hedge.canSpend()) continue;
    hedge.spend();
    ++sent;
  }
  return sent;
}

TEST(Hedge, StartsAtAMillisecondWithAnEmptyBucket) {
  const Hedge hedge = hedgeOf(2);
  EXPECT_EQ(hedge.delay(), 1ms);
  EXPECT_FALSE(hedge.canSpend());
}

TEST(Hedge, TheDelayFollowsTheShareThatIsPaidFor) {
  for (const double percent : {1.0, 2.0, 5.0, 10.0}) {
    Hedge hedge = hedgeOf(percent);
    Rng rng(7);
    const auto exponential = [&] { return Duration(static_cast<int64_t>(-std::log(1 - rng.unit()) * 10e6)); };
    run(hedge, 100'000, exponential);
    size_t overdue = 0;
    constexpr size_t kMore = 100'000;
    for (size_t i = 0; i < kMore; ++i) {
      const bool late = exponential() > hedge.delay();
      overdue += late;
      late ? hedge.onOverdue() : hedge.onInTime();
    }
    EXPECT_NEAR(100.0 * static_cast<double>(overdue) / kMore, percent, percent / 10);
  }
}

TEST(Hedge, NeverCostsMoreThanItsShareAndTheBucket) {
  for (const double percent : {0.5, 2.0, 20.0}) {
    for (const Duration slow : std::to_array<Duration>({0ms, 5ms, 1s, 60s})) {
      Hedge hedge = hedgeOf(percent);
      Rng rng(3);
      const size_t sent = run(hedge, 20'000, [&] { return rng.chance(0.5) ? slow : 2ms; });
      EXPECT_LE(static_cast<double>(sent), 1.1 * percent / 100 * 20'000 + 20) << percent << " % at " << slow.count();
    }
  }
}

// All at once become slow: the bucket is what bounds the cost until the delay has followed.
TEST(Hedge, ABurstCostsTheBucketOnly) {
  Hedge hedge = hedgeOf(2);
  run(hedge, 100'000, [] { return Duration(2ms); });
  const size_t sent = run(hedge, 500, [] { return Duration(1h); });
  EXPECT_LE(sent, 20U + 11U);
}

TEST(Hedge, ThreeHundredInTimeHalveTheDelay) {
  Hedge hedge = hedgeOf(2);
  for (int i = 0; i < 1000; ++i) hedge.onOverdue();
  EXPECT_EQ(hedge.delay(), 2s) << "at most";
  for (int i = 0; i < 299; ++i) hedge.onInTime();
  EXPECT_GT(hedge.delay(), 1700ms);
  hedge.onInTime();
  EXPECT_LT(hedge.delay(), 900ms);
  for (int i = 0; i < 10'000; ++i) hedge.onInTime();
  EXPECT_EQ(hedge.delay(), 1ms) << "at least";
}

TEST(Hedge, ANewShareKeepsTheDelay) {
  Hedge hedge = hedgeOf(2);
  for (int i = 0; i < 1000; ++i) hedge.onOverdue();
  hedge.configure({5});
  EXPECT_EQ(hedge.delay(), 2s);
}

}  // namespace
}  // namespace outrigger::policy
