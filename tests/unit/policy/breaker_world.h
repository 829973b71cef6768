// A breaker with the time and the random numbers that it is asked with, for its tests.
#pragma once

#include <gtest/gtest.h>

#include "proxy/policy/breaker.h"

namespace outrigger::policy {

struct BreakerWorld {
  explicit BreakerWorld(const BreakerSettings& settings = {}, uint64_t seed = 1) : breaker(settings), rng(seed) {}

  /// One attempt that ends at once. False: refused.
  bool attempt(const BreakerCall& call) {
    const auto ticket = breaker.admit(now);
    if (ticket) breaker.observe(now, *ticket, call, rng);
    return ticket.has_value();
  }
  void succeed(int times, uint32_t endpoint = 0, uint32_t usable = 1) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(attempt({Grade::Success, {}, endpoint, usable}));
  }
  void fail(int times, uint32_t endpoint = 0, uint32_t usable = 1) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(attempt({Grade::Failure, {}, endpoint, usable}));
  }
  /// Answers that are good, after so long.
  void answer(int times, Duration latency) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(attempt({.grade = Grade::Success, .latency = latency}));
  }
  /// Five failures open it; then comes the instant of the first probe.
  void openAndWait() {
    fail(5);
    EXPECT_EQ(breaker.state(), Breaker::State::Open);
    now = breaker.openUntil();
  }
  void closeByProbes() {
    succeed(10);
    EXPECT_EQ(breaker.state(), Breaker::State::Closed);
  }

  Breaker breaker;
  Rng rng;
  Instant now{1000s};
};

}  // namespace outrigger::policy
