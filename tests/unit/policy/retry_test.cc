#include "proxy/policy/retry.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::policy {
namespace {

using http::Method;

constexpr Method kMethods[] = {Method::Get,     Method::Head,  Method::Post,  Method::Put,     Method::Delete,
                               Method::Options, Method::Trace, Method::Patch, Method::Connect, Method::Other};

bool isIdempotent(Method method) {
  return method == Method::Get || method == Method::Head || method == Method::Put || method == Method::Delete ||
         method == Method::Options || method == Method::Trace;
}

RetrySettings withKey() {
  RetrySettings settings;
  settings.idempotencyKey = "idempotency-key";
  return settings;
}

RetryAnswer decide(const RetrySettings& settings, const AttemptEnd& end, const RetryContext& context,
                   uint64_t seed = 1) {
  Rng rng(seed);
  return decideRetry(settings, end, context, rng);
}

AttemptEnd status(uint16_t code) {
  return {.result = AttemptResult::Status, .status = code};
}
constexpr AttemptEnd kReset{.result = AttemptResult::Reset};
constexpr AttemptEnd kTimeout{.result = AttemptResult::Timeout};
constexpr AttemptEnd kConnect{.result = AttemptResult::Connect, .unsent = true, .connectLevel = true};

// ---- The table of what may be replayed ---------------------------------------------------------------------------

enum class Row { Unsent, Marked, HandedOver, GatewayStatus };

struct Happening {
  const char* name;
  AttemptEnd end;
  Row row;
  RetryCause cause;
};

const Happening kHappenings[] = {
    {"connect failed", kConnect, Row::Unsent, RetryCause::Unsent},
    {"never dispatched", {.result = AttemptResult::Timeout, .unsent = true}, Row::Unsent, RetryCause::Unsent},
    {"no octet handed over", {.result = AttemptResult::Reset, .unsent = true}, Row::Unsent, RetryCause::Unsent},
    {"marked 503",
     {.result = AttemptResult::Status, .status = 503, .markedNotForwarded = true},
     Row::Marked,
     RetryCause::Unsent},
    {"marked 429",
     {.result = AttemptResult::Ok, .status = 429, .markedNotForwarded = true},
     Row::Marked,
     RetryCause::Unsent},
    {"reset", kReset, Row::HandedOver, RetryCause::Reset},
    {"stale connection", {.result = AttemptResult::Reset, .staleConnection = true}, Row::HandedOver, RetryCause::Reset},
    {"timeout", kTimeout, Row::HandedOver, RetryCause::Timeout},
    {"502", status(502), Row::GatewayStatus, RetryCause::Status},
    {"503", status(503), Row::GatewayStatus, RetryCause::Status},
    {"504", status(504), Row::GatewayStatus, RetryCause::Status},
};

bool mayReplay(Row row, Method method, bool key) {
  switch (row) {
    case Row::Unsent:
    case Row::Marked: return true;
    case Row::HandedOver: return isIdempotent(method) || key;
    case Row::GatewayStatus: return isIdempotent(method);
  }
  return false;
}

TEST(Retry, TheWholeReplayTable) {
  for (const Happening& happening : kHappenings) {
    for (const Method method : kMethods) {
      for (const bool keyNamed : {false, true}) {
        for (const bool keySent : {false, true}) {
          const RetryAnswer answer = decide(keyNamed ? withKey() : RetrySettings{}, happening.end,
                                            {.method = method, .hasIdempotencyKey = keySent});
          const auto context = std::string(happening.name) + " " + std::string(http::methodName(method));
          const bool expected = mayReplay(happening.row, method, keyNamed && keySent);
          ASSERT_EQ(answer.plan.has_value(), expected) << context;
          ASSERT_EQ(answer.refused.has_value(), !expected) << context;
          if (expected) {
            EXPECT_EQ(answer.plan->cause, happening.cause) << context;
          } else {
            const bool key = keyNamed && happening.row == Row::HandedOver;
            EXPECT_EQ(*answer.refused, key ? RetryRefusal::Key : RetryRefusal::Method) << context;
          }
        }
      }
    }
  }
}

TEST(Retry, NothingFollowsOnceSomethingWentDownstream) {
  for (const Happening& happening : kHappenings) {
    const auto answer = decide({}, happening.end, {.method = Method::Get, .responseStarted = true});
    EXPECT_FALSE(answer.plan) << happening.name;
    EXPECT_FALSE(answer.refused) << happening.name;
  }
}

TEST(Retry, WhatIsNoFailureOfTheListIsNoQuestion) {
  const AttemptEnd ends[] = {{.result = AttemptResult::Ok, .status = 200},
                             status(500),
                             {.result = AttemptResult::Cancelled},
                             {.result = AttemptResult::Cancelled, .unsent = true},
                             {.result = AttemptResult::Timeout, .callerDeadline = true}};
  for (const AttemptEnd& end : ends) {
    const auto answer = decide({}, end, {.method = Method::Get, .triesMade = 9});
    EXPECT_FALSE(answer.plan);
    EXPECT_FALSE(answer.refused);
  }
}

TEST(Retry, OnlyTheWordsOfWhenCount) {
  for (const Happening& happening : kHappenings) {
    RetrySettings settings;
    settings.when = {.unsent = false, .reset = false, .timeout = false, .statuses = {}};
    auto answer = decide(settings, happening.end, {.method = Method::Get});
    EXPECT_FALSE(answer.plan || answer.refused) << happening.name;
    settings.when.unsent = happening.cause == RetryCause::Unsent;
    settings.when.reset = happening.cause == RetryCause::Reset;
    settings.when.timeout = happening.cause == RetryCause::Timeout;
    if (happening.cause == RetryCause::Status) settings.when.statuses.add(happening.end.status);
    answer = decide(settings, happening.end, {.method = Method::Get});
    EXPECT_TRUE(answer.plan) << happening.name;
  }
}

TEST(Retry, WithoutTheWordUnsentItCountsAsWhatItLooksLike) {
  RetrySettings settings;
  settings.when.unsent = false;
  const AttemptEnd unsentReset{.result = AttemptResult::Reset, .unsent = true};
  EXPECT_EQ(decide(settings, unsentReset, {.method = Method::Get}).plan.value().cause, RetryCause::Reset);
  EXPECT_EQ(decide(settings, unsentReset, {.method = Method::Post}).refused, RetryRefusal::Method);
  const AttemptEnd marked{.result = AttemptResult::Status, .status = 503, .markedNotForwarded = true};
  EXPECT_EQ(decide(settings, marked, {.method = Method::Get}).plan.value().cause, RetryCause::Status);
  EXPECT_EQ(decide(settings, marked, {.method = Method::Post}).refused, RetryRefusal::Method);
  EXPECT_FALSE(decide(settings, kConnect, {.method = Method::Get}).plan);
}

TEST(Retry, AStatusThatOnlyWhenNamesCountsAsWell) {
  RetrySettings settings;
  settings.when.statuses.add(500);
  EXPECT_TRUE(decide(settings, {.result = AttemptResult::Ok, .status = 500}, {.method = Method::Get}).plan);
}

TEST(Retry, MethodsOfTheSettingsCount) {
  RetrySettings settings;
  settings.methods = {Method::Post};
  EXPECT_TRUE(decide(settings, status(503), {.method = Method::Post}).plan);
  EXPECT_EQ(decide(settings, status(503), {.method = Method::Get}).refused, RetryRefusal::Method);
}

// ---- Limits ------------------------------------------------------------------------------------------------------

TEST(Retry, TriesAreLimited) {
  for (uint32_t limit = 0; limit <= 10; ++limit) {
    RetrySettings settings;
    settings.limit = limit;
    for (uint32_t made = 1; made <= 12; ++made) {
      const auto answer = decide(settings, kConnect, {.method = Method::Get, .triesMade = made});
      EXPECT_EQ(answer.plan.has_value(), made <= limit);
      EXPECT_EQ(answer.refused, made > limit ? std::optional(RetryRefusal::Limit) : std::nullopt);
    }
  }
}

TEST(Retry, AResetIsRetriedOncePerExchange) {
  const RetryContext second{.method = Method::Get, .triesMade = 2, .resetsRetried = 1};
  EXPECT_EQ(decide({}, kReset, second).refused, RetryRefusal::Limit);
  EXPECT_TRUE(decide({}, kTimeout, second).plan);
  EXPECT_TRUE(decide({}, kConnect, second).plan);
  EXPECT_TRUE(decide({}, {.result = AttemptResult::Reset, .unsent = true}, second).plan);
}

TEST(Retry, ABodyThatIsNotKeptCannotBeSentAgain) {
  for (const Happening& happening : kHappenings) {
    const auto answer = decide({}, happening.end, {.method = Method::Put, .bodyReplayable = false});
    EXPECT_EQ(answer.refused, RetryRefusal::Body) << happening.name;
  }
}

TEST(Retry, ABelievedNoStopsAll) {
  for (const Happening& happening : kHappenings) {
    AttemptEnd end = happening.end;
    end.markedNoRetry = true;
    const auto answer = decide({}, end, {.method = Method::Get});
    EXPECT_EQ(answer.refused, RetryRefusal::Pushback) << happening.name;
  }
}

TEST(Retry, TheFirstGroundCounts) {
  RetryContext context{
      .method = Method::Post, .bodyReplayable = false, .triesMade = 3, .timeLeft = 1ms, .retryAfter = 1s};
  AttemptEnd forbidden = status(503);
  forbidden.markedNoRetry = true;
  EXPECT_EQ(decide({}, forbidden, context).refused, RetryRefusal::Limit);
  context.triesMade = 1;
  EXPECT_EQ(decide({}, forbidden, context).refused, RetryRefusal::Pushback);
  EXPECT_EQ(decide({}, status(503), context).refused, RetryRefusal::Method);
  context.method = Method::Get;
  EXPECT_EQ(decide({}, status(503), context).refused, RetryRefusal::Body);
  context.bodyReplayable = true;
  EXPECT_EQ(decide({}, status(503), context).refused, RetryRefusal::Pushback);
  context.retryAfter.reset();
  EXPECT_EQ(decide({}, status(503), context).refused, RetryRefusal::Deadline);
}

// ---- Delay, time left, cost --------------------------------------------------------------------------------------

TEST(Retry, TheFirstUnsentOneGoesElsewhereAtOnce) {
  const auto delay = [](const AttemptEnd& end, const RetryContext& context) {
    return decide({}, end, context).plan.value().delay;
  };
  EXPECT_EQ(delay(kConnect, {.method = Method::Get}), 0ms);
  EXPECT_GE(delay(kConnect, {.method = Method::Get, .otherEndpoint = false}), 25ms);
  EXPECT_GE(delay(kConnect, {.method = Method::Get, .triesMade = 2}), 25ms);
  EXPECT_GE(delay(kReset, {.method = Method::Get}), 25ms);
  EXPECT_LE(delay(kReset, {.method = Method::Get}), 75ms);
  EXPECT_LE(delay(kReset, {.method = Method::Get, .triesMade = 2, .previousBackoff = 100ms}), 300ms);
}

TEST(Retry, RetryAfterWinsOverOurBackoff) {
  for (const Duration asked : {Duration(0ms), Duration(1ms), Duration(3s)}) {
    const RetryContext context{.method = Method::Get, .timeLeft = 10s, .retryAfter = asked};
    EXPECT_EQ(decide({}, status(503), context).plan.value().delay, asked);
    const AttemptEnd marked{.result = AttemptResult::Status, .status = 503, .markedNotForwarded = true};
    EXPECT_EQ(decide({}, marked, context).plan.value().delay, asked);
  }
}

TEST(Retry, RetryAfterBeyondTheTimeLeftIsPushback) {
  EXPECT_EQ(decide({}, status(503), {.method = Method::Get, .timeLeft = 3s, .retryAfter = 3s}).refused,
            RetryRefusal::Pushback);
  EXPECT_EQ(decide({}, status(503), {.method = Method::Get, .timeLeft = 3s, .retryAfter = kLongestSetting}).refused,
            RetryRefusal::Pushback);
  EXPECT_TRUE(decide({}, status(503), {.method = Method::Get, .retryAfter = kLongestSetting}).plan);
}

TEST(Retry, WhatCannotFitIntoTheTimeLeftIsNotTried) {
  const RetryContext fits{.method = Method::Get, .timeLeft = 51ms, .median = 100ms};
  EXPECT_EQ(decide({}, kConnect, fits).plan.value().delay, 0ms);
  RetryContext tight = fits;
  tight.timeLeft = 50ms;
  EXPECT_EQ(decide({}, kConnect, tight).refused, RetryRefusal::Deadline);
  for (const Duration left : {Duration(0ms), Duration(-1s), Duration(20ms)}) {
    EXPECT_EQ(decide({}, kReset, {.method = Method::Get, .timeLeft = left}).refused, RetryRefusal::Deadline);
  }
  EXPECT_EQ(decide({}, kConnect, {.method = Method::Get, .timeLeft = 0ms}).refused, RetryRefusal::Deadline);
}

TEST(Retry, OnlyAConnectLevelUnsentOneIsFree) {
  for (const Happening& happening : kHappenings) {
    const auto answer = decide({}, happening.end, {.method = Method::Get});
    EXPECT_EQ(answer.plan.value().cost, happening.end.connectLevel ? 0 : 1) << happening.name;
  }
}

TEST(Retry, WhereNoConnectionWasMadeNothingWasSent) {
  const auto answer = decide({}, {.result = AttemptResult::Connect}, {.method = Method::Post});
  EXPECT_EQ(answer.plan.value().cause, RetryCause::Unsent);
  EXPECT_EQ(answer.plan->cost, 0);
}

TEST(Retry, DecidesTheSameForTheSameSeed) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const RetryContext context{.method = Method::Get, .triesMade = 2, .previousBackoff = 200ms};
    EXPECT_EQ(decide({}, kReset, context, seed).plan.value().delay,
              decide({}, kReset, context, seed).plan.value().delay);
  }
}

// ---- What `attempt: auto` asks -----------------------------------------------------------------------------------

TEST(TimeoutCouldBeRetried, AgreesWithTheDecisionOnATimeout) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Rng dice(seed);
    RetrySettings settings = dice.chance(0.5) ? withKey() : RetrySettings{};
    settings.limit = static_cast<uint32_t>(dice.below(4));
    settings.when.timeout = dice.chance(0.8);
    const RetryContext context{.method = kMethods[dice.below(std::size(kMethods))],
                               .hasIdempotencyKey = dice.chance(0.5),
                               .bodyReplayable = dice.chance(0.8),
                               .responseStarted = dice.chance(0.1),
                               .triesMade = 1 + static_cast<uint32_t>(dice.below(4)),
                               .resetsRetried = static_cast<uint32_t>(dice.below(2)),
                               .timeLeft = dice.chance(0.2) ? dice.between(0ms, 25ms) : dice.between(80ms, 10s),
                               .median = dice.between(0ms, 10ms)};
    EXPECT_EQ(timeoutCouldBeRetried(settings, context), decide(settings, kTimeout, context, seed).plan.has_value())
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace outrigger::policy
