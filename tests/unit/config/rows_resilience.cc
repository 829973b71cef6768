// Policies: hedging, slow calls, the tests of ejection, observe mode.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"Hedge",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 2.5}}}\n",
     ""},
    {"HedgeOff",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 0}}}\n",
     ""},
    {"HedgeOverAll",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 101}}}\n",
     "2:39 OR131 `percent` is more than 100 percent [try: percent: 100]"},
    {"HedgeWithASign",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 2%}}}\n",
     "2:39 OR127 `percent` is a percentage already: write it without % [try: percent: 2]"},
    {"HedgeNone",
     "version: 1\n"
     "policies: {default: {hedge: none}}\n",
     "2:29 OR122 `hedge` is not switched off this way [try: hedge: {percent: 0}]"},
    {"HedgeAsOneValue",
     "version: 1\n"
     "policies: {default: {hedge: 2}}\n",
     "2:29 OR122 `hedge` needs a map; here stands one value [try: hedge: {percent: 2}]"},
    {"HedgeAsAList",
     "version: 1\n"
     "policies: {default: {hedge: [2]}}\n",
     "2:29 OR122 `hedge` needs a map; here stands a list [try: a map with some of: percent]"},
    {"HedgeDelay",
     "version: 1\n"
     "policies: {default: {hedge: {delay: 10ms}}}\n",
     "2:30 OR120 a hedge has no key `delay` [try: percent]"},
    {"HedgeOfAnOverride",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, override: {hedge: {percent: 1}}}\n",
     ""},
    {"BudgetOfAnOverride",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, override: {hedge: {percent: 1}, retry: {budget: {percent: 1}}}}\n",
     "4:56 OR120 `budget` does not belong here: it belongs to the policy of the upstream, which all its routes share"},
    {"BreakerOfAnOverride",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, override: {breaker: {per: route}, mode: observe}}\n",
     "4:27 OR120 `breaker` does not belong here: it belongs to the policy of the upstream\n"
     "4:50 OR120 `mode` does not belong here: it belongs to the policy of the upstream"},
    {"HedgeWithoutMethods",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 2}, retry: {methods: none}}}\n",
     "2:39 OR303 no second attempt is ever sent: `retry.methods` has no method that may be sent twice [try: methods: "
     "[GET, HEAD]]"},
    {"HedgeWithoutKeptBodies",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 2}, retry: {methods: [PUT], bufferBody: 0B}}}\n",
     "2:39 OR303 no second attempt is ever sent: its methods have bodies, and `retry.bufferBody` keeps none [try: "
     "bufferBody: 64KiB]"},
    {"HedgeWithAKeyIsFine",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 2}, retry: {methods: none, idempotencyKey: idempotency-key}}}\n",
     ""},
    {"HedgeOfGetsWithoutKeptBodiesIsFine",
     "version: 1\n"
     "policies: {default: {hedge: {percent: 2}, retry: {bufferBody: 0B}}}\n",
     ""},
    {"HedgeOfAnOverrideThatNeverFires",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, override: {hedge: {percent: 1}, retry: {methods: []}}}\n",
     "4:44 OR303 no second attempt is ever sent: `retry.methods` has no method that may be sent twice [try: methods: "
     "[GET, HEAD]]"},
    {"SlowCalls",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50, slowCall: 800ms}}}\n",
     ""},
    {"SlowCallsOff",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: none, slowCall: none}}}\n",
     ""},
    {"SlowPercentAlone",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50}}}\n",
     "2:45 OR121 `slowPercent` needs `slowCall` beside it: which calls are slow [try: slowCall: 500ms]"},
    {"SlowCallAlone",
     "version: 1\n"
     "policies: {default: {breaker: {slowCall: 1s}}}\n",
     "2:42 OR121 `slowCall` needs `slowPercent` beside it: how many slow calls open the breaker [try: slowPercent: "
     "50]"},
    {"SlowPercentBesideNone",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50, slowCall: none}}}\n",
     "2:45 OR121 `slowPercent` needs `slowCall` beside it: which calls are slow [try: slowCall: 500ms]"},
    {"SlowCallBesideNone",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: none, slowCall: 1s}}}\n",
     "2:61 OR121 `slowCall` needs `slowPercent` beside it: how many slow calls open the breaker [try: slowPercent: "
     "50]"},
    {"SlowPercentZero",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 0, slowCall: 1s}}}\n",
     "2:45 OR127 `slowPercent` is switched off with the word `none` [try: slowPercent: none]"},
    {"SlowCallWithoutUnit",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50, slowCall: 5}}}\n",
     "2:59 OR124 `slowCall` needs a unit: h, m, s or ms [try: slowCall: 5s]"},
    {"SlowHalvesOfTwoPoliciesAreFine",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50, slowCall: 1s}}, a: {breaker: {slowCall: 2s}}, b: {breaker: "
     "{slowPercent: none}}}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], policy: a}, v: {endpoints: [\"10.0.0.1:80\"], policy: b}}\n",
     ""},
    {"SlowHalfOverNone",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50, slowCall: 1s}}, a: {breaker: {slowPercent: none}}, b: {extends: "
     "a, breaker: {slowPercent: 9}}}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], policy: b}}\n",
     "2:139 OR121 `slowPercent` needs `slowCall` beside it: which calls are slow [try: slowCall: 500ms]"},
    {"SlowCallBeyondTheRequest",
     "version: 1\n"
     "policies: {default: {breaker: {slowPercent: 50, slowCall: 15s}}}\n",
     "2:59 OR303 `slowCall` is not shorter than `timeout.request`, 15s, which ends the request first"},
    {"BreakerOfSlowCallsAlone",
     "version: 1\n"
     "policies: {default: {breaker: {consecutive: none, errorPercent: none, slowPercent: 50, slowCall: 1s}}}\n",
     ""},
    {"BreakerPerRoute",
     "version: 1\n"
     "policies: {default: {breaker: {per: route}}}\n",
     ""},
    {"BreakerPerEndpoint",
     "version: 1\n"
     "policies: {default: {breaker: {per: endpoint}}}\n",
     "2:37 OR129 `per` knows the words upstream, route, not `endpoint`"},
    {"EjectErrors",
     "version: 1\n"
     "policies: {default: {eject: {errors: {window: 20s, gapPercent: 0.5}}}}\n",
     ""},
    {"EjectAuto",
     "version: 1\n"
     "policies: {default: {eject: {errors: auto, latency: auto}}}\n",
     ""},
    {"EjectNone",
     "version: 1\n"
     "policies: {default: {eject: {errors: none, latency: none}}}\n",
     ""},
    {"EjectErrorsTrue",
     "version: 1\n"
     "policies: {default: {eject: {errors: true}}}\n",
     "2:38 OR122 `errors` needs `auto`, `none` or a map; here stands one value [try: errors: auto]"},
    {"EjectErrorsOff",
     "version: 1\n"
     "policies: {default: {eject: {errors: off, latency: off}}}\n",
     "2:38 OR122 `errors` is not switched off this way [try: errors: none]\n"
     "2:52 OR122 `latency` is not switched off this way [try: latency: none]"},
    {"EjectErrorsAsATime",
     "version: 1\n"
     "policies: {default: {eject: {errors: 10s}}}\n",
     "2:38 OR122 `errors` needs `auto`, `none` or a map; here stands one value [try: errors: {window: 10s}]"},
    {"EjectErrorsWindowTooShort",
     "version: 1\n"
     "policies: {default: {eject: {errors: {window: 100ms}}}}\n",
     "2:47 OR131 `window` is out of its range, 1s to 5m [try: window: 1s]"},
    {"EjectErrorsWindowTooLong",
     "version: 1\n"
     "policies: {default: {eject: {errors: {window: 1h}}}}\n",
     "2:47 OR131 `window` is out of its range, 1s to 5m [try: window: 5m]"},
    {"EjectErrorsGapOverAll",
     "version: 1\n"
     "policies: {default: {eject: {errors: {gapPercent: 200}}}}\n",
     "2:51 OR131 `gapPercent` is more than 100 percent [try: gapPercent: 100]"},
    {"EjectErrorsMisspelled",
     "version: 1\n"
     "policies: {default: {eject: {errors: {gap: 2}}}}\n",
     "2:39 OR120 the test of failure rates has no key `gap` [try: one of window, gapPercent]"},
    {"EjectLatency",
     "version: 1\n"
     "policies: {default: {eject: {latency: {barPercent: 110}}}}\n",
     ""},
    {"EjectLatencyBarTooLow",
     "version: 1\n"
     "policies: {default: {eject: {latency: {barPercent: 100}}}}\n",
     "2:52 OR131 `barPercent` is out of its range, 110 to 1000 [try: barPercent: 110]"},
    {"EjectLatencyBarTooHigh",
     "version: 1\n"
     "policies: {default: {eject: {latency: {barPercent: 1001}}}}\n",
     "2:52 OR131 `barPercent` is out of its range, 110 to 1000 [try: barPercent: 1000]"},
    {"EjectLatencyAsANumber",
     "version: 1\n"
     "policies: {default: {eject: {latency: 200}}}\n",
     "2:39 OR122 `latency` needs `auto`, `none` or a map; here stands one value [try: latency: {barPercent: 200}]"},
    {"EjectionByOneTestAlone",
     "version: 1\n"
     "policies: {default: {eject: {consecutive: none, errors: none}}}\n",
     ""},
    {"Observe",
     "version: 1\n"
     "policies: {default: {mode: observe}}\n",
     ""},
    {"ModeMisspelled",
     "version: 1\n"
     "policies: {default: {mode: observ}}\n",
     "2:28 OR129 `mode` knows the words enforce, observe, not `observ` [try: mode: observe]"},
    {"ModeOff",
     "version: 1\n"
     "policies: {default: {mode: none}}\n",
     "2:28 OR129 `mode` cannot be none"},
};

}  // namespace

std::span<const Row> resilienceRows() {
  return kRows;
}

}  // namespace outrigger::config
