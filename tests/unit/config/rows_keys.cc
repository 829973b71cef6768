// Keys that are unknown, missing or of another shape.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"MissingVersion", "app: {port: 8080}\n", "1:1 OR121 the file needs the key `version` [try: version: 1]"},
    {"OtherVersion",
     "version: 2\n"
     "nonsense: 1\n",
     "1:10 OR133 `version` is 1 for this program, not `2` [try: version: 1]"},
    {"VersionAsText", "version: \"1\"\n", ""},
    {"VersionWithoutValue", "version:\n", "1:1 OR123 nothing stands behind `version`"},
    {"UnknownKey",
     "version: 1\n"
     "workerz: 1\n",
     "2:1 OR120 the file has no key `workerz` [try: workers]"},
    {"SnakeCaseKey",
     "version: 1\n"
     "http: {head_bytes: 1KiB}\n",
     "2:8 OR120 the map `http` has no key `head_bytes` [try: headBytes]"},
    {"UpperCaseKey",
     "version: 1\n"
     "Workers: 1\n",
     "2:1 OR120 the file has no key `Workers` [try: workers]"},
    {"KeyOfAnotherPlace",
     "version: 1\n"
     "timeout: {request: 1s}\n",
     "2:1 OR120 the file has no key `timeout` [try: policies.NAME.timeout]"},
    {"KeyOfAnotherPlaceInAnUpstream",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], retry: {limit: 1}}}\n",
     "2:45 OR120 an upstream has no key `retry` [try: policies.NAME.retry]"},
    {"UnlikeAnyKey",
     "version: 1\n"
     "admin: {xyzzy: 1}\n",
     "2:9 OR120 the map `admin` has no key `xyzzy` [try: actions]"},
    {"NoValue",
     "version: 1\n"
     "log:\n"
     "workers: 1\n",
     "2:1 OR123 nothing stands behind `log`"},
    {"NoValueInAMap",
     "version: 1\n"
     "log: {level}\n",
     "2:7 OR123 nothing stands behind `level`"},
    {"NoValueWhereNoneIsAllowed",
     "version: 1\n"
     "http: {maxAge: }\n",
     "2:8 OR123 nothing stands behind `maxAge` [try: maxAge: none]"},
    {"NumberForAMap",
     "version: 1\n"
     "app: 8080\n",
     "2:6 OR122 `app` needs a map; here stands one value [try: app: {port: 8080}]"},
    {"TimeForAMap",
     "version: 1\n"
     "policies: {default: {timeout: 5s}}\n",
     "2:31 OR122 `timeout` needs a map; here stands one value [try: timeout: {request: 5s}]"},
    {"NoneForAMap",
     "version: 1\n"
     "policies: {default: {retry: none}}\n",
     "2:29 OR122 `retry` is not switched off this way [try: retry: {limit: 0}]"},
    {"OffForAMapThatHasNone",
     "version: 1\n"
     "policies: {default: {breaker: off}}\n",
     "2:31 OR122 `breaker` is not switched off this way [try: breaker: none]"},
    {"ListForAMap",
     "version: 1\n"
     "log: [info]\n",
     "2:6 OR122 `log` needs a map; here stands a list [try: a map with some of: level, access, sample, path, headers]"},
    {"ListForNames",
     "version: 1\n"
     "upstreams:\n"
     "  - {name: u, endpoints: [\"10.0.0.1:80\"]}\n",
     "3:3 OR122 `upstreams` needs a map of names; here stands a list [try: upstreams: {NAME: ...}, without `- `]"},
    {"MapForAList",
     "version: 1\n"
     "routes: {a: {to: u}}\n",
     "2:9 OR122 `routes` needs a list, as [...] or as lines that begin with `- `; here stands a map"},
    {"ValueForAList",
     "version: 1\n"
     "upstreams: {u: {endpoints: 10.0.0.1:80}}\n",
     "2:28 OR122 `endpoints` needs a list, as [...] or as lines that begin with `- `; here stands one value"},
    {"ListForAValue",
     "version: 1\n"
     "workers: [1, 2]\n",
     "2:10 OR122 `workers` needs one value; here stands a list"},
    {"MapForAValue",
     "version: 1\n"
     "workers: {count: 1}\n",
     "2:10 OR122 `workers` needs one value; here stands a map"},
    {"EmptyListOfEndpoints",
     "version: 1\n"
     "upstreams: {u: {endpoints: []}}\n",
     "2:28 OR134 `endpoints` needs at least 1 entry"},
    {"TooManyLoggedHeaders",
     "version: 1\n"
     "log: {headers: [h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, h12, h13, h14, h15, h16, h17, h18, h19, h20, "
     "h21, h22, h23, h24, h25, h26, h27, h28, h29, h30, h31, h32, h33, h34, h35, h36, h37, h38, h39, h40, h41, h42, "
     "h43, h44, h45, h46, h47, h48, h49, h50]}\n",
     "2:16 OR134 `headers` has more than 50 entries"},
    {"MissingEndpoints",
     "version: 1\n"
     "upstreams: {u: {}}\n",
     "2:16 OR121 an upstream needs one of the keys `endpoints`, `dns`, `kubernetes` [try: endpoints: "
     "[\"10.0.0.7:8080\"]]"},
    {"EndpointWithoutAddress",
     "version: 1\n"
     "upstreams: {u: {endpoints: [{weight: 2}]}}\n",
     "2:29 OR121 an endpoint needs the key `address` [try: address: 10.0.0.7:8080]"},
    {"BadUpstreamName",
     "version: 1\n"
     "upstreams: {\"a b\": {endpoints: [\"10.0.0.1:80\"]}}\n",
     "2:13 OR130 the name `a b` needs 1 to 128 letters, digits, `.`, `_` or `-`, a letter or digit first"},
    {"BadPolicyName",
     "version: 1\n"
     "policies: {\"-x\": {}}\n",
     "2:12 OR130 the name `-x` needs 1 to 128 letters, digits, `.`, `_` or `-`, a letter or digit first"},
    {"AppWithoutAddress",
     "version: 1\n"
     "app: {policy: inbound}\n",
     "2:6 OR121 the app needs the key `port`, `address` or `ports` [try: port: 8080]"},
    {"AppWithTwoAddresses",
     "version: 1\n"
     "app: {port: 1, address: \"127.0.0.1:2\"}\n",
     "2:25 OR132 `port` and `address` of the app exclude each other"},
};

}  // namespace

std::span<const Row> keysRows() {
  return kRows;
}

}  // namespace outrigger::config
