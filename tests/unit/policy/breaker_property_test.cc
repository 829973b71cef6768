// What holds of a breaker whatever happens, under settings drawn at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/policy/breaker_world.h"

namespace outrigger::policy {
namespace {

using State = Breaker::State;

BreakerSettings drawSettings(Rng& dice) {
  BreakerSettings settings;
  if (dice.chance(0.3)) settings.consecutive.reset();
  if (settings.consecutive) settings.consecutive = 1 + static_cast<uint32_t>(dice.below(8));
  settings.window = dice.between(1s, 20s);
  settings.minRequests = 1 + static_cast<uint32_t>(dice.below(30));
  if (dice.chance(0.3)) settings.errorPercent.reset();
  if (settings.errorPercent) settings.errorPercent = static_cast<double>(1 + dice.below(100));
  if (dice.chance(0.5)) {
    settings.slowPercent = static_cast<double>(1 + dice.below(100));
    settings.slowCall = dice.between(1ms, 100ms);
  }
  settings.open = dice.between(1ms, 500ms);
  settings.maxOpen = settings.open + dice.between(0ns, 2s);
  return settings;
}

// Attempts at random instants that end at random instants, in any order and way; now and then another worker's news, or
// a reload. What it did is kept as a text.
class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : dice_(seed + 1000), settings_(drawSettings(dice_)), world_(settings_, seed) {}

  std::string run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      world_.now += dice_.between(0ns, 30ms);
      ask();
      while (!out_.empty() && dice_.chance(0.5)) endOne();
      if (dice_.chance(0.01)) hearNews();
      if (dice_.chance(0.01)) reload();
      history_ += "012"[static_cast<size_t>(breaker().state())];
    }
    return history_;
  }

  // Nothing has leaked: once all is handed back, a healthy service closes it.
  void recover() {
    for (const auto& ticket : out_) breaker().handBack(ticket);
    if (breaker().state() == State::Closed) world_.now += 1min;  // its window is empty
    world_.now = std::max(world_.now, breaker().openUntil());    // before a probe that leaked could be overdue
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(world_.attempt({.grade = Grade::Success}));
    ASSERT_EQ(breaker().state(), State::Closed);
  }

 private:
  Breaker& breaker() { return world_.breaker; }

  void ask() {
    const State before = breaker().state();
    const Instant until = breaker().openUntil();
    const auto ticket = breaker().admit(world_.now);
    if (!ticket) {
      ASSERT_NE(before, State::Closed);
      return;
    }
    ASSERT_FALSE(before == State::Open && world_.now < until);
    ASSERT_NE(breaker().state(), State::Open);
    ASSERT_EQ(ticket->round != 0, breaker().state() == State::HalfOpen);
    out_.push_back(*ticket);
  }

  void endOne() {
    std::swap(out_[dice_.below(out_.size())], out_.back());
    const Breaker::Ticket ticket = out_.back();
    out_.pop_back();
    const auto fate = dice_.below(10);
    if (fate == 9) return breaker().handBack(ticket);
    const Grade grade = fate < 4 ? Grade::Failure : fate < 8 ? Grade::Success : Grade::Neutral;
    const State before = breaker().state();
    breaker().observe(world_.now, ticket, {grade, dice_.between(0ns, 200ms), static_cast<uint32_t>(dice_.below(3)), 3},
                      world_.rng);
    if (before == State::Open || breaker().state() != State::Open) return;
    const Duration pause = breaker().openUntil() - world_.now;
    ASSERT_GE(pause, settings_.open * 4 / 5);
    ASSERT_LE(pause, settings_.maxOpen);
  }

  void hearNews() {
    if (dice_.chance(0.5)) return breaker().adoptClosed(world_.now);
    breaker().adoptOpen(world_.now + dice_.between(0ns, 500ms));
  }

  void reload() {
    settings_ = drawSettings(dice_);
    breaker().configure(settings_);
  }

  Rng dice_;
  BreakerSettings settings_;
  BreakerWorld world_;
  std::vector<Breaker::Ticket> out_;
  std::string history_;
};

TEST(BreakerProperty, AdmitsNothingBeforeItsTimeAndLeaksNothing) {
  for (uint64_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRun run(seed);
    const std::string history = run.run(300);
    EXPECT_EQ(history.size(), 300U);
    run.recover();
  }
}

TEST(BreakerProperty, DecidesTheSameForTheSameSeed) {
  size_t opened = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string once = RandomRun(seed).run(300);
    EXPECT_EQ(RandomRun(seed).run(300), once) << "seed " << seed;
    opened += once.find('2') != std::string::npos;
  }
  EXPECT_GE(opened, 15U) << "or it would say little";
}

// While it is Open, and no probe has come home, no more attempts go than the probes of one round for each maxOpen.
TEST(BreakerProperty, AStalledUpstreamIsAskedOnceInMaxOpen) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    BreakerWorld w({}, seed);
    w.openAndWait();
    int probes = 0;
    for (const Instant end = w.now + 60s; w.now < end; w.now += 5ms) probes += w.breaker.admit(w.now).has_value();
    EXPECT_EQ(probes, 30) << "one each 2 s";
  }
}

}  // namespace
}  // namespace outrigger::policy
