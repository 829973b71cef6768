#include "proxy/policy/running_median.h"

#include <gtest/gtest.h>

#include <cmath>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

// Lognormal with that median.
Duration sample(Rng& rng, Duration median, double sigma) {
  constexpr double kTwoPi = 6.283185307179586;
  const double normal = std::sqrt(-2 * std::log(1 - rng.unit())) * std::cos(kTwoPi * rng.unit());
  return std::chrono::duration_cast<Duration>(median * std::exp(sigma * normal));
}

TEST(RunningMedian, BeginsWithTheFirstSample) {
  RunningMedian median;
  EXPECT_EQ(median.value(), 0ms);
  median.add(7ms);
  EXPECT_EQ(median.value(), 7ms);
}

TEST(RunningMedian, StaysWhereAllAgree) {
  RunningMedian median;
  for (int i = 0; i < 100; ++i) median.add(3ms);
  EXPECT_EQ(median.value(), 3ms);
  median.add(1ms);
  EXPECT_GT(median.value(), 2900us) << "agreement has not lengthened the steps";
  for (int i = 0; i < 100; ++i) {
    median.add(20ms);
    ASSERT_LE(median.value(), 20ms);
  }
  EXPECT_EQ(median.value(), 20ms);
}

TEST(RunningMedian, NeverLeavesTheRangeOfItsSamples) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    RunningMedian median;
    for (int i = 0; i < 200; ++i) {
      median.add(rng.between(0ms, 2ms));
      ASSERT_GE(median.value(), 0ms);
      ASSERT_LE(median.value(), 2ms);
    }
  }
}

TEST(RunningMedian, OneHugeSampleMovesItLittle) {
  RunningMedian median;
  for (int i = 0; i < 100; ++i) median.add(10ms);
  median.add(1h);
  EXPECT_LT(median.value(), 11ms);
}

TEST(RunningMedian, ComesCloseToTheMedian) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (const Duration truth : {Duration(200us), Duration(4ms), Duration(2s)}) {
      Rng rng(seed);
      RunningMedian median;
      double sum = 0;
      for (int i = 0; i < 600; ++i) {
        median.add(sample(rng, truth, 0.5));
        if (i >= 100) sum += seconds(median.value());
      }
      EXPECT_NEAR(sum / 500, seconds(truth), 0.15 * seconds(truth)) << "seed " << seed;
      EXPECT_NEAR(seconds(median.value()), seconds(truth), 0.5 * seconds(truth)) << "seed " << seed;
    }
  }
}

TEST(RunningMedian, FollowsAChangeWithinAHundredSamples) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    RunningMedian median;
    for (int i = 0; i < 200; ++i) median.add(sample(rng, 4ms, 0.5));
    for (int i = 0; i < 100; ++i) median.add(sample(rng, 40ms, 0.5));
    EXPECT_GT(median.value(), 20ms) << "seed " << seed;
    for (int i = 0; i < 100; ++i) median.add(sample(rng, 4ms, 0.5));
    EXPECT_LT(median.value(), 8ms) << "seed " << seed;
  }
}

}  // namespace
}  // namespace outrigger::policy
