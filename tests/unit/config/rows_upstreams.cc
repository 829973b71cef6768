// Upstreams and mirrors: balance, health checks, slow start, sidecars.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"Ewma",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: ewma}}\n",
     ""},
    {"Hash",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {header: x-user}}}}\n",
     ""},
    {"HashByCookie",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {cookie: at, ttl: 1h}}}}\n",
     ""},
    {"HashByCookieOfTheSession",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {cookie: at, ttl: none}}}}\n",
     ""},
    {"HashBySource",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: source}}}\n",
     ""},
    {"HashOfNothing",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: hash}}\n",
     "2:54 OR122 `balance` needs a map to say so; here stands one value [try: balance: {hash: {header: x-user}}]"},
    {"HashEmpty",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {}}}}\n",
     "2:61 OR121 a hash needs the key `header` or `cookie`, or is `source` [try: hash: {header: x-user}]"},
    {"BalanceEmpty",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {}}}\n",
     "2:54 OR121 a balance needs the key `hash` [try: hash: {header: x-user}]"},
    {"HashByTwo",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {header: x-user, cookie: at}}}}\n",
     "2:78 OR132 `header` and `cookie` of a hash exclude each other"},
    {"HashTtlWithoutCookie",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {header: x-user, ttl: 1h}}}}\n",
     "2:78 OR132 `ttl` means nothing without a `cookie`"},
    {"HashHeaderWithoutName",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: header}}}\n",
     "2:61 OR122 `hash` needs a map to say so; here stands one value [try: hash: {header: x-user}]"},
    {"HashByAWordThatIsNone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: sauce}}}\n",
     "2:61 OR129 `hash` knows only the word source [try: hash: source]"},
    {"HashBadHeader",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {header: \"a b\"}}}}\n",
     "2:70 OR130 `header` needs the name of a header: letters, digits and `-`"},
    {"HashBadCookie",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {cookie: \"a=b\"}}}}\n",
     "2:70 OR130 `cookie` needs the name of a cookie: letters, digits, `-` and `_`"},
    {"HashTtlTooShort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {hash: {cookie: at, ttl: 500ms}}}}\n",
     "2:79 OR131 `ttl` is out of its range, 1s to 8760h [try: ttl: 1s]"},
    {"BalanceMisspelled",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: round-robbin}}\n",
     "2:54 OR129 `balance` knows the words round-robin, least-request, random, ewma, not `round-robbin` [try: balance: "
     "round-robin]"},
    {"BalanceAsAList",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: [ewma]}}\n",
     "2:54 OR122 `balance` needs one value or a map; here stands a list"},
    {"BalanceWithAnotherKey",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], balance: {ewma: {}}}}\n",
     "2:54 OR121 a balance needs the key `hash` [try: hash: {header: x-user}]\n"
     "2:55 OR120 a balance has no key `ewma` [try: hash]"},
    {"Health",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {path: \"/healthz?full=1\", host: a.example, interval: "
     "100ms, timeout: 100ms, unhealthy: 1, healthy: 100}}}\n",
     ""},
    {"HealthEmpty",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {}}}\n",
     ""},
    {"HealthNone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: none}}\n",
     ""},
    {"HealthTcp",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {kind: tcp, interval: 1s}}}\n",
     ""},
    {"HealthTrue",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: true}}\n",
     "2:53 OR122 `health` needs a map; here stands one value [try: a map with some of: kind, path, host, service, "
     "interval, "
     "timeout, unhealthy, healthy]"},
    {"HealthAsAPath",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: /healthz}}\n",
     "2:53 OR122 `health` needs a map; here stands one value [try: a map with some of: kind, path, host, service, "
     "interval, "
     "timeout, unhealthy, healthy]"},
    {"HealthOff",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: off}}\n",
     "2:53 OR122 `health` is not switched off this way [try: health: none]"},
    {"HealthPathOfTcp",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {kind: tcp, path: /, host: a}}}\n",
     "2:65 OR132 `path` means nothing beside `kind: tcp`\n"
     "2:74 OR132 `host` means nothing beside `kind: tcp`"},
    {"HealthKindMisspelled",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {kind: htp}}}\n",
     "2:60 OR129 `kind` knows the words http, tcp, grpc, not `htp` [try: kind: http]"},
    {"HealthRelativePath",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {path: healthz}}}\n",
     "2:60 OR130 `path` needs a path that begins with / [try: path: /healthz]"},
    {"HealthPathWithFragment",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {path: \"/a?b#c\"}}}\n",
     "2:60 OR130 `path` needs at most 8 KiB without spaces and `#`; %20 is a space"},
    {"HealthBadHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {host: \"http://a/\"}}}\n",
     "2:60 OR130 `host` needs a host alone, without a scheme [try: host: a]"},
    {"HealthTooOften",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {interval: 50ms}}}\n",
     "2:64 OR131 `interval` is out of its range, 100ms to 1h [try: interval: 100ms]"},
    {"HealthTimeoutOverInterval",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {interval: 1s, timeout: 2s}}}\n",
     "2:77 OR215 `timeout` is 2s, more than `interval` with 1s [try: timeout: 1s]"},
    {"HealthTimeoutOverTheDefaultInterval",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {timeout: 10s}}}\n",
     "2:63 OR302 `timeout` is 10s, more than `interval` with 5s, which is inherited: 5s counts [try: interval: 10s as "
     "well]"},
    {"HealthIntervalUnderTheDefaultTimeoutIsFine",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {interval: 500ms}}}\n",
     ""},
    {"HealthNeverUnhealthy",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {unhealthy: 0}}}\n",
     "2:65 OR131 `unhealthy` is out of its range, 1 to 100 [try: unhealthy: 1]"},
    {"HealthHealthyTooMany",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {healthy: 101}}}\n",
     "2:63 OR131 `healthy` is out of its range, 1 to 100 [try: healthy: 100]"},
    {"SlowStart",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], slowStart: 30s}}\n",
     ""},
    {"SlowStartNone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], slowStart: none}}\n",
     ""},
    {"SlowStartZero",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], slowStart: 0s}}\n",
     "2:56 OR131 `slowStart` is out of its range, 100ms to 1h [try: slowStart: none]"},
    {"SlowStartTooLong",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], slowStart: 2h}}\n",
     "2:56 OR131 `slowStart` is out of its range, 100ms to 1h [try: slowStart: 1h]"},
    {"Sidecar",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: true}}\n",
     ""},
    {"SidecarFalse",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: false}}\n",
     ""},
    {"SidecarAtAPort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: {port: 15106}}}\n",
     ""},
    {"SidecarYes",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: yes}}\n",
     "2:54 OR129 `sidecar` is true or false, not `yes` [try: sidecar: true]"},
    {"SidecarAsANumber",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: 15106}}\n",
     "2:54 OR122 `sidecar` needs a map to say so; here stands one value [try: sidecar: {port: 15106}]"},
    {"SidecarWithoutPort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: {}}}\n",
     "2:54 OR121 a sidecar needs the key `port` [try: port: 15106]"},
    {"SidecarPortTooHigh",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: {port: 70000}}}\n",
     "2:61 OR131 `port` is out of its range, 1 to 65535 [try: port: 65535]"},
    {"SidecarAsAList",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], sidecar: [true]}}\n",
     "2:54 OR122 `sidecar` needs one value or a map; here stands a list"},
    {"SidecarOfAUnixSocket",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"unix:/a\"], sidecar: {port: 1}}}\n",
     "2:57 OR132 the endpoint `unix:/a` has no port that another could replace [try: sidecar: true]"},
    {"SidecarOfTwoEndpoints",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\", \"10.0.0.1:81\"], sidecar: {port: 1}}}\n",
     "2:44 OR210 the endpoint `10.0.0.1:81` has the same sidecar as another, at `10.0.0.1:1`"},
    {"SidecarIsOurs",
     "version: 1\n"
     "app: {port: 8080}\n"
     "upstreams: {u: {endpoints: [\"127.0.0.1:9000\"], sidecar: {port: 15106}}}\n",
     "3:29 OR209 the endpoint's sidecar `127.0.0.1:15106` is our own listener `listen.inbound` ([::]:15106, built-in): "
     "requests would go in a circle"},
    {"EndpointBehindASidecarMayHaveOurPort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"127.0.0.1:15101\"], sidecar: {port: 9000}}}\n",
     ""},
    {"Mirror",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: {to: shadow, percent: 12.5}}\n",
     ""},
    {"MirrorInShort",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: shadow}\n",
     ""},
    {"MirrorNone",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: none}\n",
     ""},
    {"MirrorOfNoRequest",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: {to: shadow, percent: 0}}\n",
     ""},
    {"MirrorOverAll",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: {to: shadow, percent: 101}}\n",
     "4:46 OR131 `percent` is more than 100 percent [try: percent: 100]"},
    {"MirrorToNobody",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: {percent: 1}}\n",
     "4:24 OR121 a mirror needs the key `to` [try: to: UPSTREAM]"},
    {"MirrorToTwo",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: [shadow, orders]}\n",
     "4:24 OR122 `mirror` needs a map; here stands a list [try: a map with some of: to, percent]"},
    {"MirrorToAnUnknownUpstream",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: shado}\n",
     "4:24 OR202 there is no upstream `shado` [try: shadow]"},
    {"MirrorToAnUnknownUpstreamInFull",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {to: orders, mirror: {percent: 5, to: nowhere}}\n",
     "4:41 OR202 there is no upstream `nowhere`"},
    {"MirrorBesideRedirect",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {redirect: {scheme: https}, mirror: shadow}\n",
     "4:31 OR132 `mirror` means nothing beside `redirect`"},
    {"MirrorBesideRespond",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}, shadow: {endpoints: [\"10.0.0.2:80\"]}}\n"
     "routes:\n"
     "- {respond: {status: 204}, mirror: shadow}\n",
     "4:28 OR132 `mirror` means nothing beside `respond`"},
    {"MirrorToTheApp",
     "version: 1\n"
     "app: {port: 8080}\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes: [{to: orders, mirror: app}]\n",
     "4:31 OR205 `app` is the app beside us: copies go to an upstream alone"},
    {"MirrorToTheAppWithoutOne",
     "version: 1\n"
     "upstreams: {orders: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes: [{to: orders, mirror: app}]\n",
     "3:31 OR202 there is no upstream `app`"},
};

}  // namespace

std::span<const Row> upstreamsRows() {
  return kRows;
}

}  // namespace outrigger::config
