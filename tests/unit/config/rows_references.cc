// What points elsewhere: names, addresses, pairs of values.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"UnknownPolicy",
     "version: 1\n"
     "policies: {fragile: {}}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], policy: fragil}, v: {endpoints: [\"10.0.0.1:80\"], policy: "
     "fragile}}\n",
     "3:53 OR201 there is no policy `fragil` [try: fragile]"},
    {"UnknownPolicyOfTheApp",
     "version: 1\n"
     "app: {port: 80, policy: nope}\n",
     "2:25 OR201 there is no policy `nope`"},
    {"UnknownBase",
     "version: 1\n"
     "policies: {default: {}, inbound: {extends: defualt}}\n",
     "2:44 OR201 there is no policy `defualt` [try: default]"},
    {"UnknownUpstream",
     "version: 1\n"
     "upstreams: {payments: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes: [{to: paiments}, {match: {path: /}, to: [{upstream: x}]}]\n",
     "3:15 OR202 there is no upstream `paiments` [try: payments]\n"
     "3:50 OR202 there is no upstream `x`"},
    {"NoUpstreamAtAll",
     "version: 1\n"
     "routes: [{to: a}]\n",
     "2:15 OR202 there is no upstream `a`"},
    {"PolicyExtendsItself",
     "version: 1\n"
     "policies: {inbound: {extends: inbound}}\n",
     "2:31 OR204 `inbound` extends itself"},
    {"PoliciesInACircle",
     "version: 1\n"
     "policies:\n"
     "  default: {}\n"
     "  inbound: {extends: a}\n"
     "  a: {extends: b}\n"
     "  b: {extends: inbound}\n",
     "6:16 OR204 `b` extends `inbound`, which extends `b` in turn"},
    {"DefaultExtendsAnother",
     "version: 1\n"
     "policies:\n"
     "  default: {extends: inbound}\n",
     "3:22 OR204 `default` cannot extend another policy: all others stand on it"},
    {"UpstreamCalledApp",
     "version: 1\n"
     "app: {port: 8080}\n"
     "upstreams: {app: {endpoints: [\"10.0.0.1:80\"]}}\n",
     "3:13 OR205 `app` is the name of the app beside us [try: another name for this upstream]"},
    {"UpstreamsOfOneHost",
     "version: 1\n"
     "upstreams: {Pay: {endpoints: [\"10.0.0.1:80\"]}, pay: {endpoints: [\"10.0.0.2:80\"]}}\n",
     "2:48 OR206 `pay` and `Pay` answer to the same host: case does not matter there"},
    {"RoutesOfOneName",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {name: a, match: {path: /a}, to: u}\n"
     "- {name: a, match: {path: /b}, to: u}\n",
     "5:4 OR207 the route in line 4 is called `a` as well"},
    {"RouteCalledLikeADefaultName",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {name: route-2, match: {path: /a}, to: u}\n"
     "- {match: {path: /b}, to: u}\n",
     "5:3 OR207 the route in line 4 is called `route-2` as well"},
    {"ListenersAtOneAddress",
     "version: 1\n"
     "listen: {outbound: \"127.0.0.1:1\", admin: \"127.0.0.1:1\"}\n",
     "2:42 OR208 `listen.admin` would open the same address as `listen.outbound` (127.0.0.1:1, line 2)"},
    {"WildcardCoversLoopback",
     "version: 1\n"
     "listen: {telemetry: \"0.0.0.0:15100\"}\n",
     "2:21 OR208 `listen.telemetry` would open the same address as `listen.admin` (127.0.0.1:15100, built-in)"},
    {"DualStackCoversIpv4",
     "version: 1\n"
     "app: {port: 8080}\n"
     "listen: {inbound: \"[::]:1\", telemetry: \"0.0.0.0:1\"}\n",
     "3:40 OR208 `listen.telemetry` would open the same address as `listen.inbound` ([::]:1, line 3)"},
    {"MappedAddressIsTheSame",
     "version: 1\n"
     "listen: {outbound: \"[::ffff:127.0.0.1]:15100\"}\n",
     "2:20 OR208 `listen.outbound` would open the same address as `listen.admin` (127.0.0.1:15100, built-in)"},
    {"SameUnixSocket",
     "version: 1\n"
     "listen: {outbound: \"unix:/a\", admin: \"unix:/a\"}\n",
     "2:38 OR208 `listen.admin` would open the same address as `listen.outbound` (unix:/a, line 2)"},
    {"UpstreamListensWhereWeDo",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], listen: \"127.0.0.1:15101\"}}\n",
     "2:53 OR208 `upstreams.u.listen` would open the same address as `listen.outbound` (127.0.0.1:15101, built-in)"},
    {"EndpointIsOurListener",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"127.0.0.1:15101\"]}}\n",
     "2:29 OR209 the endpoint `127.0.0.1:15101` is our own listener `listen.outbound` (127.0.0.1:15101, built-in): "
     "requests would go in a circle"},
    {"LoopbackEndpointOfAWildcard",
     "version: 1\n"
     "app: {port: 8080}\n"
     "upstreams: {u: {endpoints: [\"127.0.0.1:15106\", \"[::1]:15190\"]}}\n",
     "3:29 OR209 the endpoint `127.0.0.1:15106` is our own listener `listen.inbound` ([::]:15106, built-in): requests "
     "would go in a circle\n"
     "3:48 OR209 the endpoint `[::1]:15190` is our own listener `listen.telemetry` ([::]:15190, built-in): requests "
     "would go in a circle"},
    {"AppIsOurListener",
     "version: 1\n"
     "app: {port: 15106}\n",
     "2:13 OR209 the app's address `127.0.0.1:15106` is our own listener `listen.inbound` ([::]:15106, built-in): "
     "requests would go in a circle"},
    {"EndpointTwice",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\", {address: \"10.0.0.1:80\", weight: 2}, "
     "\"[::ffff:10.0.0.1]:80\"]}}\n",
     "2:44 OR210 the endpoint `10.0.0.1:80` stands here twice [try: {address: \"10.0.0.1:80\", weight: 2}, once]\n"
     "2:81 OR210 the endpoint `[::ffff:10.0.0.1]:80` stands here twice [try: {address: \"[::ffff:10.0.0.1]:80\", "
     "weight: 2}, once]"},
    {"TargetTwice",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: [u, u]}\n",
     "4:12 OR211 the target `u` stands here twice"},
    {"AllWeightsZero",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: [{upstream: u, weight: 0}]}\n",
     "4:8 OR212 all targets of this route have the weight 0"},
    {"ToTheAppWithoutOne",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: app}\n",
     "4:8 OR213 the file has no `app` [try: app: {port: 8080}, at the top]"},
    {"RewritePrefixWithoutOne",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: /a}, to: u, rewrite: {prefix: /b}}\n",
     "4:40 OR214 `prefix` stands instead of the prefix in `match`, and there is none [try: match: {prefix: /v1}]"},
    {"RedirectPrefixWithoutOne",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {redirect: {prefix: /b}}\n",
     "4:15 OR214 `prefix` stands instead of the prefix in `match`, and there is none [try: match: {prefix: /v1}]"},
    {"AttemptOverRequest",
     "version: 1\n"
     "policies: {default: {timeout: {request: 1s, attempt: 2s}}}\n",
     "2:54 OR215 `attempt` is 2s, more than `request` with 1s [try: attempt: 1s]"},
    {"ConnectOverRequest",
     "version: 1\n"
     "policies: {default: {timeout: {request: 1s, connect: 2s}}}\n",
     "2:54 OR215 `connect` is 2s, more than `request` with 1s [try: connect: 1s]"},
    {"BaseOverMax",
     "version: 1\n"
     "policies: {default: {retry: {backoff: {base: 2s, max: 1s}}}}\n",
     "2:46 OR215 `base` is 2s, more than `max` with 1s [try: base: 1s]"},
    {"OpenOverMaxOpen",
     "version: 1\n"
     "policies: {default: {breaker: {open: 2s, maxOpen: 1s}}}\n",
     "2:38 OR215 `open` is 2s, more than `maxOpen` with 1s [try: open: 1s]"},
    {"BaseTimeOverMaxTime",
     "version: 1\n"
     "policies: {default: {eject: {baseTime: 2s, maxTime: 1s}}}\n",
     "2:40 OR215 `baseTime` is 2s, more than `maxTime` with 1s [try: baseTime: 1s]"},
    {"IdleOverMaxAge",
     "version: 1\n"
     "policies: {default: {limits: {idle: 2s, maxAge: 1s}}}\n",
     "2:37 OR215 `idle` is 2s, more than `maxAge` with 1s [try: idle: 1s]"},
    {"TargetOverHead",
     "version: 1\n"
     "http: {targetBytes: 8KiB, headBytes: 4KiB}\n",
     "2:21 OR215 `targetBytes` is 8KiB, more than `headBytes` with 4KiB [try: targetBytes: 4KiB]"},
    {"KeepAliveOverMaxAge",
     "version: 1\n"
     "http: {keepAlive: 60s, maxAge: 30s}\n",
     "2:19 OR215 `keepAlive` is 60s, more than `maxAge` with 30s [try: keepAlive: 30s]"},
    {"LameDuckOverGrace",
     "version: 1\n"
     "shutdown: {lameDuck: 60s, grace: 30s}\n",
     "2:22 OR215 `lameDuck` is 60s, more than `grace` with 30s [try: lameDuck: 30s]"},
    {"PairInAnOverride",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, override: {timeout: {request: 1s, attempt: 2s}}}\n",
     "4:54 OR215 `attempt` is 2s, more than `request` with 1s [try: attempt: 1s]"},
};

}  // namespace

std::span<const Row> referencesRows() {
  return kRows;
}

}  // namespace outrigger::config
