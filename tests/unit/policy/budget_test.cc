#include "proxy/policy/budget.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

int spendAll(Budget& budget, Instant now) {
  int spent = 0;
  while (budget.spend(now)) ++spent;
  return spent;
}

TEST(Budget, StartsFull) {
  Budget automatic({.percent = 10, .minPerSecond = 1, .burst = std::nullopt}, at(0s));
  EXPECT_EQ(spendAll(automatic, at(0s)), 10);
  Budget fixed({.percent = 10, .minPerSecond = 1, .burst = 25}, at(0s));
  EXPECT_EQ(spendAll(fixed, at(0s)), 25);
  Budget none({.percent = 10, .minPerSecond = 1, .burst = 0}, at(0s));
  EXPECT_EQ(spendAll(none, at(0s)), 0);
}

TEST(Budget, TenSuccessesAtTenPercentEarnExactlyOneRetry) {
  Budget budget({.percent = 10, .minPerSecond = 0, .burst = std::nullopt}, at(0s));
  spendAll(budget, at(0s));
  for (int i = 0; i < 9; ++i) budget.onSuccess(at(0s));
  EXPECT_FALSE(budget.spend(at(0s)));
  budget.onSuccess(at(0s));
  EXPECT_TRUE(budget.spend(at(0s)));
  EXPECT_FALSE(budget.spend(at(0s)));
}

TEST(Budget, TricklesByTheSecondInStepsOfAnySize) {
  Budget budget({.percent = 0, .minPerSecond = 2, .burst = std::nullopt}, at(0s));
  spendAll(budget, at(0s));
  for (int us = 1; us < 500'000; us += 997) EXPECT_FALSE(budget.spend(at(us * 1us)));
  EXPECT_TRUE(budget.spend(at(500ms)));
  EXPECT_EQ(spendAll(budget, at(3s)), 5);
  EXPECT_EQ(spendAll(budget, at(1h)), 10);
}

TEST(Budget, TheAutomaticCapFollowsTheLastSecondsSuccesses) {
  Budget budget({.percent = 20, .minPerSecond = 0, .burst = std::nullopt}, at(0s));
  for (int i = 0; i < 1000; ++i) budget.onSuccess(at(i * 1ms));
  EXPECT_EQ(budget.cap(at(999ms)), 10);
  EXPECT_EQ(budget.cap(at(1s)), 200);
  EXPECT_EQ(budget.tokens(at(1s)), 10);
  for (int i = 0; i < 1000; ++i) budget.onSuccess(at(1s + i * 1ms));
  EXPECT_EQ(budget.tokens(at(1999ms)), 200);
  EXPECT_EQ(budget.cap(at(2s)), 200);
  EXPECT_EQ(budget.cap(at(3s)), 10) << "a second without a success";
  EXPECT_EQ(budget.tokens(at(3s)), 10);
}

TEST(Budget, AFreeRetryPassesAnEmptyBucket) {
  Budget budget({.percent = 0, .minPerSecond = 0, .burst = 0}, at(0s));
  EXPECT_TRUE(budget.canSpend(at(0s), 0));
  EXPECT_TRUE(budget.spend(at(0s), 0));
  EXPECT_FALSE(budget.canSpend(at(0s)));
}

TEST(Budget, NewSettingsKeepWhatWasEarnedUpToTheNewCap) {
  Budget budget({.percent = 0, .minPerSecond = 0, .burst = 100}, at(0s));
  for (int i = 0; i < 60; ++i) budget.spend(at(0s));
  budget.configure({.percent = 0, .minPerSecond = 0, .burst = 50}, at(0s));
  EXPECT_EQ(budget.tokens(at(0s)), 40);
  budget.configure({.percent = 0, .minPerSecond = 0, .burst = 30}, at(0s));
  EXPECT_EQ(budget.tokens(at(0s)), 30);
  budget.configure({.percent = 0, .minPerSecond = 0, .burst = 100}, at(0s));
  EXPECT_EQ(budget.tokens(at(0s)), 30);
}

TEST(Budget, TimeThatStepsBackEarnsNothing) {
  Budget budget({.percent = 0, .minPerSecond = 1, .burst = std::nullopt}, at(10s));
  spendAll(budget, at(10s));
  EXPECT_FALSE(budget.spend(at(5s)));
  EXPECT_FALSE(budget.spend(at(10s)));
  EXPECT_TRUE(budget.spend(at(11s)));
}

// In any stretch of time no more is spent than the largest cap in it and what was earned in it.
TEST(Budget, NeverSpendsMoreThanTheCapAndWhatWasEarned) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Rng rng(seed);
    const BudgetSettings settings{.percent = rng.unit() * 30,
                                  .minPerSecond = static_cast<double>(rng.below(5)),
                                  .burst = rng.chance(0.5) ? std::optional<uint32_t>(rng.below(40)) : std::nullopt};
    Budget budget(settings, at(0s));
    struct Moment {
      Instant at;
      double spent;
      double earned;
      double cap;
    };
    std::vector<Moment> history;
    Instant now = at(0s);
    for (int step = 0; step < 120; ++step) {
      now += rng.between(0ns, rng.chance(0.05) ? 5s : 100ms);
      const bool success = rng.chance(0.6);
      const double cap = budget.cap(now);
      if (success) budget.onSuccess(now);
      const bool can = budget.canSpend(now);
      const bool spent = !success && budget.spend(now);
      ASSERT_TRUE(success || can == spent);
      ASSERT_LE(budget.tokens(now), budget.cap(now));
      ASSERT_GE(budget.tokens(now), 0);
      history.push_back({now, spent ? 1.0 : 0.0, success ? settings.percent / 100 : 0.0, cap});
    }
    for (size_t from = 0; from < history.size(); ++from) {
      double spent = 0;
      double earned = 0;
      for (size_t to = from; to < history.size(); ++to) {
        spent += history[to].spent;
        earned += history[to].earned;
        const double trickled = settings.minPerSecond * seconds(history[to].at - history[from].at);
        ASSERT_LE(spent, history[from].cap + earned + trickled + 1e-6) << "seed " << seed;
      }
    }
  }
}

TEST(Budget, CanSpendSaysWhatSpendDoes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    Budget budget({.percent = 10, .minPerSecond = 3, .burst = 4}, at(0s));
    Instant now = at(0s);
    for (int step = 0; step < 200; ++step) {
      now += rng.between(0ns, 1s);
      const double cost = rng.chance(0.3) ? 0 : 1;
      const bool can = budget.canSpend(now, cost);
      ASSERT_EQ(budget.spend(now, cost), can);
    }
  }
}

}  // namespace
}  // namespace outrigger::policy
