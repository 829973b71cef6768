#include "proxy/policy/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

double toMs(Duration span) {
  return seconds(span) * 1000;
}

TEST(LatencyHistogram, SaysNothingBelowAHundredSamples) {
  LatencyHistogram times;
  for (int i = 0; i < 99; ++i) times.add(at(i * 1ms), 5ms);
  EXPECT_FALSE(times.p99());
  times.add(at(100ms), 5ms);
  ASSERT_TRUE(times.p99());
  EXPECT_NEAR(toMs(*times.p99()), 5, 0.6);
  times.clear();
  EXPECT_FALSE(times.p99());
}

TEST(LatencyHistogram, TheNinetyNinthPercentileToAFewPercent) {
  for (const double sigma : {0.2, 0.5, 1.0, 2.0}) {
    Rng rng(9);
    LatencyHistogram times;
    std::vector<Duration> all;
    for (int i = 0; i < 9000; ++i) {
      double normal = -6;
      for (int k = 0; k < 12; ++k) normal += rng.unit();
      all.emplace_back(static_cast<int64_t>(4e6 * std::exp(sigma * normal)));
      times.add(at(i * 1ms), all.back());
    }
    std::ranges::sort(all, std::greater<>());
    ASSERT_TRUE(times.p99());
    EXPECT_NEAR(toMs(*times.p99()) / toMs(all[89]), 1, 0.07) << sigma;
  }
}

TEST(LatencyHistogram, EverySizeHasABucketOfItsSize) {
  for (const Duration sample : {Duration(0ns), Duration(1us), Duration(9us), Duration(100us), Duration(1ms),
                                Duration(33ms), Duration(1s), Duration(100s)}) {
    LatencyHistogram times;
    for (int i = 0; i < 200; ++i) times.add(at(0s), sample);
    EXPECT_NEAR(toMs(*times.p99()), toMs(sample), toMs(sample) * 0.13 + 0.0011) << toMs(sample);
  }
  LatencyHistogram times;
  for (int i = 0; i < 200; ++i) times.add(at(0s), 24h);
  EXPECT_LE(*times.p99(), 140s);
}

TEST(LatencyHistogram, ForgetsAfterTenToTwentySeconds) {
  LatencyHistogram times;
  Duration since = 0s;
  for (; since < 30s; since += 10ms) times.add(at(since), 50ms);
  for (; since < 39s; since += 10ms) times.add(at(since), 5ms);
  EXPECT_GT(toMs(*times.p99()), 40);
  for (; since < 52s; since += 10ms) times.add(at(since), 5ms);
  EXPECT_NEAR(toMs(*times.p99()), 5, 0.6);
}

TEST(LatencyHistogram, WaitsForTheSamplesOfFewRequests) {
  LatencyHistogram times;
  Duration since = 0s;
  for (; since < 200s; since += 500ms) times.add(at(since), since < 30s ? 50ms : 5ms);
  ASSERT_TRUE(times.p99()) << "two requests a second, 100 samples in a minute";
  EXPECT_NEAR(toMs(*times.p99()), 5, 0.6);
  for (; since < 600s; since += 2s) times.add(at(since), 5ms);
  EXPECT_FALSE(times.p99()) << "half a request a second is too little to say anything";
}

TEST(LatencyHistogram, CountsWhatExceedsABar) {
  LatencyHistogram times;
  for (int i = 0; i < 300; ++i) times.add(at(0s), i < 30 ? 100ms : 5ms);
  EXPECT_EQ(times.countsAbove(20ms).total, 300U);
  EXPECT_EQ(times.countsAbove(20ms).failed, 30U);
  EXPECT_EQ(times.countsAbove(1ms).failed, 300U);
  EXPECT_EQ(times.countsAbove(1s).failed, 0U);
}

}  // namespace
}  // namespace outrigger::policy
