#include "proxy/policy/breaker.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/policy/breaker_world.h"

namespace outrigger::policy {
namespace {

using State = Breaker::State;
using World = BreakerWorld;

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

constexpr BreakerSettings kRunOnly{.errorPercent = std::nullopt};
constexpr BreakerSettings kWindowOnly{.consecutive = std::nullopt};

// ---- The rule of runs --------------------------------------------------------------------------------------------

TEST(Breaker, ARunOfFailuresOpensIt) {
  World w;
  w.fail(4);
  EXPECT_EQ(w.breaker.state(), State::Closed);
  w.fail(1);
  EXPECT_EQ(w.breaker.state(), State::Open);
  EXPECT_FALSE(w.breaker.admit(w.now));
}

TEST(Breaker, SaysWhatOpenedIt) {
  using Kind = Breaker::Cause::Kind;
  World run(kRunOnly);
  run.fail(5);
  EXPECT_EQ(run.breaker.cause().kind, Kind::Run);
  EXPECT_EQ(run.breaker.cause().count, 5U);
  run.now = run.breaker.openUntil();
  run.fail(1);
  EXPECT_EQ(run.breaker.cause().kind, Kind::Probe);
  World window(kWindowOnly);
  window.succeed(10);
  window.fail(10);
  EXPECT_EQ(window.breaker.cause().kind, Kind::Window);
  EXPECT_EQ(window.breaker.cause().count, 10U);
  EXPECT_EQ(window.breaker.cause().calls, 20U);
  World follower;
  follower.breaker.adoptOpen(at(1s));
  EXPECT_EQ(follower.breaker.cause().kind, Kind::Sibling);
}

TEST(Breaker, ASuccessEndsTheRun) {
  World w(kRunOnly);
  for (int i = 0; i < 3; ++i) {
    w.fail(4);
    w.succeed(1);
  }
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(Breaker, EndpointsOfAnEarlierRunDoNotCount) {
  World w(kRunOnly);
  w.fail(4, 0, 2);
  w.succeed(1000, 0, 2);
  w.fail(40, 1, 2);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(Breaker, NeutralNeitherFeedsNorEndsTheRun) {
  World w;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(w.attempt({.grade = Grade::Neutral}));
  w.fail(4);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(w.attempt({.grade = Grade::Neutral}));
  EXPECT_EQ(w.breaker.state(), State::Closed);
  w.fail(1);
  EXPECT_EQ(w.breaker.state(), State::Open);
}

TEST(Breaker, TheRunMustComeFromHalfOfTheEndpointsAndFromTwo) {
  struct Row {
    uint32_t usable;
    uint32_t needed;
  };
  for (const Row& row : {Row{2, 2}, Row{3, 2}, Row{4, 2}, Row{5, 3}, Row{10, 5}, Row{11, 6}}) {
    World w(kRunOnly);
    for (uint32_t i = 0; i < 40; ++i) w.fail(1, i % (row.needed - 1), row.usable);
    EXPECT_EQ(w.breaker.state(), State::Closed) << row.usable;
    w.fail(1, row.needed - 1, row.usable);
    EXPECT_EQ(w.breaker.state(), State::Open) << row.usable;
  }
}

TEST(Breaker, AnEjectionDuringTheRunDoesNotMakeTheDeadEndpointTheOnlyOne) {
  World w(kRunOnly);
  w.fail(5, 7, 2);
  w.fail(20, 7, 1);
  EXPECT_EQ(w.breaker.state(), State::Closed);
  w.fail(1, 8, 1);
  EXPECT_EQ(w.breaker.state(), State::Open);
}

TEST(Breaker, TheMoreFailedBeforeTheLongerTheRun) {
  World w(kRunOnly);
  for (int i = 0; i < 100; ++i) {
    w.fail(3);
    w.succeed(7);
  }
  w.fail(11);
  EXPECT_EQ(w.breaker.state(), State::Closed);
  w.fail(1);
  EXPECT_EQ(w.breaker.state(), State::Open);
}

TEST(Breaker, NoneAsConsecutiveMeansNoRunOpensIt) {
  BreakerSettings settings = kWindowOnly;
  settings.minRequests = 1000;
  World w(settings);
  w.fail(999);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

// ---- The rule of the window --------------------------------------------------------------------------------------

TEST(Breaker, HalfOfTwentyInTheWindowOpenIt) {
  World w(kWindowOnly);
  for (int i = 0; i < 9; ++i) {
    w.fail(1);
    w.succeed(1);
  }
  w.fail(1);
  EXPECT_EQ(w.breaker.state(), State::Closed) << "10 of 19, but too few";
  w.succeed(1);
  EXPECT_EQ(w.breaker.state(), State::Open);
}

TEST(Breaker, TheWindowForgets) {
  World w(kWindowOnly);
  w.fail(19);
  w.now += 11s;
  w.succeed(10);
  w.fail(9);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(Breaker, TheThresholdIsExact) {
  for (const int percent : {1, 7, 29, 33, 50, 57, 99, 100}) {
    BreakerSettings settings = kWindowOnly;
    settings.minRequests = 100;
    settings.errorPercent = percent;
    World below(settings);
    below.succeed(100 - percent + 1);
    below.fail(percent - 1);
    EXPECT_EQ(below.breaker.state(), State::Closed) << percent;
    World reached(settings);
    reached.succeed(100 - percent);
    reached.fail(percent);
    EXPECT_EQ(reached.breaker.state(), State::Open) << percent;
  }
}

// ---- Open and HalfOpen -------------------------------------------------------------------------------------------

TEST(Breaker, OpensTwiceAsLongEachTimeUpToItsMaximum) {
  const Duration whole[] = {500ms, 1s, 2s, 2s, 2s};
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World w({}, seed);
    w.fail(5);
    for (const Duration expected : whole) {
      ASSERT_EQ(w.breaker.state(), State::Open);
      const Duration pause = w.breaker.openUntil() - w.now;
      EXPECT_LE(pause, expected);
      EXPECT_GE(pause, expected * 4 / 5);
      EXPECT_FALSE(w.breaker.admit(w.breaker.openUntil() - 1ns));
      w.now = w.breaker.openUntil();
      w.fail(1);
    }
  }
}

TEST(Breaker, TenSecondsClosedMakeItForget) {
  for (const Duration closed : {Duration(9999ms), Duration(10s)}) {
    World w;
    w.openAndWait();
    w.closeByProbes();
    w.now += closed;
    w.fail(5);
    const Duration pause = w.breaker.openUntil() - w.now;
    EXPECT_EQ(pause <= 500ms, closed >= 10s);
  }
}

TEST(Breaker, LetsOneTwoFourProbesThrough) {
  World w;
  w.openAndWait();
  for (const size_t round : {1U, 2U, 4U}) {
    std::vector<Breaker::Ticket> probes;
    while (const auto ticket = w.breaker.admit(w.now)) probes.push_back(*ticket);
    EXPECT_EQ(w.breaker.state(), State::HalfOpen);
    ASSERT_EQ(probes.size(), round);
    for (const auto& probe : probes) {
      EXPECT_NE(probe.round, 0U);
      w.breaker.observe(w.now, probe, {.grade = Grade::Success}, w.rng);
    }
  }
  w.succeed(2);
  EXPECT_EQ(w.breaker.state(), State::HalfOpen) << "nine";
  w.succeed(1);
  EXPECT_EQ(w.breaker.state(), State::Closed) << "ten";
}

TEST(Breaker, EachCleanProbeFreesOnePlaceUntilItsRoundIsClean) {
  World w;
  w.openAndWait();
  w.succeed(1);
  const auto first = w.breaker.admit(w.now);
  ASSERT_TRUE(first && w.breaker.admit(w.now));
  w.breaker.observe(w.now, *first, {.grade = Grade::Success}, w.rng);
  EXPECT_TRUE(w.breaker.admit(w.now));
  EXPECT_FALSE(w.breaker.admit(w.now));
}

TEST(Breaker, ProbesThatAreStillOutWhenItClosesSayNothing) {
  World w;
  w.openAndWait();
  w.succeed(9);
  std::vector<Breaker::Ticket> probes;
  while (const auto ticket = w.breaker.admit(w.now)) probes.push_back(*ticket);
  ASSERT_EQ(probes.size(), 8U);
  w.breaker.observe(w.now, probes[0], {.grade = Grade::Success}, w.rng);
  EXPECT_EQ(w.breaker.state(), State::Closed);
  for (size_t i = 1; i < probes.size(); ++i) w.breaker.observe(w.now, probes[i], {.grade = Grade::Failure}, w.rng);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(Breaker, OneFailedProbeOpensItAgain) {
  for (int clean = 0; clean < 10; ++clean) {
    World w;
    w.openAndWait();
    w.succeed(clean);
    w.fail(1);
    EXPECT_EQ(w.breaker.state(), State::Open);
    EXPECT_GT(w.breaker.openUntil() - w.now, 500ms);
  }
}

TEST(Breaker, AProbeThatNeverRanFreesItsPlace) {
  World w;
  w.openAndWait();
  for (int i = 0; i < 50; ++i) {
    const auto probe = w.breaker.admit(w.now);
    ASSERT_TRUE(probe);
    EXPECT_FALSE(w.breaker.admit(w.now));
    if (i % 2 == 0) {
      w.breaker.handBack(*probe);
    } else {
      w.breaker.observe(w.now, *probe, {.grade = Grade::Neutral}, w.rng);
    }
  }
  EXPECT_EQ(w.breaker.state(), State::HalfOpen);
  w.closeByProbes();
}

TEST(Breaker, AnOverdueProbeHoldsItsPlaceNoLonger) {
  World w(BreakerSettings{.maxOpen = 2s});
  w.openAndWait();
  const auto stalled = w.breaker.admit(w.now);
  ASSERT_TRUE(stalled);
  w.now += 2s - 1ms;
  EXPECT_FALSE(w.breaker.admit(w.now));
  w.now += 1ms;
  EXPECT_TRUE(w.breaker.admit(w.now));
  EXPECT_FALSE(w.breaker.admit(w.now)) << "one at a time";
}

TEST(Breaker, AnOverdueProbeStillCounts) {
  for (const Grade grade : {Grade::Success, Grade::Failure}) {
    World w(BreakerSettings{.maxOpen = 2s});
    w.openAndWait();
    const auto first = w.breaker.admit(w.now);
    w.now += 2s;
    const auto second = w.breaker.admit(w.now);
    ASSERT_TRUE(first && second);
    w.breaker.observe(w.now, *first, {.grade = grade}, w.rng);
    w.breaker.observe(w.now, *second, {.grade = grade}, w.rng);
    if (grade == Grade::Failure) {
      EXPECT_EQ(w.breaker.state(), State::Open);
      continue;
    }
    w.succeed(8);
    EXPECT_EQ(w.breaker.state(), State::Closed) << "ten were clean";
  }
}

TEST(Breaker, AnswersFromAnEarlierPeriodSayNothing) {
  World w;
  const auto old = w.breaker.admit(w.now);
  w.openAndWait();
  w.breaker.observe(w.now, *old, {.grade = Grade::Success}, w.rng);
  EXPECT_EQ(w.breaker.state(), State::Open);
  w.succeed(3);
  for (int i = 0; i < 20; ++i) w.breaker.observe(w.now, *old, {.grade = Grade::Failure}, w.rng);
  EXPECT_EQ(w.breaker.state(), State::HalfOpen);
  w.succeed(7);
  for (int i = 0; i < 20; ++i) w.breaker.observe(w.now, *old, {.grade = Grade::Failure}, w.rng);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(Breaker, ProbesOfAnEarlierPeriodTakeAndFreeNoPlaces) {
  World w;
  w.openAndWait();
  w.succeed(3);
  std::vector<Breaker::Ticket> old;
  while (const auto ticket = w.breaker.admit(w.now)) old.push_back(*ticket);
  ASSERT_EQ(old.size(), 4U);
  w.breaker.observe(w.now, old.back(), {.grade = Grade::Failure}, w.rng);
  w.now = w.breaker.openUntil();
  const auto probe = w.breaker.admit(w.now);
  ASSERT_TRUE(probe);
  w.breaker.handBack(old[0]);
  w.breaker.observe(w.now, old[1], {.grade = Grade::Success}, w.rng);
  w.breaker.observe(w.now, old[2], {.grade = Grade::Neutral}, w.rng);
  EXPECT_FALSE(w.breaker.admit(w.now));
  w.breaker.handBack(*probe);
  EXPECT_TRUE(w.breaker.admit(w.now));
}

TEST(Breaker, AfterClosingTheWindowIsEmpty) {
  World w(kWindowOnly);
  w.fail(20);
  w.now = w.breaker.openUntil();
  w.closeByProbes();
  w.fail(19);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

// ---- What other workers and reloads tell -------------------------------------------------------------------------

TEST(Breaker, AdoptsWhatAnotherWorkerFound) {
  World w;
  const auto old = w.breaker.admit(w.now);
  w.breaker.adoptOpen(w.now + 400ms);
  EXPECT_EQ(w.breaker.state(), State::Open);
  EXPECT_FALSE(w.breaker.admit(w.now + 399ms));
  w.breaker.observe(w.now, *old, {.grade = Grade::Failure}, w.rng);
  EXPECT_EQ(w.breaker.openUntil(), w.now + 400ms);
  w.breaker.adoptOpen(w.now + 300ms);
  EXPECT_EQ(w.breaker.openUntil(), w.now + 400ms);
  w.breaker.adoptClosed(w.now);
  EXPECT_EQ(w.breaker.state(), State::Closed);
  w.fail(5);
  EXPECT_GT(w.breaker.openUntil() - w.now, 500ms) << "the adopted opening counts";
}

TEST(Breaker, WorkersThatOpenTogetherCountOneOpening) {
  World w;
  w.fail(5);
  for (int worker = 0; worker < 8; ++worker) w.breaker.adoptOpen(w.now + 450ms);
  w.now = w.breaker.openUntil();
  w.fail(1);
  EXPECT_LE(w.breaker.openUntil() - w.now, 1s);
}

TEST(Breaker, AdoptingClosedWhileClosedForgetsNothing) {
  World w;
  w.fail(4);
  w.breaker.adoptClosed(w.now);
  w.fail(1);
  EXPECT_EQ(w.breaker.state(), State::Open);
}

TEST(Breaker, NewSettingsKeepStateAndRun) {
  World w;
  w.fail(4);
  w.breaker.configure({.open = 100ms, .maxOpen = 100ms});
  w.fail(1);
  EXPECT_EQ(w.breaker.state(), State::Open);
  EXPECT_LE(w.breaker.openUntil() - w.now, 100ms);
  w.breaker.configure({.window = 5s});
  EXPECT_EQ(w.breaker.state(), State::Open);
}

TEST(Breaker, OnlyANewLengthEmptiesTheWindow) {
  for (const Duration window : {10s, 20s}) {
    World w(kWindowOnly);
    w.fail(19);
    BreakerSettings settings = kWindowOnly;
    settings.window = window;
    w.breaker.configure(settings);
    w.fail(1);
    EXPECT_EQ(w.breaker.state(), window == 10s ? State::Open : State::Closed);
  }
}

}  // namespace
}  // namespace outrigger::policy
