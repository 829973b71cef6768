#include "proxy/policy/deadline.h"

#include <gtest/gtest.h>

namespace outrigger::policy {
namespace {

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

TimeoutSettings withRequest(std::optional<Duration> request) {
  TimeoutSettings settings;
  settings.request = request;
  return settings;
}

TimeoutSettings withAttempt(AutoDuration attempt) {
  TimeoutSettings settings;
  settings.attempt = attempt;
  return settings;
}

TEST(RequestDeadline, TheNearerOneCounts) {
  struct Row {
    std::optional<Duration> own;
    Instant callers;
    Instant expected;
    bool callersIsNearer;
  };
  const Row rows[] = {
      {15s, kNever, at(15s), false},        {15s, at(3s), at(3s), true},   {15s, at(20s), at(15s), false},
      {std::nullopt, at(3s), at(3s), true}, {15s, at(-1s), at(-1s), true}, {std::nullopt, kNever, kNever, false},
      {15s, at(15s), at(15s), false},
  };
  for (const Row& row : rows) {
    const RequestDeadline deadline = requestDeadline(withRequest(row.own), at(0s), row.callers);
    EXPECT_EQ(deadline.at, row.expected);
    EXPECT_EQ(deadline.callers, row.callersIsNearer);
  }
}

TEST(AttemptDeadline, AutoSharesTheTimeLeft) {
  const TimeoutSettings settings = withAttempt(AutoDuration::automatic());
  EXPECT_EQ(attemptDeadline(settings, at(0s), at(15s), 3), at(5s));
  EXPECT_EQ(attemptDeadline(settings, at(5s), at(15s), 2), at(10s));
  EXPECT_EQ(attemptDeadline(settings, at(10s), at(15s), 1), at(15s));
  EXPECT_EQ(attemptDeadline(settings, at(0s), at(15s), 0), at(15s));
  EXPECT_EQ(attemptDeadline(settings, at(0s), kNever, 3), kNever);
  EXPECT_EQ(attemptDeadline(settings, at(16s), at(15s), 2), at(16s));
}

TEST(AttemptDeadline, AFixedOneDoesNotDependOnTheRest) {
  const TimeoutSettings settings = withAttempt(AutoDuration::fixed(500ms));
  EXPECT_EQ(attemptDeadline(settings, at(1s), at(15s), 3), at(1500ms));
  EXPECT_EQ(attemptDeadline(settings, at(1s), at(1100ms), 1), at(1500ms));
  EXPECT_EQ(attemptDeadline(settings, at(1s), kNever, 3), at(1500ms));
}

TEST(AttemptDeadline, NoneIsNever) {
  EXPECT_EQ(attemptDeadline(withAttempt(AutoDuration::none()), at(1s), at(15s), 3), kNever);
}

TEST(AttemptDeadline, TriesThatUseTheirShareFillTheRequestExactly) {
  const TimeoutSettings settings = withAttempt(AutoDuration::automatic());
  for (uint32_t tries = 1; tries <= 11; ++tries) {
    Instant now = at(0s);
    for (uint32_t left = tries; left > 0; --left) {
      const Instant end = attemptDeadline(settings, now, at(7s), left);
      EXPECT_GT(end, now);
      now = end;
    }
    EXPECT_EQ(now, at(7s)) << tries;
  }
}

}  // namespace
}  // namespace outrigger::policy
