// The breaker and slow calls: what opens it, and what probes must show then.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/policy/breaker_world.h"

namespace outrigger::policy {
namespace {

using State = Breaker::State;
using Kind = BreakerCause::Kind;
using World = BreakerWorld;

constexpr BreakerSettings kSlowOnly{
    .consecutive = std::nullopt, .errorPercent = std::nullopt, .slowPercent = 60, .slowCall = 300ms};

TEST(BreakerSlow, SixtyPercentOfTwentyOpenIt) {
  World w(kSlowOnly);
  w.answer(8, 300ms);
  w.answer(11, 301ms);
  EXPECT_EQ(w.breaker.state(), State::Closed) << "11 of 19, and too few";
  w.answer(1, 10s);
  ASSERT_EQ(w.breaker.state(), State::Open);
  EXPECT_EQ(w.breaker.cause().kind, Kind::Slow);
  EXPECT_EQ(w.breaker.cause().count, 12U);
  EXPECT_EQ(w.breaker.cause().calls, 20U);
  EXPECT_EQ(w.breaker.cause().slowCall, 300ms);
}

TEST(BreakerSlow, SlowerIsWhatTookLongerThanTheBar) {
  World w(kSlowOnly);
  w.answer(100, 300ms);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(BreakerSlow, TheShareIsExact) {
  for (const int percent : {1, 33, 60, 99, 100}) {
    for (const int slow : {percent - 1, percent}) {
      BreakerSettings settings = kSlowOnly;
      settings.slowPercent = percent;
      settings.minRequests = 100;
      World w(settings);
      w.answer(100 - slow, 1ms);
      w.answer(slow, 1s);
      EXPECT_EQ(w.breaker.state(), slow == percent ? State::Open : State::Closed) << percent;
    }
  }
}

TEST(BreakerSlow, WithoutTheSettingNothingIsSlow) {
  World w;
  w.answer(1000, 1h);
  EXPECT_EQ(w.breaker.state(), State::Closed);
  w.openAndWait();
  w.answer(10, 1h);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

// A timeout is slow where it fired after the bar, and says so too where failures do not count.
TEST(BreakerSlow, FailuresAfterTheBarAreSlowToo) {
  World w(kSlowOnly);
  for (int i = 0; i < 20; ++i) w.attempt({.grade = Grade::Failure, .latency = 301ms});
  EXPECT_EQ(w.breaker.state(), State::Open);
  World quick(kSlowOnly);
  for (int i = 0; i < 20; ++i) quick.attempt({.grade = Grade::Failure, .latency = 300ms});
  EXPECT_EQ(quick.breaker.state(), State::Closed);
}

TEST(BreakerSlow, NeutralOnesAreNotCounted) {
  World w(kSlowOnly);
  for (int i = 0; i < 100; ++i) w.attempt({.grade = Grade::Neutral, .latency = 1s});
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(BreakerSlow, TheWindowForgetsThem) {
  World w(kSlowOnly);
  w.answer(19, 1s);
  w.now += 11s;
  w.answer(19, 1ms);
  w.answer(1, 1s);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(BreakerSlow, ANewBarBeginsANewWindow) {
  for (const Duration bar : {300ms, 400ms}) {
    World w(kSlowOnly);
    w.answer(19, 500ms);
    BreakerSettings settings = kSlowOnly;
    settings.slowCall = bar;
    w.breaker.configure(settings);
    w.answer(1, 500ms);
    EXPECT_EQ(w.breaker.state(), bar == 300ms ? State::Open : State::Closed);
  }
}

TEST(BreakerSlow, ASlowFirstProbeOpensItAgain) {
  World w(kSlowOnly);
  w.answer(20, 1s);
  w.now = w.breaker.openUntil();
  w.answer(1, 1s);
  EXPECT_EQ(w.breaker.state(), State::Open);
  EXPECT_EQ(w.breaker.cause().kind, Kind::SlowProbe);
  EXPECT_GT(w.breaker.openUntil() - w.now, 500ms);
}

// Some calls are slow on good days as well: it needs ten quick ones, not ten in a row.
TEST(BreakerSlow, AFewSlowProbesOnlyDelayItsClosing) {
  World w(kSlowOnly);
  w.answer(20, 1s);
  w.now = w.breaker.openUntil();
  w.answer(4, 1ms);
  w.answer(5, 1s);
  w.answer(5, 1ms);
  EXPECT_EQ(w.breaker.state(), State::HalfOpen) << "nine were quick";
  w.answer(1, 1ms);
  EXPECT_EQ(w.breaker.state(), State::Closed);
}

TEST(BreakerSlow, SlowProbesOpenItAtTheSameShare) {
  World w(kSlowOnly);
  w.answer(20, 1s);
  w.now = w.breaker.openUntil();
  w.answer(4, 1ms);
  w.answer(5, 1s);
  EXPECT_EQ(w.breaker.state(), State::HalfOpen) << "5 of 9";
  w.answer(1, 1s);
  EXPECT_EQ(w.breaker.state(), State::Open) << "6 of 10";
  EXPECT_EQ(w.breaker.cause().count, 6U);
  EXPECT_EQ(w.breaker.cause().calls, 10U);
}

TEST(BreakerSlow, ASlowProbeFreesItsPlaceAndEarnsNone) {
  World w(kSlowOnly);
  w.answer(20, 1s);
  w.now = w.breaker.openUntil();
  w.answer(1, 1ms);
  w.answer(1, 1s);
  std::vector<Breaker::Ticket> probes;
  while (const auto ticket = w.breaker.admit(w.now)) probes.push_back(*ticket);
  EXPECT_EQ(probes.size(), 2U) << "as after one clean one";
}

}  // namespace
}  // namespace outrigger::policy
