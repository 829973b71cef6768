#include "proxy/policy/ejection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace outrigger::policy {
namespace {

using State = EndpointRecord::State;

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

struct World {
  explicit World(size_t endpoints, const std::optional<EjectSettings>& settings = EjectSettings{}, uint64_t seed = 1)
      : ejection(settings), rng(seed), records(endpoints) {
    for (auto& record : records) all.push_back(&record);
  }

  std::optional<EjectCause> observe(size_t endpoint, Grade grade) {
    AttemptAge age;
    for (const EjectionNews& each : ejection.observe(now, records[endpoint], all, grade, age, rng)) {
      if (each.kind != EjectionNews::Kind::Ejected) continue;
      EXPECT_EQ(each.endpoint, &records[endpoint]);
      return each.cause;
    }
    return std::nullopt;
  }
  void succeed(size_t endpoint, int times) {
    for (int i = 0; i < times; ++i) EXPECT_FALSE(observe(endpoint, Grade::Success));
  }
  /// Fails until it is ejected; how many failures that took, 0 if `most` were not enough.
  int failUntilEjected(size_t endpoint, int most) {
    for (int i = 1; i <= most; ++i) {
      if (observe(endpoint, Grade::Failure)) return i;
    }
    return 0;
  }
  /// To the instant at which the ejected endpoint may come back.
  void comeBack(size_t endpoint) {
    now = records[endpoint].ejectedUntil();
    EXPECT_TRUE(ejection.refresh(now, records[endpoint]));
    EXPECT_EQ(records[endpoint].state(), State::Returning);
  }
  Duration pause(size_t endpoint) const { return records[endpoint].ejectedUntil() - now; }
  size_t out() const {
    return static_cast<size_t>(std::ranges::count(records, State::Ejected, [](const auto& r) { return r.state(); }));
  }

  Ejection ejection;
  Rng rng;
  std::deque<EndpointRecord> records;
  std::vector<EndpointRecord*> all;
  Instant now = at(0s);
};

TEST(Ejection, FiveFailuresInARow) {
  World w(3);
  w.succeed(1, 20);
  EXPECT_EQ(w.failUntilEjected(0, 10), 5);
  EXPECT_EQ(w.records[0].state(), State::Ejected);
  EXPECT_EQ(w.records[0].cause(), EjectCause::Consecutive);
  EXPECT_EQ(w.records[0].ejectedAt(), w.now);
  EXPECT_EQ(w.records[0].ejections(), 1U);
  EXPECT_EQ(w.records[0].share(), 0);
}

TEST(Ejection, ASuccessEndsTheRunAndNeutralChangesNothing) {
  World w(3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(w.failUntilEjected(0, 4), 0);
    w.succeed(0, 1);
  }
  EXPECT_EQ(w.failUntilEjected(0, 4), 0);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(w.observe(0, Grade::Neutral));
  EXPECT_EQ(w.records[0].run(), 4U);
  EXPECT_EQ(w.records[0].counts(w.now).total, 19U);
  EXPECT_EQ(w.failUntilEjected(0, 1), 1);
}

TEST(Ejection, TheMoreTheOthersFailTheLongerTheRun) {
  EXPECT_EQ(Ejection::runNeeded(5, 0), 5U);
  EXPECT_EQ(Ejection::runNeeded(5, 0.5), 21U);
  World w(3);
  for (int i = 0; i < 100; ++i) w.observe(1, i % 2 == 0 ? Grade::Failure : Grade::Success);
  EXPECT_EQ(w.failUntilEjected(0, 30), 21);
}

TEST(Ejection, TheOwnFailuresDoNotLengthenTheRun) {
  World w(2, EjectSettings{.errors = std::nullopt});
  for (int i = 0; i < 100; ++i) w.observe(0, i % 4 == 3 ? Grade::Success : Grade::Failure);
  w.succeed(1, 100);
  EXPECT_EQ(w.records[0].state(), State::Healthy);
  EXPECT_EQ(w.failUntilEjected(0, 30), 5);
}

TEST(Ejection, NeverTheLastOne) {
  World one(1);
  EXPECT_EQ(one.failUntilEjected(0, 100), 0);
  World two(2, EjectSettings{.maxPercent = 100});
  EXPECT_EQ(two.failUntilEjected(0, 5), 5);
  EXPECT_EQ(two.failUntilEjected(1, 3000), 0);
  EXPECT_EQ(two.records[1].state(), State::Healthy);
}

TEST(Ejection, NoMoreThanMaxPercentButOneOfTwoAlways) {
  struct Row {
    size_t endpoints;
    double maxPercent;
    size_t expected;
  };
  for (const Row& row : {Row{2, 0, 1}, Row{2, 50, 1}, Row{3, 50, 1}, Row{4, 50, 2}, Row{10, 30, 3}, Row{10, 5, 1},
                         Row{10, 100, 9}, Row{12, 50, 6}}) {
    World w(row.endpoints, EjectSettings{.maxPercent = row.maxPercent});
    for (size_t i = 0; i < row.endpoints; ++i) {
      for (size_t k = 0; k < row.endpoints; ++k) w.succeed(k, 100);
      w.failUntilEjected(i, 20);
    }
    EXPECT_EQ(w.out(), row.expected) << row.endpoints << " endpoints, " << row.maxPercent << " %";
  }
}

TEST(Ejection, WhatCouldNotGoGoesOnceAPlaceIsFree) {
  World w(4, EjectSettings{.maxPercent = 25});
  EXPECT_EQ(w.failUntilEjected(0, 5), 5);
  w.now += 1s;
  w.succeed(2, 1000);
  EXPECT_EQ(w.failUntilEjected(1, 50), 0);
  w.comeBack(0);
  EXPECT_EQ(w.failUntilEjected(1, 1), 1);
}

TEST(Ejection, EachTimeTwiceAsLongUpToItsMaximum) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    World w(2, EjectSettings{.baseTime = 5s, .maxTime = 30s}, seed);
    EXPECT_EQ(w.failUntilEjected(0, 5), 5);
    for (const Duration whole : {5s, 10s, 20s, 30s, 30s}) {
      EXPECT_LE(w.pause(0), whole);
      EXPECT_GE(w.pause(0), whole * 4 / 5);
      EXPECT_FALSE(w.ejection.refresh(w.records[0].ejectedUntil() - 1ns, w.records[0]));
      w.comeBack(0);
      EXPECT_EQ(w.failUntilEjected(0, 1), 1) << "one failure while returning";
    }
  }
}

TEST(Ejection, ReturnsByARampOfTenToTwentySuccesses) {
  World w(2);
  w.failUntilEjected(0, 5);
  w.comeBack(0);
  EXPECT_DOUBLE_EQ(w.records[0].share(), 0.1);
  int successes = 0;
  for (double before = 0; w.records[0].state() == State::Returning; ++successes) {
    EXPECT_GT(w.records[0].share(), before);
    before = w.records[0].share();
    w.succeed(0, 1);
  }
  EXPECT_EQ(w.records[0].share(), 1);
  EXPECT_GE(successes, 10);
  EXPECT_LE(successes, 20);
  EXPECT_FALSE(w.ejection.refresh(w.now, w.records[0]));
}

TEST(Ejection, WhereItMayNotGoAFailureBeginsTheRampAgain) {
  World w(2);
  w.failUntilEjected(0, 5);
  w.comeBack(0);
  w.now += 10s;
  EXPECT_EQ(w.failUntilEjected(1, 5), 5);
  w.succeed(0, 5);
  EXPECT_FALSE(w.observe(0, Grade::Failure));
  EXPECT_EQ(w.records[0].state(), State::Returning);
  EXPECT_DOUBLE_EQ(w.records[0].share(), 0.1);
}

TEST(Ejection, LateAnswersOfAnEjectedEndpointChangeNothing) {
  World w(6);
  w.failUntilEjected(0, 5);
  const Instant until = w.records[0].ejectedUntil();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(w.observe(0, Grade::Failure));
  w.succeed(0, 20);
  EXPECT_EQ(w.records[0].state(), State::Ejected);
  EXPECT_EQ(w.records[0].ejectedUntil(), until);
  EXPECT_EQ(w.records[0].run(), 0U);
  EXPECT_EQ(w.records[0].ejections(), 1U);
}

TEST(Ejection, CleanTimeShortensTheNextOne) {
  for (const int clean : {0, 1, 2, 3, 9}) {
    World w(2);
    w.failUntilEjected(0, 5);
    for (int k = 1; k < 3; ++k) {
      w.comeBack(0);
      w.failUntilEjected(0, 1);
    }
    w.comeBack(0);  // the next pause would be 5 s · 2^3
    w.succeed(0, 15);
    ASSERT_EQ(w.records[0].state(), State::Healthy);
    w.now += clean * 5s + 1s;
    w.succeed(0, 3);
    w.succeed(1, 100);
    EXPECT_EQ(w.failUntilEjected(0, 5), 5);
    const Duration whole = 5s * (1 << std::max(3 - clean, 0));
    EXPECT_LE(w.pause(0), whole) << clean;
    EXPECT_GE(w.pause(0), whole * 4 / 5) << clean;
  }
}

TEST(Ejection, ABreakerThatOpensUndoesThoseOfTheLastTenSeconds) {
  World w(6, EjectSettings{.baseTime = 60s});
  w.succeed(2, 1000);
  w.failUntilEjected(0, 5);
  w.now += 1ms;
  w.failUntilEjected(1, 5);
  w.now += 10s;
  w.ejection.forgiveRecent(w.now, w.all);
  EXPECT_EQ(w.records[0].state(), State::Ejected);
  EXPECT_EQ(w.records[1].state(), State::Healthy);
  EXPECT_EQ(w.records[1].share(), 1);
  w.now += 20s;
  EXPECT_EQ(w.failUntilEjected(1, 5), 5);
  EXPECT_LE(w.pause(1), 60s) << "it does not count for the next one";
}

TEST(Ejection, OneThatWasReturningReturnsAgainAfterForgiveness) {
  World w(2);
  w.failUntilEjected(0, 5);
  w.comeBack(0);
  w.failUntilEjected(0, 1);
  w.ejection.forgiveRecent(w.now, w.all);
  EXPECT_EQ(w.records[0].state(), State::Returning);
  EXPECT_DOUBLE_EQ(w.records[0].share(), 0.1);
}

TEST(Ejection, KnowsWhenFewerEndpointsLeaveTooManyOut) {
  World w(4);
  w.succeed(0, 100);
  for (const size_t endpoint : {2U, 3U}) EXPECT_GT(w.failUntilEjected(endpoint, 50), 0);
  const std::span<EndpointRecord* const> all(w.all);
  EXPECT_FALSE(w.ejection.tooManyOut(all));
  EXPECT_TRUE(w.ejection.tooManyOut(all.last(3)));
  EXPECT_FALSE(w.ejection.tooManyOut(all.subspan(1, 2)));
  EXPECT_FALSE(w.ejection.tooManyOut(all.first(1)));
  EXPECT_FALSE(w.ejection.tooManyOut({}));
  w.ejection.configure(EjectSettings{.maxPercent = 100});
  EXPECT_FALSE(w.ejection.tooManyOut(all.last(3)));
  EXPECT_TRUE(w.ejection.tooManyOut(all.last(2))) << "never the last one";
}

TEST(Ejection, SwitchedOffItEjectsNothingAndLetsAllBack) {
  World w(2);
  w.failUntilEjected(0, 5);
  w.ejection.configure(std::nullopt);
  EXPECT_TRUE(w.ejection.refresh(w.now, w.records[0]));
  EXPECT_EQ(w.records[0].state(), State::Healthy);
  EXPECT_EQ(w.records[0].share(), 1);
  EXPECT_EQ(w.failUntilEjected(0, 100), 0);
  EXPECT_EQ(w.records[0].counts(w.now).failed, 105U);
}

TEST(Ejection, NoneAsConsecutiveMeansNoRunEjects) {
  World w(2, EjectSettings{.consecutive = std::nullopt});
  EXPECT_EQ(w.failUntilEjected(0, 100), 0);
}

// Any mix of events: always one that may be used, never more out than allowed, shares as the states say.
TEST(Ejection, KeepsItsBoundsWhateverHappens) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Rng dice(seed);
    const size_t endpoints = 1 + dice.below(12);
    const double maxPercent = static_cast<double>(dice.below(101));
    World w(endpoints, EjectSettings{.baseTime = 1s, .maxTime = 8s, .maxPercent = maxPercent}, seed);
    const auto most = std::max<size_t>(endpoints >= 2 ? 1 : 0,
                                       static_cast<size_t>(static_cast<double>(endpoints) * maxPercent / 100));
    const double failing = dice.unit();
    for (int step = 0; step < 300; ++step) {
      w.now += dice.between(0ns, 50ms);
      const size_t which = dice.below(endpoints);
      w.ejection.refresh(w.now, w.records[which]);
      const Grade grade = dice.chance(0.1) ? Grade::Neutral : dice.chance(failing) ? Grade::Failure : Grade::Success;
      const uint32_t before = w.records[which].ejections();
      const bool ejected = w.observe(which, grade).has_value();
      ASSERT_EQ(ejected, w.records[which].ejections() > before);
      if (dice.chance(0.01)) w.ejection.forgiveRecent(w.now, w.all);
      ASSERT_LE(w.out(), most) << "seed " << seed;
      ASSERT_LT(w.out(), endpoints) << "seed " << seed;
      for (const EndpointRecord& record : w.records) {
        ASSERT_EQ(record.share() == 0, record.state() == State::Ejected);
        ASSERT_EQ(record.share() == 1, record.state() == State::Healthy);
      }
    }
  }
}

TEST(Ejection, AHealthyFleetLosesNobody) {
  World w(12);
  Rng dice(7);
  for (int i = 0; i < 10'000; ++i) {
    w.now += 1ms;
    ASSERT_FALSE(w.observe(dice.below(12), dice.chance(0.05) ? Grade::Failure : Grade::Success));
  }
}

}  // namespace
}  // namespace outrigger::policy
