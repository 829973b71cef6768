#include "config/policy_schema.h"

#include <array>

#include "config/bind.h"
#include "config/texts.h"

namespace outrigger::config {
namespace {

using policy::BackoffSettings;
using policy::BreakerSettings;
using policy::BudgetSettings;
using policy::EjectSettings;
using policy::ErrorTestSettings;
using policy::HedgeSettings;
using policy::LatencyTestSettings;
using policy::LimitSettings;
using policy::PolicySettings;
using policy::RetrySettings;
using policy::TimeoutSettings;

constexpr int64_t kMany = 1'000'000;
constexpr Type kAnyTime = duration(1ms, kLongestSetting);

constexpr Field kTimeoutFields[] = {
    {"request", kAnyTime.orNone(), "From the first byte of a request to the last of a short answer, or to its head.",
     into<&TimeoutSettings::request>},
    {"attempt", kAnyTime.orAuto().orNone(),
     "One try, to the head of its answer. auto: the time left, shared by the tries still allowed.",
     into<&TimeoutSettings::attempt>},
    {"connect", kAnyTime.orNone(), "Setting up a connection to an endpoint.", into<&TimeoutSettings::connect>},
    {"idle", kAnyTime.orNone(), "Between bytes of a streaming answer.", into<&TimeoutSettings::idle>},
    {"body", kAnyTime.orNone(), "Between bytes of an upload; 408 after that.", into<&TimeoutSettings::body>},
};
constexpr Shape kTimeoutShape = shapeOf<TimeoutSettings>("a timeout", kTimeoutFields);

constexpr Type kFailure = text(checkFailure);
constexpr Type kFailures = list(kFailure, 0, 100).orNone();
constexpr Type kRetryMethod = text(checkRetryMethod);

constexpr Field kBackoffFields[] = {
    {"base", kAnyTime, "The shortest wait before another try.", into<&BackoffSettings::base>},
    {"max", kAnyTime, "The longest.", into<&BackoffSettings::max>},
};
constexpr Shape kBackoffShape = shapeOf<BackoffSettings>("a backoff", kBackoffFields);

constexpr Field kBudgetFields[] = {
    {"percent", percent(), "Retries that successes pay for, in percent of them.", into<&BudgetSettings::percent>},
    {"minPerSecond", integer(0, kMany), "Retries that are always allowed.", into<&BudgetSettings::minPerSecond>},
    {"burst", integer(1, kMany).orAuto(), "How many may be saved up. auto: 10, or percent of a second's successes.",
     into<&BudgetSettings::burst>},
};
constexpr Shape kBudgetShape = shapeOf<BudgetSettings>("a budget", kBudgetFields);

// The budget stands last: a route's override has all but it.
constexpr Field kRetryFields[] = {
    {"limit", integer(0, 10), "Tries after the first.", into<&RetrySettings::limit>},
    {"when", kFailures, "What is tried again: unsent, reset, timeout, statuses such as 503, classes such as 5xx.",
     into<&RetrySettings::when>},
    {"methods", list(kRetryMethod, 0, 20).orNone(),
     "Methods that may be sent twice. What was provably never sent may be tried again with any.",
     into<&RetrySettings::methods>},
    {"idempotencyKey", text(checkHeaderName).orNone(),
     "A header: requests that carry it are tried again whatever their method, after unsent, reset and timeout.",
     into<&RetrySettings::idempotencyKey>},
    {"backoff", map(kBackoffShape), "The wait before another try, chosen at random in between.",
     into<&RetrySettings::backoff>},
    {"bufferBody", size(0, 16 << 20),
     "A request body up to this size is kept, so that it can be sent again, or to a mirror.",
     into<&RetrySettings::bufferBody>},
    {"budget", map(kBudgetShape), "The cap on retries of one upstream, so that they never bury it.",
     into<&RetrySettings::budget>},
};
constexpr Shape kRetryShape = shapeOf<RetrySettings>("a retry", kRetryFields);

constexpr Word kPerWords[] = {{"upstream"}, {"route"}};  // in the order of BreakerSettings::Per
constexpr Field kBreakerFields[] = {
    {"consecutive", integer(1, kMany).orNone(), "It opens after this many failures in a row.",
     into<&BreakerSettings::consecutive>},
    {"window", duration(1s, 1h), "The time over which failures are counted.", into<&BreakerSettings::window>},
    {"minRequests", integer(1, kMany), "With fewer requests in the window, no share of them counts.",
     into<&BreakerSettings::minRequests>},
    {"errorPercent", percent(1).orNone(), "It opens at this share of failures in the window.",
     into<&BreakerSettings::errorPercent>},
    {"slowPercent", percent(1).orNone(), "It opens at this share of slow calls in the window.",
     into<&BreakerSettings::slowPercent>},
    {"slowCall", kAnyTime.orNone(), "A call is slow whose answer takes longer to begin.",
     into<&BreakerSettings::slowCall>},
    {"open", duration(1ms, 24h), "How long it stays open at first; twice that each time it opens again.",
     into<&BreakerSettings::open>},
    {"maxOpen", duration(1ms, 24h), "How long at most.", into<&BreakerSettings::maxOpen>},
    {"per", word(kPerWords), "What has a breaker of its own: each upstream, or each route to it.",
     into<&BreakerSettings::per>},
};
constexpr Shape kBreakerShape = shapeOf<BreakerSettings>("a breaker", kBreakerFields);

constexpr Field kErrorTestFields[] = {
    {"window", duration(1s, 5min), "The time over which failures are counted; longer where there are few requests.",
     into<&ErrorTestSettings::window>},
    {"gapPercent", percent(), "The least difference to the others' failure rate, in percentage points.",
     into<&ErrorTestSettings::gapPercent>},
};
constexpr Shape kErrorTestShape = shapeOf<ErrorTestSettings>("the test of failure rates", kErrorTestFields);

constexpr Field kLatencyTestFields[] = {
    {"barPercent", integer(110, 1000), "Slow is what takes longer than this part of the endpoints' usual p99.",
     into<&LatencyTestSettings::barPercent>},
};
constexpr Shape kLatencyTestShape = shapeOf<LatencyTestSettings>("the test of latencies", kLatencyTestFields);

constexpr Field kEjectFields[] = {
    {"consecutive", integer(1, kMany).orNone(), "An endpoint leaves after this many failures in a row.",
     into<&EjectSettings::consecutive>},
    {"errors", map(kErrorTestShape).orAuto().orNone(), "It leaves when it fails more often than the others.",
     into<&EjectSettings::errors>},
    {"latency", map(kLatencyTestShape).orAuto().orNone(), "It leaves when it is slower than the others.",
     into<&EjectSettings::latency>},
    {"baseTime", kAnyTime, "How long it stays away at first; twice that each time it leaves again.",
     into<&EjectSettings::baseTime>},
    {"maxTime", kAnyTime, "How long at most.", into<&EjectSettings::maxTime>},
    {"maxPercent", percent(), "How many of the endpoints may be away at once; never the last.",
     into<&EjectSettings::maxPercent>},
};
constexpr Shape kEjectShape = shapeOf<EjectSettings>("an ejection", kEjectFields);

constexpr Field kLimitFields[] = {
    {"connections", integer(1, kMany), "Connections to the upstream.", into<&LimitSettings::connections>},
    {"requests", integer(1, kMany), "Requests in flight.", into<&LimitSettings::requests>},
    {"pending", integer(0, kMany), "Requests that wait for a connection.", into<&LimitSettings::pending>},
    {"pendingTimeout", kAnyTime.orNone(), "How long one waits at most.", into<&LimitSettings::pendingTimeout>},
    {"idle", kAnyTime.orAuto().orNone(),
     "How long an unused connection is kept. auto: as long as the endpoint is seen to keep it.",
     into<&LimitSettings::idle>},
    {"maxAge", kAnyTime.orNone(), "How old a connection may become.", into<&LimitSettings::maxAge>},
};
constexpr Shape kLimitsShape = shapeOf<LimitSettings>("a map of limits", kLimitFields);

constexpr Field kHedgeFields[] = {
    {"percent", percent(), "The extra load that hedging may cost; 0: off.", into<&HedgeSettings::percent>},
};
constexpr Shape kHedgeShape = shapeOf<HedgeSettings>("a hedge", kHedgeFields);

constexpr Word kModeWords[] = {{"enforce"}, {"observe"}};  // in the order of policy::Mode

constexpr Type kTimeout = map(kTimeoutShape);
constexpr Type kRetry = map(kRetryShape).instead("{limit: 0}");
constexpr Type kHedge = map(kHedgeShape).instead("{percent: 0}");
constexpr Field kPolicyFields[] = {
    {"extends", text(checkName), "The policy that gives what is not written here; else `default`."},
    {"timeout", kTimeout, "How long things may take.", into<&PolicySettings::timeout>},
    {"retry", kRetry, "What is tried again, how often, and when.", into<&PolicySettings::retry>},
    {"hedge", kHedge, "A second attempt while the first is still under way.", into<&PolicySettings::hedge>},
    {"failures", kFailures, "What the breaker and ejection count as a failure.", into<&PolicySettings::failures>},
    {"breaker", map(kBreakerShape).orNone(), "Refuses requests at once while the upstream is down.",
     into<&PolicySettings::breaker>},
    {"eject", map(kEjectShape).orNone(), "Takes single endpoints out that fail.", into<&PolicySettings::eject>},
    {"limits", map(kLimitsShape), "How much may be in flight.", into<&PolicySettings::limits>},
    {"mode", word(kModeWords), "enforce: decisions are carried out; observe: they are only counted.",
     into<&PolicySettings::mode>},
};

constexpr Refused kNoBudget[] = {
    {"budget", "it belongs to the policy of the upstream, which all its routes share", false}};
constexpr Shape kOverrideRetryShape = shapeOf<RetrySettings>(
    "the retry of an override", std::span(kRetryFields).first(std::size(kRetryFields) - 1), kNoBudget);
constexpr Bytes kUpstreams = "it belongs to the policy of the upstream";
constexpr Refused kOverrideRefused[] = {
    {"failures", kUpstreams, false}, {"breaker", kUpstreams, false}, {"eject", kUpstreams, false},
    {"limits", kUpstreams, false},   {"mode", kUpstreams, false},    {"extends", kUpstreams, false},
};
constexpr Field kOverrideFields[] = {
    {"timeout", kTimeout, "As in a policy.", into<&OverrideSettings::timeout>},
    {"retry", map(kOverrideRetryShape).instead("{limit: 0}"), "As in a policy, without the budget.",
     into<&OverrideSettings::retry>},
    {"hedge", kHedge, "As in a policy.", into<&OverrideSettings::hedge>},
};

}  // namespace

constexpr Shape kPolicyShape = shapeOf<PolicySettings>("a policy", kPolicyFields);
constexpr Shape kOverrideShape = shapeOf<OverrideSettings>("an override", kOverrideFields, kOverrideRefused);

}  // namespace outrigger::config
