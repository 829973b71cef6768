// Warnings, and what is close to one and fine.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"ProbeAtTheRoot",
     "version: 1\n"
     "app: {port: 8080, probes: [/healthz, /]}\n",
     "2:38 OR311 requests for `/` pass without policies and are not counted [try: a path of its own, /healthz]"},
    {"RouteBehindACatchAll",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u}\n"
     "- {match: {path: /a}, to: u}\n",
     "5:3 OR301 the route `route-2` never matches: `route-1` in line 4 takes all its requests [try: this route before "
     "that one]"},
    {"RouteBehindItsPrefix",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: a, prefix: /v1}, to: u}\n"
     "- {match: {host: b, prefix: /v1}, to: u}\n"
     "- {name: late, match: {host: a, prefix: /v1/x}, to: u}\n",
     "6:3 OR301 the route `late` never matches: `route-1` in line 4 takes all its requests [try: this route before "
     "that one]"},
    {"RouteBehindASuffix",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: .example.com}, to: u}\n"
     "- {match: {host: a.example.com}, to: u}\n",
     "5:3 OR301 the route `route-2` never matches: `route-1` in line 4 takes all its requests [try: this route before "
     "that one]"},
    {"AttemptOverTheDefaultRequest",
     "version: 1\n"
     "policies: {default: {timeout: {attempt: 20s}}}\n",
     "2:41 OR302 `attempt` is 20s, more than `request` with 15s, which is inherited: 15s counts [try: request: 20s as "
     "well]"},
    {"BaseOverTheDefaultMax",
     "version: 1\n"
     "policies: {default: {retry: {backoff: {base: 2s}}}}\n",
     "2:46 OR302 `base` is 2s, more than `max` with 1s, which is inherited: 1s counts [try: max: 2s as well]"},
    {"TargetOverTheDefaultHead",
     "version: 1\n"
     "http: {targetBytes: 100KiB}\n",
     "2:21 OR302 `targetBytes` is 100KiB, more than `headBytes` with 60KiB, which is inherited: 60KiB counts [try: "
     "headBytes: 100KiB as well]"},
    {"LameDuckOverTheDefaultGrace",
     "version: 1\n"
     "shutdown: {lameDuck: 60s}\n",
     "2:22 OR302 `lameDuck` is 60s, more than `grace` with 25s, which is inherited: 25s counts [try: grace: 60s as "
     "well]"},
    {"OverrideOverItsPolicy",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "policies: {default: {timeout: {request: 1s}}}\n"
     "routes: [{to: u, override: {timeout: {attempt: 2s}}}]\n",
     "4:48 OR302 `attempt` is 2s, more than `request` with 1s, which is inherited: 1s counts [try: request: 2s as "
     "well]"},
    {"ShorterRequestThanTheDefaultConnectIsFine",
     "version: 1\n"
     "policies: {default: {timeout: {request: 500ms}}}\n",
     ""},
    {"ShorterMaxOpenThanTheDefaultOpenIsFine",
     "version: 1\n"
     "policies: {default: {breaker: {maxOpen: 100ms}}}\n",
     ""},
    {"PendingTimeoutOverRequest",
     "version: 1\n"
     "policies: {default: {timeout: {request: 1s}, limits: {pendingTimeout: 2s}}}\n",
     "2:71 OR303 `pendingTimeout` is not shorter than `timeout.request`, 1s, which ends the request first"},
    {"NothingEverWaits",
     "version: 1\n"
     "policies: {default: {limits: {pending: 0, pendingTimeout: 1s}}}\n",
     "2:59 OR303 with `pending: 0` nothing ever waits [try: pending: 1024]"},
    {"BreakerThatNeverOpens",
     "version: 1\n"
     "policies: {default: {breaker: {consecutive: none, errorPercent: none}}}\n",
     "2:45 OR303 nothing is left that could set `breaker` off [try: breaker: none]"},
    {"EjectionThatNeverEjects",
     "version: 1\n"
     "policies: {default: {eject: {consecutive: none, errors: none, latency: none}}}\n",
     "2:43 OR303 nothing is left that could set `eject` off [try: eject: none]"},
    {"PostIsRepeated",
     "version: 1\n"
     "policies: {default: {retry: {methods: [GET, POST, PATCH]}}}\n",
     "2:45 OR304 `POST` may be executed twice when it is tried again [try: idempotencyKey: idempotency-key, and POST "
     "not in `methods`]\n"
     "2:51 OR304 `PATCH` may be executed twice when it is tried again [try: idempotencyKey: idempotency-key, and PATCH "
     "not in `methods`]"},
    {"PostIsRepeatedByAnOverride",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, override: {retry: {methods: [POST]}}}\n",
     "4:40 OR304 `POST` may be executed twice when it is tried again [try: idempotencyKey: idempotency-key, and POST "
     "not in `methods`]"},
    {"PostIsRepeatedOnlyIfUnsent",
     "version: 1\n"
     "policies: {default: {retry: {methods: [POST], when: [unsent]}}}\n",
     ""},
    {"PostIsNotRepeatedWithLimitZero",
     "version: 1\n"
     "policies: {default: {retry: {methods: [POST], limit: 0}}}\n",
     ""},
    {"AdminOpenToOthers",
     "version: 1\n"
     "listen: {admin: \"0.0.0.0:15100\"}\n",
     "2:17 OR305 `listen.admin` can be reached from other machines [try: 127.0.0.1:15100]"},
    {"OutboundOpenToOthers",
     "version: 1\n"
     "listen: {outbound: \"10.0.0.5:15101\"}\n",
     "2:20 OR305 `listen.outbound` can be reached from other machines [try: 127.0.0.1:15101]"},
    {"UpstreamPortOpenToOthers",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], listen: \"[::]:1234\"}}\n",
     "2:53 OR305 `upstreams.u.listen` can be reached from other machines [try: 127.0.0.1:1234]"},
    {"BudgetThatEarnsNothing",
     "version: 1\n"
     "policies: {default: {retry: {budget: {percent: 0, minPerSecond: 0}}}}\n",
     "2:48 OR306 this budget earns nothing, so that only a failed connect is ever tried again [try: percent: 10, or "
     "retry: {limit: 0}]"},
    {"UnusedPolicy",
     "version: 1\n"
     "policies: {a: {}, b: {extends: a}}\n",
     "2:19 OR307 nothing uses the policy `b` [try: policy: b, at an upstream or the app]"},
    {"InboundListenerWithoutApp",
     "version: 1\n"
     "listen: {inbound: \"127.0.0.1:1\"}\n",
     "2:19 OR308 without an `app`, the inbound listener is not opened [try: app: {port: 8080}]"},
};

}  // namespace

std::span<const Row> risksRows() {
  return kRows;
}

}  // namespace outrigger::config
