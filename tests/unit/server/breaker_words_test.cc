#include "proxy/server/breaker_words.h"

#include <gtest/gtest.h>

namespace outrigger::server {
namespace {

using policy::Breaker;
using policy::Grade;
using State = Breaker::State;

struct Told {
  Breaker breaker;
  Rng rng{1};
  Instant now{1000s};

  explicit Told(const policy::BreakerSettings& settings = {}) : breaker(settings) {}
  void call(const policy::BreakerCall& call, int times = 1) {
    for (int i = 0; i < times; ++i) breaker.observe(now, breaker.admit(now).value(), call, rng);
  }
  /// Less the milliseconds that a random number decides.
  std::string text(State from, Bytes route = {}, bool onlyWould = false) const {
    const std::string all = inWords("pay", {breaker, from, route, onlyWould}, now);
    return all.substr(0, all.find(" for 4"));
  }
};

TEST(BreakerWords, SayWhatOpenedIt) {
  Told run;
  run.call({.grade = Grade::Failure}, 5);
  EXPECT_EQ(run.text(State::Closed), "breaker of pay: closed -> open: 5 failures in a row, refuses");
  run.now = run.breaker.openUntil();
  run.call({.grade = Grade::Failure});
  EXPECT_TRUE(run.text(State::HalfOpen).starts_with("breaker of pay: half-open -> open: a probe failed, refuses"));

  Told window({.consecutive = std::nullopt});
  window.call({.grade = Grade::Success}, 8);
  window.call({.grade = Grade::Failure}, 12);
  EXPECT_EQ(window.text(State::Closed), "breaker of pay: closed -> open: 12 of 20 attempts failed, refuses");

  Told sibling;
  sibling.breaker.adoptOpen(sibling.now + 450ms);
  EXPECT_EQ(sibling.text(State::Closed), "breaker of pay: closed -> open: another worker's has opened, refuses");
}

TEST(BreakerWords, SayWhatWasSlow) {
  Told slow({.consecutive = std::nullopt, .errorPercent = std::nullopt, .slowPercent = 60, .slowCall = 300ms});
  slow.call({.grade = Grade::Success, .latency = 1ms}, 8);
  slow.call({.grade = Grade::Success, .latency = 1s}, 12);
  EXPECT_EQ(slow.text(State::Closed),
            "breaker of pay: closed -> open: 12 of 20 calls took longer than 300 ms, refuses");
  slow.now = slow.breaker.openUntil();
  slow.call({.grade = Grade::Success, .latency = 1s});
  EXPECT_TRUE(slow.text(State::HalfOpen)
                  .starts_with("breaker of pay: half-open -> open: 1 of 1 probes took longer than 300 ms, refuses"));
}

TEST(BreakerWords, NameTheRoute) {
  const Told closed;
  EXPECT_EQ(closed.text(State::HalfOpen, "create"), "breaker of pay for route create: half-open -> closed");
}

TEST(BreakerWords, SayWouldWhereItIsOnlyObserved) {
  Told run;
  run.call({.grade = Grade::Failure}, 5);
  EXPECT_EQ(run.text(State::Closed, {}, true),
            "breaker of pay would go closed -> open: 5 failures in a row, would refuse");
}

}  // namespace
}  // namespace outrigger::server
