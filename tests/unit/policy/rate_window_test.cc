#include "proxy/policy/rate_window.h"

#include <gtest/gtest.h>

#include <vector>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

TEST(RateWindow, CountsWhatWasAdded) {
  RateWindow window(10s);
  EXPECT_EQ(window.counts(at(0s)).total, 0U);
  EXPECT_EQ(window.counts(at(0s)).failureShare(), 0);
  for (int i = 0; i < 4; ++i) window.add(at(i * 1s), i == 0);
  EXPECT_EQ(window.counts(at(3s)).total, 4U);
  EXPECT_EQ(window.counts(at(3s)).failed, 1U);
  EXPECT_EQ(window.counts(at(3s)).failureShare(), 0.25);
}

TEST(RateWindow, ForgetsByDegrees) {
  RateWindow window(10s);
  for (int i = 0; i < 10; ++i) window.add(at(i * 1s), true);
  EXPECT_EQ(window.counts(at(9999ms)).total, 10U);
  EXPECT_EQ(window.counts(at(10s)).total, 9U);
  EXPECT_EQ(window.counts(at(14s)).total, 5U);
  EXPECT_EQ(window.counts(at(19s)).total, 0U);
  EXPECT_EQ(window.counts(at(24h)).total, 0U);
}

TEST(RateWindow, IsEmptyAfterClear) {
  RateWindow window(10s);
  window.add(at(0s), true);
  window.clear();
  EXPECT_EQ(window.counts(at(0s)).total, 0U);
  window.add(at(1s), false);
  EXPECT_EQ(window.counts(at(1s)).total, 1U);
  EXPECT_EQ(window.counts(at(1s)).failed, 0U);
}

TEST(RateWindow, TheClocksZeroAndAStepBackAreHarmless) {
  RateWindow window(10s);
  window.add(Instant{}, true);
  EXPECT_EQ(window.counts(Instant{}).total, 1U);
  window.add(at(5s), true);
  window.add(at(2s), true);
  EXPECT_EQ(window.counts(at(2s)).total, 2U);
  EXPECT_EQ(window.counts(at(14s)).total, 2U);
  EXPECT_EQ(window.counts(at(15s)).total, 0U);
}

// Against the plain list of what was added.
TEST(RateWindow, HoldsAllOfNineTenthsAndNothingBeyondTheSpan) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    const Duration span = rng.between(1ms, 60s);
    RateWindow window(span);
    std::vector<std::pair<Instant, bool>> added;
    Instant now = at(0s);
    for (int step = 0; step < 100; ++step) {
      now += rng.between(0ns, rng.chance(0.1) ? span * 2 : span / 20);
      added.emplace_back(now, rng.chance(0.3));
      window.add(now, added.back().second);
      const Instant asked = now + rng.between(0ns, span);
      RateWindow::Counts surely;
      RateWindow::Counts perhaps;
      for (const auto& [instant, failed] : added) {
        const Duration age = asked - instant;
        for (auto& [counts, most] : {std::pair(&surely, span / 10 * 9 - 10ns), std::pair(&perhaps, span + 10ns)}) {
          counts->total += age <= most ? 1 : 0;
          counts->failed += age <= most && failed ? 1 : 0;
        }
      }
      const RateWindow::Counts counts = window.counts(asked);
      ASSERT_GE(counts.total, surely.total) << "seed " << seed;
      ASSERT_GE(counts.failed, surely.failed) << "seed " << seed;
      ASSERT_LE(counts.total, perhaps.total) << "seed " << seed;
      ASSERT_LE(counts.failed, perhaps.failed) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace outrigger::policy
