// Routes, their actions and filters.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"NoAction",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: /a}}\n",
     "4:3 OR121 a route needs one of `to`, `redirect`, `respond` [try: to: UPSTREAM]"},
    {"TwoActions",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, respond: {status: 200}}\n",
     "4:11 OR132 `to` and `respond` exclude each other in a route"},
    {"OverrideWithoutTo",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {respond: {status: 200}, override: {retry: {limit: 0}}}\n",
     "4:28 OR132 `override` means nothing beside `respond`"},
    {"RewriteWithoutTo",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {prefix: /a}, redirect: {prefix: /b}, rewrite: {prefix: /c}}\n",
     "4:49 OR132 `rewrite` means nothing beside `redirect`"},
    {"StarInHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: \"*.example.com\"}, to: u}\n",
     "4:18 OR130 `host` matches all names that end alike when it begins with the point [try: host: .example.com]"},
    {"AnyHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: \"*\"}, to: u}\n",
     "4:18 OR130 `host` is left out where any host will do"},
    {"UrlAsHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: \"http://a/b\"}, to: u}\n",
     "4:18 OR130 `host` needs a host alone, without a scheme [try: host: a]"},
    {"BadPortOfHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: \"a:0\"}, to: u}\n",
     "4:18 OR130 `host` needs a port from 1 to 65535 behind the `:`"},
    {"BadHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: \"a b\"}, to: u}\n",
     "4:18 OR130 `host` needs a host name of letters, digits, `.`, `-`, or an IP address"},
    {"LowerCaseMethod",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {method: post}, to: u}\n",
     "4:20 OR130 `method` is case-sensitive [try: method: POST]"},
    {"BadMethod",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {method: [GET, \"a b\"]}, to: u}\n",
     "4:26 OR130 an item of `method` needs the name of a method [try: GET]"},
    {"NoMethods",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {method: []}, to: u}\n",
     "4:20 OR134 `method` needs at least 1 entry"},
    {"RelativePath",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: v1}, to: u}\n",
     "4:18 OR130 `path` needs a path that begins with / [try: path: /v1]"},
    {"PathWithQuery",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: \"/a?b=c\"}, to: u}\n",
     "4:18 OR130 `path` needs a path without a query [try: path: /a]"},
    {"PathWithDotSegment",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {prefix: /a/../b}, to: u}\n",
     "4:20 OR130 `prefix` never matches: `.` and `..` are resolved before a route is looked for"},
    {"PathWithSpace",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: \"/a b\"}, to: u}\n",
     "4:18 OR130 `path` needs at most 8 KiB without spaces; %20 is one"},
    {"PathWithHost",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: \"http://a/b\"}, to: u}\n",
     "4:18 OR130 `path` needs a path alone [try: path: /v1]"},
    {"PrefixWithSlashAtTheEnd",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {prefix: /v1/}, to: u}\n",
     "4:20 OR130 `prefix` takes whole segments: it has no slash at its end [try: prefix: /v1]"},
    {"PathAndPrefix",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {path: /a, prefix: /b}, to: u}\n",
     "4:22 OR132 a match has one of `path`, `prefix`, `regex`"},
    {"EmptyRegex",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {regex: \"^$\"}, to: u}\n",
     "4:19 OR130 `regex` matches no path: a path begins with / [try: regex: /v[0-9]+/.*]"},
    {"SameHeaderTwice",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {headers: {X-A: 1, x-a: 2}}, to: u}\n",
     "4:30 OR109 the name `x-a` stands here twice"},
    {"HeaderValueWithLineBreak",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {headers: {x-a: \"b\\nc\"}}, to: u}\n",
     "4:27 OR130 `x-a` needs one line without control characters"},
    {"HeaderValueWithSpace",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {headers: {x-a: \" b\"}}, to: u}\n",
     "4:27 OR130 `x-a` needs a value without space at its ends [try: x-a: b]"},
    {"BadDirection",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {direction: in}, to: u}\n",
     "4:23 OR129 `direction` knows the words inbound, outbound, not `in`"},
    {"WeightTooLarge",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: [{upstream: u, weight: 1001}]}\n",
     "4:31 OR131 `weight` is out of its range, 0 to 1000 [try: weight: 1000]"},
    {"TargetWithoutUpstream",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: [{weight: 1}]}\n",
     "4:9 OR121 a target needs the key `upstream` [try: upstream: NAME]"},
    {"RedirectToItself",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {redirect: {status: 301}}\n",
     "4:14 OR121 a redirect needs one of `scheme`, `host`, `path`, `prefix`: else it leads back to itself"},
    {"RedirectStatus",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {redirect: {status: 200, path: /a}}\n",
     "4:23 OR130 `status` needs one of 301, 302, 303, 307, 308 [try: status: 307]"},
    {"RedirectPathAndPrefix",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {prefix: /a}, redirect: {path: /a, prefix: /b}}\n",
     "4:46 OR132 `path` and `prefix` of a redirect exclude each other"},
    {"RedirectScheme",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {redirect: {scheme: ftp}}\n",
     "4:23 OR129 `scheme` knows the words http, https, not `ftp`"},
    {"RespondWithoutStatus",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {respond: {body: x}}\n",
     "4:13 OR121 an answer needs the key `status` [try: status: 204]"},
    {"RespondStatus",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {respond: {status: 100}}\n",
     "4:22 OR131 `status` is out of its range, 200 to 599 [try: status: 200]"},
    {"BodyWithNoContent",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {respond: {status: 204, body: x}}\n",
     "4:27 OR132 an answer with the status 204 has no body"},
    {"FramingHeaderInAnswer",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {respond: {status: 200, headers: {Content-Length: 1, outrigger-reason: x}}}\n",
     "4:37 OR137 the name `Content-Length` is set by the proxy itself\n"
     "4:56 OR137 the name `outrigger-reason` is set by the proxy itself"},
    {"BudgetInOverride",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, override: {retry: {budget: {percent: 1}}}}\n",
     "4:30 OR120 `budget` does not belong here: it belongs to the policy of the upstream, which all its routes share"},
    {"BreakerInOverride",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, override: {breaker: none, limits: {requests: 1}}}\n",
     "4:22 OR120 `breaker` does not belong here: it belongs to the policy of the upstream\n"
     "4:37 OR120 `limits` does not belong here: it belongs to the policy of the upstream"},
    {"UnknownFilter",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, filters: [{header: {}}]}\n",
     "4:22 OR203 there is no filter `header` [try: headers]"},
    {"FilterWithoutSettings",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, filters: [headers]}\n",
     "4:21 OR122 an item of `filters` is the name of one filter with its settings [try: {headers: {...}}]"},
    {"TwoFiltersInOneItem",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, filters: [{headers: {}, fault: {}}]}\n",
     "4:21 OR122 an item of `filters` is the name of one filter with its settings [try: an item of its own for each "
     "filter]"},
    {"UnknownKeyOfAFilter",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, filters: [{local-rate-limit: {request: 1, per: 1}}]}\n",
     "4:40 OR121 the filter `local-rate-limit` needs the key `requests` [try: requests: 100]\n"
     "4:41 OR120 the filter `local-rate-limit` has no key `request` [try: requests]\n"
     "4:58 OR124 `per` needs a unit: h, m, s or ms [try: per: 1s]"},
    {"FilterThatChecksMore",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, filters: [{fault: {seed: 1}}]}\n",
     "4:29 OR121 the filter `fault` needs the key `delay` or `abort`"},
    {"FilterSetsAFramingHeader",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, filters: [{headers: {request: {set: {host: x}}}}]}\n",
     "4:48 OR137 the name `host` is set by the proxy itself"},
};

}  // namespace

std::span<const Row> routesRows() {
  return kRows;
}

}  // namespace outrigger::config
