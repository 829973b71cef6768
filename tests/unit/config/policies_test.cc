// Inheritance: `override` over `policy` over `extends` (else the user's `default`) over built-in.
#include <gtest/gtest.h>

#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

std::shared_ptr<const Model> model(const std::string& yaml, const std::string& warnings = "") {
  const LoadResult result = loadText("version: 1\n" + yaml);
  EXPECT_EQ(brief(result.diagnostics), warnings) << yaml;
  return result.model == nullptr ? std::make_shared<const Model>() : result.model;
}

// The settings of an upstream `u` with the policy `p`, given `policies`.
policy::PolicySettings settings(const std::string& policies, const std::string& name = "p") {
  const auto m =
      model("policies: {" + policies + "}\nupstreams: {u: {endpoints: [\"10.0.0.1:80\"], policy: " + name + "}}\n");
  return m->upstreams.empty() ? policy::PolicySettings{} : m->upstreams[0].settings;
}

void expectEqual(const policy::PolicySettings& a, const policy::PolicySettings& b) {
  EXPECT_EQ(a.timeout.request, b.timeout.request);
  EXPECT_EQ(a.timeout.attempt, b.timeout.attempt);
  EXPECT_EQ(a.timeout.connect, b.timeout.connect);
  EXPECT_EQ(a.timeout.idle, b.timeout.idle);
  EXPECT_EQ(a.timeout.body, b.timeout.body);
  EXPECT_EQ(a.retry.limit, b.retry.limit);
  EXPECT_EQ(a.retry.when, b.retry.when);
  EXPECT_EQ(a.retry.methods, b.retry.methods);
  EXPECT_EQ(a.retry.idempotencyKey, b.retry.idempotencyKey);
  EXPECT_EQ(a.retry.backoff.base, b.retry.backoff.base);
  EXPECT_EQ(a.retry.backoff.max, b.retry.backoff.max);
  EXPECT_EQ(a.retry.budget.percent, b.retry.budget.percent);
  EXPECT_EQ(a.retry.budget.minPerSecond, b.retry.budget.minPerSecond);
  EXPECT_EQ(a.retry.budget.burst, b.retry.budget.burst);
  EXPECT_EQ(a.retry.bufferBody, b.retry.bufferBody);
  EXPECT_EQ(a.hedge.percent, b.hedge.percent);
  EXPECT_EQ(a.mode, b.mode);
  EXPECT_EQ(a.failures, b.failures);
  ASSERT_EQ(a.breaker.has_value(), b.breaker.has_value());
  if (a.breaker) {
    EXPECT_EQ(a.breaker->consecutive, b.breaker->consecutive);
    EXPECT_EQ(a.breaker->window, b.breaker->window);
    EXPECT_EQ(a.breaker->minRequests, b.breaker->minRequests);
    EXPECT_EQ(a.breaker->errorPercent, b.breaker->errorPercent);
    EXPECT_EQ(a.breaker->slowPercent, b.breaker->slowPercent);
    EXPECT_EQ(a.breaker->slowCall, b.breaker->slowCall);
    EXPECT_EQ(a.breaker->per, b.breaker->per);
    EXPECT_EQ(a.breaker->open, b.breaker->open);
    EXPECT_EQ(a.breaker->maxOpen, b.breaker->maxOpen);
  }
  ASSERT_EQ(a.eject.has_value(), b.eject.has_value());
  if (a.eject) {
    EXPECT_EQ(a.eject->consecutive, b.eject->consecutive);
    ASSERT_EQ(a.eject->errors.has_value(), b.eject->errors.has_value());
    if (a.eject->errors) {
      EXPECT_EQ(a.eject->errors->window, b.eject->errors->window);
      EXPECT_EQ(a.eject->errors->gapPercent, b.eject->errors->gapPercent);
    }
    ASSERT_EQ(a.eject->latency.has_value(), b.eject->latency.has_value());
    if (a.eject->latency) {
      EXPECT_EQ(a.eject->latency->barPercent, b.eject->latency->barPercent);
    }
    EXPECT_EQ(a.eject->baseTime, b.eject->baseTime);
    EXPECT_EQ(a.eject->maxTime, b.eject->maxTime);
    EXPECT_EQ(a.eject->maxPercent, b.eject->maxPercent);
  }
  EXPECT_EQ(a.limits.connections, b.limits.connections);
  EXPECT_EQ(a.limits.requests, b.limits.requests);
  EXPECT_EQ(a.limits.pending, b.limits.pending);
  EXPECT_EQ(a.limits.pendingTimeout, b.limits.pendingTimeout);
  EXPECT_EQ(a.limits.idle, b.limits.idle);
  EXPECT_EQ(a.limits.maxAge, b.limits.maxAge);
}

TEST(Policies, TheBuiltInDefaultsAreThoseOfTheSettings) {
  expectEqual(settings("", "default"), policy::PolicySettings{});
}

TEST(Policies, TheBuiltInInboundPolicy) {
  policy::PolicySettings expected;
  expected.timeout.request = std::nullopt;
  expected.retry.when = {.unsent = true, .reset = false, .timeout = false, .statuses = {}};
  expected.breaker = std::nullopt;
  expected.eject = std::nullopt;
  expected.limits.requests = 1024;
  expected.limits.pending = 1024;
  expected.limits.pendingTimeout = 100ms;
  const auto m = model("app: {port: 8080}\n");
  ASSERT_TRUE(m->app);
  EXPECT_EQ(m->app->policy, "inbound");
  expectEqual(m->app->settings, expected);
}

TEST(Policies, MapsMergeKeyByKeyAndListsReplaceWhole) {
  const auto s = settings("p: {retry: {limit: 1, when: [reset], backoff: {base: 5ms}}, timeout: {idle: none}}");
  policy::PolicySettings expected;
  expected.retry.limit = 1;
  expected.retry.when = {.unsent = false, .reset = true, .timeout = false, .statuses = {}};
  expected.retry.backoff.base = 5ms;
  expected.timeout.idle = std::nullopt;
  expectEqual(s, expected);
}

TEST(Policies, APolicyStandsOnTheUsersDefault) {
  const auto s = settings("default: {retry: {limit: 5, bufferBody: 1KiB}}, p: {retry: {limit: 1}}");
  EXPECT_EQ(s.retry.limit, 1U);
  EXPECT_EQ(s.retry.bufferBody, 1024U);
}

TEST(Policies, OrOnTheOneThatItExtends) {
  const auto s = settings(
      "p: {extends: q, retry: {limit: 1}}, q: {extends: r, timeout: {body: 1s}}, r: {retry: {limit: 9}, "
      "timeout: {idle: 2s}}, default: {limits: {pending: 3}}");
  EXPECT_EQ(s.retry.limit, 1U);
  EXPECT_EQ(s.timeout.body, 1s);
  EXPECT_EQ(s.timeout.idle, 2s);
  EXPECT_EQ(s.limits.pending, 3U);  // r stands on default
}

TEST(Policies, InboundStandsOnTheBuiltInOneOfThatName) {
  const auto s = settings("default: {retry: {limit: 5}}, inbound: {limits: {requests: 10}}", "inbound");
  EXPECT_EQ(s.retry.limit, 2U);  // not the user's default
  EXPECT_EQ(s.limits.requests, 10U);
  EXPECT_EQ(s.limits.pendingTimeout, 100ms);
  EXPECT_EQ(s.timeout.request, std::nullopt);
  EXPECT_FALSE(s.breaker);
}

TEST(Policies, InboundMayExtendAnother) {
  const auto s = settings("inbound: {extends: default, retry: {limit: 0}}", "inbound");
  EXPECT_EQ(s.retry.limit, 0U);
  EXPECT_EQ(s.timeout.request, 15s);
  EXPECT_TRUE(s.breaker);
}

TEST(Policies, AnotherMayExtendTheBuiltInInbound) {
  EXPECT_EQ(settings("p: {extends: inbound}").limits.requests, 1024U);
}

TEST(Policies, NoneSwitchesOffAndAMapOverItTakesTheBuiltInRest) {
  EXPECT_FALSE(settings("p: {breaker: none}").breaker);
  EXPECT_FALSE(settings("p: {eject: none}").eject);
  const auto s =
      settings("default: {breaker: none, eject: none}, p: {breaker: {consecutive: 9}, eject: {maxPercent: 10}}");
  ASSERT_TRUE(s.breaker);
  EXPECT_EQ(s.breaker->consecutive, 9U);
  EXPECT_EQ(s.breaker->window, 10s);
  ASSERT_TRUE(s.eject);
  EXPECT_EQ(s.eject->maxPercent, 10);
  EXPECT_EQ(s.eject->consecutive, 5U);
  const auto values = settings(
      "p: {breaker: {consecutive: none}, timeout: {request: none, attempt: none, connect: none}, "
      "limits: {pendingTimeout: none, idle: none}}");
  EXPECT_EQ(values.breaker->consecutive, std::nullopt);
  EXPECT_EQ(values.timeout.request, std::nullopt);
  EXPECT_EQ(values.timeout.attempt, policy::AutoDuration::none());
  EXPECT_EQ(values.timeout.connect, std::nullopt);
  EXPECT_EQ(values.limits.pendingTimeout, std::nullopt);
  EXPECT_EQ(values.limits.idle, policy::AutoDuration::none());
}

TEST(Policies, TheTestsOfEjectionMergeAsWell) {
  const auto s = settings(
      "default: {eject: {errors: {window: 30s, gapPercent: 5}, latency: none}}, "
      "p: {eject: {errors: {gapPercent: 1}, latency: {barPercent: 300}}}");
  EXPECT_EQ(s.eject->errors->window, 30s);
  EXPECT_EQ(s.eject->errors->gapPercent, 1);
  EXPECT_EQ(s.eject->latency->barPercent, 300U);
  const auto back = settings("default: {eject: {errors: {window: 30s}, latency: none}}, p: {eject: {errors: auto}}");
  EXPECT_EQ(back.eject->errors->window, 10s);
  EXPECT_EQ(back.eject->latency, std::nullopt);
}

TEST(Policies, SlowCallsAreOnOrOffAsAWhole) {
  const std::string slow = "default: {breaker: {slowPercent: 40, slowCall: 1s}}, ";
  const auto inherited = settings(slow + "p: {breaker: {slowCall: 2s}}");
  EXPECT_EQ(inherited.breaker->slowPercent, 40);
  EXPECT_EQ(inherited.breaker->slowCall, 2s);
  for (const char* half : {"slowPercent", "slowCall"}) {
    const auto off = settings(slow + "p: {breaker: {" + half + ": none}}");
    EXPECT_EQ(off.breaker->slowPercent, std::nullopt);
    EXPECT_EQ(off.breaker->slowCall, std::nullopt);
  }
}

TEST(Policies, HedgingBreakersPerRouteAndModes) {
  const auto s = settings("p: {hedge: {percent: 2.5}, breaker: {per: route}, mode: observe}");
  EXPECT_EQ(s.hedge.percent, 2.5);
  EXPECT_EQ(s.breaker->per, policy::BreakerSettings::Per::Route);
  EXPECT_EQ(s.mode, policy::Mode::Observe);
}

TEST(Policies, AgainstAnInheritedValueTheSmallerCounts) {
  EXPECT_EQ(settings("p: {timeout: {request: 500ms}}").timeout.connect, 500ms);
  EXPECT_EQ(settings("p: {breaker: {maxOpen: 100ms}}").breaker->open, 100ms);
  EXPECT_EQ(settings("p: {retry: {backoff: {max: 10ms}}}").retry.backoff.base, 10ms);
  EXPECT_EQ(settings("p: {eject: {maxTime: 1s}}").eject->baseTime, 1s);
  const auto m =
      model("policies: {default: {retry: {backoff: {base: 3s}}}}\nupstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n",
            "2:46 OR302 `base` is 3s, more than `max` with 1s, which is inherited: 1s counts [try: max: 3s as well]");
  EXPECT_EQ(m->upstreams[0].settings.retry.backoff.base, 1s);
}

TEST(Policies, AnOverrideStandsOnThePolicyOfEachTarget) {
  const auto m = model(R"(
policies: {a: {timeout: {request: 1s}, hedge: {percent: 1}}, b: {timeout: {request: 2s}, retry: {limit: 7}}}
upstreams:
  u: {endpoints: ["10.0.0.1:80"], policy: a}
  v: {endpoints: ["10.0.0.2:80"], policy: b}
routes: [{to: [u, v], override: {timeout: {body: 5s}, retry: {methods: [GET]}, hedge: {percent: 3}}}]
)");
  const auto& targets = std::get<ToModel>(m->routes[0].action).targets;
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].timeout.request, 1s);
  EXPECT_EQ(targets[1].timeout.request, 2s);
  EXPECT_EQ(targets[0].timeout.body, 5s);
  EXPECT_EQ(targets[1].timeout.body, 5s);
  EXPECT_EQ(targets[0].retry.limit, 2U);
  EXPECT_EQ(targets[1].retry.limit, 7U);
  EXPECT_EQ(targets[1].retry.methods, http::MethodSet{http::Method::Get});
  EXPECT_EQ(targets[0].hedge.percent, 3);
  EXPECT_EQ(m->upstreams[0].settings.hedge.percent, 1);
  EXPECT_EQ(m->upstreams[1].settings.timeout.body, 30s);  // the upstream's own is as it was
}

TEST(Policies, WordsOfFailures) {
  const auto s = settings("p: {failures: [unsent, 5xx, 404], retry: {when: none, methods: none}}");
  EXPECT_TRUE(s.failures.unsent);
  EXPECT_FALSE(s.failures.reset);
  EXPECT_TRUE(s.failures.statuses.has(500) && s.failures.statuses.has(599) && s.failures.statuses.has(404));
  EXPECT_FALSE(s.failures.statuses.has(403) || s.failures.statuses.has(499));
  EXPECT_FALSE(s.retry.when.unsent);
  EXPECT_TRUE(s.retry.methods.empty());
}

TEST(Policies, ALongChainIsNoDeepRecursion) {
  std::string policies = "p: {extends: p0}";
  for (int i = 0; i < 2000; ++i) policies += ", p" + std::to_string(i) + ": {extends: p" + std::to_string(i + 1) + "}";
  EXPECT_EQ(settings(policies + ", p2000: {retry: {limit: 3}}").retry.limit, 3U);
}

}  // namespace
}  // namespace outrigger::config
