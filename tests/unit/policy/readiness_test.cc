#include "proxy/policy/readiness.h"

#include <gtest/gtest.h>

namespace outrigger::policy {
namespace {

constexpr Instant kStart{1000s};
constexpr HealthSettings kSettings{.host = {}, .unhealthy = 2, .healthy = 1};
constexpr std::optional<Duration> kSlow = 10s;

// As its owner asks.
double shareAt(Readiness& readiness, Instant now, std::optional<Duration> slowStart = kSlow) {
  readiness.refresh(now, slowStart);
  return readiness.share(now, slowStart);
}

TEST(Readiness, AFreshOneIsReady) {
  Readiness readiness;
  EXPECT_EQ(shareAt(readiness, kStart), 1);
  EXPECT_EQ(readiness.nextChange(kStart, kSlow), kNever);
}

TEST(Readiness, AnUnhealthyOneGetsNothingAndWarmsUpAgain) {
  Readiness readiness;
  EXPECT_EQ(readiness.observe(kStart, kSettings, "x"), std::nullopt);
  EXPECT_EQ(readiness.observe(kStart, kSettings, "x"), ReadinessNews::Unhealthy);
  EXPECT_EQ(shareAt(readiness, kStart), 0);
  EXPECT_EQ(readiness.observe(kStart + 1s, kSettings, ""), ReadinessNews::Healthy);
  EXPECT_NEAR(shareAt(readiness, kStart + 1s), 0.1, 1e-9);
  EXPECT_TRUE(readiness.warming());
  EXPECT_NEAR(shareAt(readiness, kStart + 6s), 0.55, 1e-9);
  EXPECT_EQ(shareAt(readiness, kStart + 11s), 1);
  EXPECT_FALSE(readiness.warming());
}

TEST(Readiness, WithoutSlowStartItIsBackAtOnce) {
  Readiness readiness;
  readiness.adopt(kStart, true);
  EXPECT_EQ(shareAt(readiness, kStart, std::nullopt), 0);
  readiness.adopt(kStart + 1s, false);
  EXPECT_EQ(shareAt(readiness, kStart + 1s, std::nullopt), 1);
}

TEST(Readiness, WhileItWarmsUpItAsksToBeLookedAtOftenEnough) {
  Readiness readiness;
  readiness.warmUp(kStart);
  double before = 0;
  int looks = 0;
  for (Instant now = kStart; now != kNever; now = readiness.nextChange(now, kSlow)) {
    const double share = shareAt(readiness, now);
    EXPECT_GT(share, before);
    EXPECT_LT(share - before, 0.11);
    before = share;
    ++looks;
  }
  EXPECT_EQ(before, 1);
  EXPECT_NEAR(looks, 50, 2);
}

TEST(Readiness, ADrainingOneIsOutUntilItsTimeIsOver) {
  Readiness readiness;
  EXPECT_TRUE(readiness.drain(kStart + 5s));
  EXPECT_FALSE(readiness.drain(kStart + 6s)) << "no news, but longer";
  EXPECT_EQ(shareAt(readiness, kStart + 5s), 0);
  EXPECT_EQ(readiness.nextChange(kStart + 5s, kSlow), kStart + 6s);
  EXPECT_NEAR(shareAt(readiness, kStart + 6s), 0.1, 1e-9);
}

TEST(Readiness, APassedCheckEndsADrain) {
  Readiness readiness;
  readiness.drain(kStart + 1h);
  readiness.observe(kStart, kSettings, "x");
  EXPECT_TRUE(readiness.draining());
  readiness.observe(kStart + 1s, kSettings, "");
  EXPECT_FALSE(readiness.draining());
  EXPECT_NEAR(shareAt(readiness, kStart + 1s), 0.1, 1e-9);
}

TEST(Readiness, OneThatNobodyChecksAnyMoreIsReady) {
  Readiness readiness;
  readiness.adopt(kStart, true);
  readiness.forgetChecks(kStart);
  EXPECT_FALSE(readiness.out());
}

}  // namespace
}  // namespace outrigger::policy
