#include "proxy/policy/stretched_window.h"

#include <gtest/gtest.h>

#include <vector>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

TEST(StretchedWindow, AtManyRequestsItHoldsItsSpan) {
  StretchedWindow window(10s);
  for (int i = 0; i < 30'000; ++i) window.add(at(i * 1ms), i < 25'000);
  const auto counts = window.counts(at(30s));
  EXPECT_GE(counts.total, 9000U);
  EXPECT_LE(counts.total, 10'000U);
  EXPECT_GE(counts.failed, 4000U);
  EXPECT_LE(counts.failed, 5000U);
}

TEST(StretchedWindow, AtFewRequestsItHoldsTheLastFifty) {
  for (const Duration gap : {Duration(200ms), Duration(1s), Duration(5s)}) {
    StretchedWindow window(10s);
    for (int i = 0; i < 300; ++i) window.add(at(i * gap), i % 10 == 0);
    const auto counts = window.counts(at(300 * gap));
    EXPECT_GE(counts.total, 45U) << seconds(gap);
    EXPECT_LE(counts.total, 50U) << seconds(gap);
    EXPECT_NEAR(static_cast<double>(counts.failed), 5, 1) << seconds(gap);
  }
}

TEST(StretchedWindow, NothingOfMoreThanFiveMinutesAgo) {
  StretchedWindow window(10s);
  for (int i = 0; i < 60; ++i) window.add(at(i * 20s), true);
  EXPECT_GE(window.counts(at(1200s)).total, 12U);
  EXPECT_LE(window.counts(at(1200s)).total, 15U);
  EXPECT_EQ(window.counts(at(1200s + 5min)).total, 0U);
  window.add(at(1h), false);
  EXPECT_EQ(window.counts(at(1h)).total, 1U);
}

TEST(StretchedWindow, WhenTrafficFallsTheOldGoesOnceEnoughIsNew) {
  StretchedWindow window(10s);
  for (int i = 0; i < 10'000; ++i) window.add(at(i * 1ms), true);
  for (int i = 0; i < 55; ++i) window.add(at(10s + i * 1s), false);
  EXPECT_EQ(window.counts(at(65s)).failed, 0U);
}

TEST(StretchedWindow, AnotherSpanAndAFreshStart) {
  StretchedWindow window(10s);
  for (int i = 0; i < 1000; ++i) window.add(at(i * 10ms), false);
  window.configure(2s);
  EXPECT_LE(window.counts(at(10s)).total, 200U);
  window.clear();
  EXPECT_EQ(window.counts(at(10s)).total, 0U);
  window.add(at(11s), true);
  EXPECT_EQ(window.counts(at(11s)).failed, 1U);
}

// Against the plain list of what was added.
TEST(StretchedWindow, HoldsAllOfNineTenthsOfTheSpanAndFewOlderOnes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Rng rng(seed);
    const Duration span = rng.between(100ms, 60s);
    StretchedWindow window(span);
    std::vector<std::pair<Instant, bool>> added;
    Instant now = at(0s);
    for (int step = 0; step < 300; ++step) {
      now += rng.between(0ns, rng.chance(0.02) ? span * 3 : span / 40);
      added.emplace_back(now, rng.chance(0.3));
      window.add(now, added.back().second);
      uint64_t surely = 0;
      uint64_t perhaps = 0;
      for (size_t i = 0; i < added.size(); ++i) {
        const Duration age = now - added[i].first;
        surely += age <= std::min<Duration>(span / 10 * 9 - 10ns, 4min) ? 1 : 0;
        perhaps += age <= 5min && (age <= span || added.size() - i <= 55 + 300 / 10) ? 1 : 0;
      }
      const auto counts = window.counts(now);
      ASSERT_GE(counts.total + 5, surely) << "seed " << seed << " step " << step;
      ASSERT_LE(counts.total, perhaps) << "seed " << seed << " step " << step;
      ASSERT_LE(counts.failed, counts.total);
    }
  }
}

}  // namespace
}  // namespace outrigger::policy
