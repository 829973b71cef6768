#include "proxy/policy/health.h"

#include <gtest/gtest.h>

namespace outrigger::policy {
namespace {

constexpr Instant kStart{1000s};
constexpr HealthSettings kSettings{.host = {}, .interval = 10s, .unhealthy = 3, .healthy = 2};

TEST(Health, CountsAsHealthyUntilChecksSayOtherwise) {
  HealthRecord record;
  EXPECT_FALSE(record.unhealthy());
  EXPECT_FALSE(record.observe(kStart, kSettings, "refused"));
  EXPECT_FALSE(record.observe(kStart, kSettings, "refused"));
  EXPECT_FALSE(record.unhealthy());
  EXPECT_TRUE(record.observe(kStart, kSettings, "status 500"));
  EXPECT_TRUE(record.unhealthy());
  EXPECT_EQ(record.failed(), 3U);
  EXPECT_EQ(record.lastFailure(), "status 500");
}

TEST(Health, OnePassedCheckBeginsTheCountAnew) {
  HealthRecord record;
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(record.observe(kStart, kSettings, i % 3 == 2 ? "" : "refused"));
  EXPECT_FALSE(record.unhealthy());
}

TEST(Health, PassedChecksInARowBringItBack) {
  HealthRecord record;
  for (int i = 0; i < 3; ++i) record.observe(kStart, kSettings, "refused");
  EXPECT_FALSE(record.observe(kStart, kSettings, ""));
  EXPECT_FALSE(record.observe(kStart, kSettings, "refused"));
  EXPECT_FALSE(record.observe(kStart, kSettings, ""));
  EXPECT_TRUE(record.observe(kStart, kSettings, ""));
  EXPECT_FALSE(record.unhealthy());
  EXPECT_EQ(record.passed(), 2U);
}

TEST(Health, TheVerdictOfAnotherWorkerIsNewsOnce) {
  HealthRecord record;
  EXPECT_FALSE(record.adopt(false));
  EXPECT_TRUE(record.adopt(true));
  EXPECT_FALSE(record.adopt(true));
  EXPECT_TRUE(record.unhealthy());
}

TEST(Health, LooksAreSpreadAroundTheInterval) {
  Rng rng(1);
  Duration earliest = 1h;
  Duration latest{};
  for (int i = 0; i < 1000; ++i) {
    const Duration next = HealthRecord::nextLook(kStart, kSettings, rng) - kStart;
    earliest = std::min(earliest, next);
    latest = std::max(latest, next);
    const Duration first = HealthRecord::firstLook(kStart, kSettings, rng) - kStart;
    EXPECT_GE(first, 0s);
    EXPECT_LE(first, 10s);
  }
  EXPECT_GE(earliest, 9s);
  EXPECT_LT(earliest, 9100ms);
  EXPECT_LE(latest, 11s);
  EXPECT_GT(latest, 10900ms);
}

// How many checks are made in 100 intervals, if traffic succeeds all the time or not at all.
int checksMade(bool traffic, HealthRecord record = {}) {
  Rng rng(3);
  int made = 0;
  Instant now = kStart;
  for (int look = 0; look < 100; ++look) {
    now = HealthRecord::nextLook(now, kSettings, rng);
    if (traffic) record.onTraffic(now - 1s);
    if (!record.due(now, kSettings)) continue;
    record.observe(now, kSettings, "");
    ++made;
  }
  return made;
}

TEST(Health, TrafficThatSucceedsStretchesTheIntervalFivefold) {
  EXPECT_EQ(checksMade(false), 100);
  EXPECT_NEAR(checksMade(true), 20, 1);
}

TEST(Health, TheFirstCheckIsMadeInAnyCase) {
  HealthRecord record;
  record.onTraffic(kStart);
  EXPECT_TRUE(record.due(kStart, kSettings));
}

TEST(Health, WhenTrafficEndsOrACheckFailsNothingIsStretched) {
  HealthRecord record;
  record.observe(kStart, kSettings, "");
  record.onTraffic(kStart + 9s);
  EXPECT_FALSE(record.due(kStart + 10s, kSettings));
  EXPECT_TRUE(record.due(kStart + 20s, kSettings)) << "the last success is 11 s ago";
  record.observe(kStart + 20s, kSettings, "refused");
  record.onTraffic(kStart + 29s);
  EXPECT_TRUE(record.due(kStart + 30s, kSettings)) << "traffic and checks disagree";
}

}  // namespace
}  // namespace outrigger::policy
