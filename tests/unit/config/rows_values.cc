// Times, sizes, numbers, addresses, words and texts.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"TimeWithoutUnit",
     "version: 1\n"
     "policies: {default: {timeout: {request: 5}}}\n",
     "2:41 OR124 `request` needs a unit: h, m, s or ms [try: request: 5s]"},
    {"LongTimeWithoutUnit",
     "version: 1\n"
     "policies: {default: {timeout: {request: 1500}}}\n",
     "2:41 OR124 `request` needs a unit: h, m, s or ms [try: request: 1500ms]"},
    {"TimeWithFraction",
     "version: 1\n"
     "policies: {default: {timeout: {request: 1.5s}}}\n",
     "2:41 OR124 `request` needs a time: whole numbers with the units h, m, s, ms [try: request: 1s500ms]"},
    {"TimeWithSpace",
     "version: 1\n"
     "policies: {default: {timeout: {request: 5 s}}}\n",
     "2:41 OR124 `request` needs a time: whole numbers with the units h, m, s, ms [try: request: 5s]"},
    {"TimeWithLongUnit",
     "version: 1\n"
     "policies: {default: {timeout: {request: 2min}}}\n",
     "2:41 OR124 `request` needs a time: whole numbers with the units h, m, s, ms [try: request: 2m]"},
    {"TimeInDays",
     "version: 1\n"
     "policies: {default: {limits: {maxAge: 2d}}}\n",
     "2:39 OR124 `maxAge` needs a time: whole numbers with the units h, m, s, ms [try: maxAge: 48h]"},
    {"TimeTooFine",
     "version: 1\n"
     "policies: {default: {timeout: {connect: 500us}}}\n",
     "2:41 OR124 `connect` needs a time: whole numbers with the units h, m, s, ms [try: connect: 1ms]"},
    {"TimeInWrongOrder",
     "version: 1\n"
     "policies: {default: {timeout: {request: 1s1m}}}\n",
     "2:41 OR124 `request` needs a time: whole numbers with the units h, m, s, ms [try: request: 5s]"},
    {"NegativeTime",
     "version: 1\n"
     "policies: {default: {timeout: {request: -5s}}}\n",
     "2:41 OR124 `request` needs a time: whole numbers with the units h, m, s, ms [try: request: 5s]"},
    {"ZeroTime",
     "version: 1\n"
     "policies: {default: {timeout: {request: 0s}}}\n",
     "2:41 OR131 `request` is out of its range, 1ms to 8760h [try: request: none]"},
    {"ZeroWhereNoneIsMeant",
     "version: 1\n"
     "policies: {default: {timeout: {request: 0}}}\n",
     "2:41 OR124 `request` is switched off with the word `none` [try: request: none]"},
    {"OffForATime",
     "version: 1\n"
     "policies: {default: {timeout: {idle: off}}}\n",
     "2:38 OR124 `idle` is switched off with the word `none` [try: idle: none]"},
    {"NullForATime",
     "version: 1\n"
     "policies: {default: {timeout: {idle: null}}}\n",
     "2:38 OR124 `idle` is switched off with the word `none` [try: idle: none]"},
    {"YesForAnAutoTime",
     "version: 1\n"
     "policies: {default: {timeout: {attempt: yes}}}\n",
     "2:41 OR124 `attempt` is left to the proxy with the word `auto` [try: attempt: auto]"},
    {"NoneForATimeThatMustBe",
     "version: 1\n"
     "http: {headTimeout: none}\n",
     "2:21 OR124 `headTimeout` cannot be none [try: headTimeout: 5s]"},
    {"TimeOverAYear",
     "version: 1\n"
     "policies: {default: {timeout: {idle: 9000h}}}\n",
     "2:38 OR131 `idle` is longer than a year"},
    {"TimeOutOfRange",
     "version: 1\n"
     "policies: {default: {breaker: {window: 2h}}}\n",
     "2:40 OR131 `window` is out of its range, 1s to 1h [try: window: 1h]"},
    {"SizeWithKB",
     "version: 1\n"
     "http: {headBytes: 64KB}\n",
     "2:19 OR125 `headBytes` needs a size: a whole number with B, KiB, MiB or GiB [try: headBytes: 64KiB]"},
    {"SizeWithK",
     "version: 1\n"
     "http: {headBytes: 64k}\n",
     "2:19 OR125 `headBytes` needs a size: a whole number with B, KiB, MiB or GiB [try: headBytes: 64KiB]"},
    {"SizeWithoutUnit",
     "version: 1\n"
     "http: {headBytes: 65536}\n",
     "2:19 OR125 `headBytes` needs a unit: B, KiB, MiB or GiB [try: headBytes: 65536B]"},
    {"SizeWithFraction",
     "version: 1\n"
     "http: {headBytes: 1.5MiB}\n",
     "2:19 OR125 `headBytes` needs a size: a whole number with B, KiB, MiB or GiB [try: headBytes: 1536KiB]"},
    {"SizeOutOfRange",
     "version: 1\n"
     "http: {headBytes: 1B}\n",
     "2:19 OR131 `headBytes` is out of its range, 1KiB to 1MiB [try: headBytes: 1KiB]"},
    {"SizeWithSpace",
     "version: 1\n"
     "policies: {default: {retry: {bufferBody: 64 KiB}}}\n",
     "2:42 OR125 `bufferBody` needs a size: a whole number with B, KiB, MiB or GiB [try: bufferBody: 64KiB]"},
    {"HugeSize",
     "version: 1\n"
     "policies: {default: {retry: {bufferBody: 99999999GiB}}}\n",
     "2:42 OR131 `bufferBody` is too large"},
    {"HexNumber",
     "version: 1\n"
     "workers: 0x10\n",
     "2:10 OR126 `workers` needs a whole number in decimal digits"},
    {"OctalNumber",
     "version: 1\n"
     "workers: 010\n",
     "2:10 OR126 `workers` begins with 0, which some read as octal: write it without [try: workers: 10]"},
    {"SignedNumber",
     "version: 1\n"
     "workers: +4\n",
     "2:10 OR126 `workers` needs a whole number in decimal digits [try: workers: 4]"},
    {"NegativeNumber",
     "version: 1\n"
     "policies: {default: {retry: {limit: -1}}}\n",
     "2:37 OR126 `limit` needs a whole number in decimal digits"},
    {"NumberWithUnderscore",
     "version: 1\n"
     "policies: {default: {limits: {requests: 1_000}}}\n",
     "2:41 OR126 `requests` needs a whole number in decimal digits [try: requests: 1000]"},
    {"NumberWithComma",
     "version: 1\n"
     "policies: {default: {limits: {requests: \"1,000\"}}}\n",
     "2:41 OR126 `requests` needs a whole number in decimal digits [try: requests: 1000]"},
    {"NumberWithFraction",
     "version: 1\n"
     "policies: {default: {retry: {limit: 1.5}}}\n",
     "2:37 OR126 `limit` needs a whole number in decimal digits"},
    {"NumberTooLarge",
     "version: 1\n"
     "workers: 65\n",
     "2:10 OR131 `workers` is out of its range, 1 to 64 [try: workers: 64]"},
    {"NumberTooSmall",
     "version: 1\n"
     "workers: 0\n",
     "2:10 OR131 `workers` is out of its range, 1 to 64 [try: workers: 1]"},
    {"HugeNumber",
     "version: 1\n"
     "workers: 99999999999999999999\n",
     "2:10 OR131 `workers` is too large"},
    {"YesForAnAutoNumber",
     "version: 1\n"
     "workers: on\n",
     "2:10 OR126 `workers` is left to the proxy with the word `auto` [try: workers: auto]"},
    {"NoneForANumber",
     "version: 1\n"
     "workers: none\n",
     "2:10 OR126 `workers` cannot be none"},
    {"OffForANumberThatHasNone",
     "version: 1\n"
     "policies: {default: {breaker: {consecutive: off}}}\n",
     "2:45 OR126 `consecutive` is switched off with the word `none` [try: consecutive: none]"},
    {"AddressForAPort",
     "version: 1\n"
     "app: {port: \"127.0.0.1:8080\"}\n",
     "2:13 OR126 `port` needs a whole number in decimal digits [try: port: 8080]"},
    {"PercentSign",
     "version: 1\n"
     "policies: {default: {retry: {budget: {percent: 10%}}}}\n",
     "2:48 OR127 `percent` is a percentage already: write it without % [try: percent: 10]"},
    {"PercentOverAHundred",
     "version: 1\n"
     "policies: {default: {retry: {budget: {percent: 101}}}}\n",
     "2:48 OR131 `percent` is more than 100 percent [try: percent: 100]"},
    {"PercentAsText",
     "version: 1\n"
     "policies: {default: {eject: {maxPercent: half}}}\n",
     "2:42 OR127 `maxPercent` needs a percentage: a number from 0 to 100"},
    {"PercentBelowItsRange",
     "version: 1\n"
     "policies: {default: {breaker: {errorPercent: 0}}}\n",
     "2:46 OR127 `errorPercent` is switched off with the word `none` [try: errorPercent: none]"},
    {"PercentWithDecimals",
     "version: 1\n"
     "policies: {default: {retry: {budget: {percent: 2.5}}}}\n",
     ""},
    {"LocalhostEndpoint",
     "version: 1\n"
     "upstreams: {u: {endpoints: [localhost:8080]}}\n",
     "2:29 OR128 an item of `endpoints` needs an IP address, no name [try: 127.0.0.1:8080]"},
    {"NameAsEndpoint",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"payments.svc:8080\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an IP address: names are not looked up in this version [try: "
     "10.0.0.7:8080]"},
    {"EndpointWithoutPort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [10.0.0.7]}}\n",
     "2:29 OR128 an item of `endpoints` needs a port behind the address [try: 10.0.0.7:8080]"},
    {"PortAsEndpoint",
     "version: 1\n"
     "upstreams: {u: {endpoints: [8080]}}\n",
     "2:29 OR128 an item of `endpoints` needs an address before the port [try: 127.0.0.1:8080]"},
    {"UrlAsEndpoint",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"http://10.0.0.7:8080/x\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an address without a scheme or path [try: 10.0.0.7:8080]"},
    {"NoHostBeforeThePort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\":8080\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an IP address before the port [try: 127.0.0.1:8080]"},
    {"WildcardEndpoint",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"0.0.0.0:8080\"]}}\n",
     "2:29 OR128 an item of `endpoints` stands for every address: one can listen there, not call it [try: "
     "127.0.0.1:8080]"},
    {"Ipv6WildcardEndpoint",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"[::]:8080\"]}}\n",
     "2:29 OR128 an item of `endpoints` stands for every address: one can listen there, not call it [try: "
     "127.0.0.1:8080]"},
    {"EndpointWithPortZero",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:0\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs a port other than 0 [try: 10.0.0.1:8080]"},
    {"PortTooLarge",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:70000\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an address: the port must be a number from 0 to 65535"},
    {"Ipv6WithoutBrackets",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"fd00::1:8080\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an IPv6 address in brackets [try: \"[fd00::1]:8080\"]"},
    {"PathWithoutUnix",
     "version: 1\n"
     "upstreams: {u: {endpoints: [/run/app.sock]}}\n",
     "2:29 OR128 an item of `endpoints` needs `unix:` before a path [try: unix:/run/app.sock]"},
    {"RelativeUnixPath",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"unix:app.sock\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an address: a unix socket needs an absolute path"},
    {"StarAsListener",
     "version: 1\n"
     "listen: {admin: \"*:80\"}\n",
     "2:17 OR128 `admin` needs an IP address before the port [try: admin: \"[::]:80\"]"},
    {"PortAsListener",
     "version: 1\n"
     "listen: {telemetry: 15190}\n",
     "2:21 OR128 `telemetry` needs an address before the port [try: telemetry: \"[::]:15190\"]"},
    {"OffForAListener",
     "version: 1\n"
     "listen: {admin: off}\n",
     "2:17 OR128 `admin` is switched off with the word `none` [try: admin: none]"},
    {"BadIpv4",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.256:80\"]}}\n",
     "2:29 OR128 an item of `endpoints` needs an address: not an IP address"},
    {"NulInAnAddress",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1\\0:80\"]}}\n",
     "2:29 OR128 an item of `endpoints` holds a NUL character"},
    {"UnknownWord",
     "version: 1\n"
     "log: {level: verbose}\n",
     "2:14 OR129 `level` knows the words debug, info, warn, error, not `verbose`"},
    {"MisspelledWord",
     "version: 1\n"
     "log: {level: wran}\n",
     "2:14 OR129 `level` knows the words debug, info, warn, error, not `wran` [try: level: warn]"},
    {"WordInOtherCase",
     "version: 1\n"
     "log: {level: INFO}\n",
     "2:14 OR129 `level` knows the words debug, info, warn, error, not `INFO` [try: level: info]"},
    {"OffForAWordThatHasNone",
     "version: 1\n"
     "log: {access: off}\n",
     "2:15 OR129 `access` knows the words all, errors, none, not `off` [try: access: none]"},
    {"YesForABoolean",
     "version: 1\n"
     "admin: {actions: yes}\n",
     "2:18 OR129 `actions` is true or false, not `yes` [try: actions: true]"},
    {"CapitalTrue",
     "version: 1\n"
     "admin: {actions: True}\n",
     "2:18 OR129 `actions` is true or false, not `True` [try: actions: true]"},
    {"ProtocolMisspelled",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http}}\n",
     "2:55 OR129 `protocol` knows the words http1, http2, auto, tcp, not `http` [try: protocol: http1]"},
    {"UnknownFailure",
     "version: 1\n"
     "policies: {default: {failures: [unsend, 5XX, 600]}}\n",
     "2:33 OR130 an item of `failures` needs unsent, reset, timeout, a status such as 503, or 5xx [try: unsent]\n"
     "2:41 OR130 an item of `failures` needs unsent, reset, timeout, a status such as 503, or 5xx [try: 5xx]\n"
     "2:46 OR130 an item of `failures` needs unsent, reset, timeout, a status such as 503, or 5xx"},
    {"UnknownRetryMethod",
     "version: 1\n"
     "policies: {default: {retry: {methods: [GET, get, CONNECT]}}}\n",
     "2:45 OR130 an item of `methods` is no method that retries know [try: GET]\n"
     "2:50 OR130 an item of `methods` is no method that retries know [try: one of GET, HEAD, OPTIONS, TRACE, PUT, "
     "DELETE]"},
    {"BadHeaderName",
     "version: 1\n"
     "policies: {default: {retry: {idempotencyKey: \"a b\"}}}\n",
     "2:46 OR130 `idempotencyKey` needs the name of a header: letters, digits and `-`"},
    {"HeaderNameWithColon",
     "version: 1\n"
     "policies: {default: {retry: {idempotencyKey: \"idempotency-key:\"}}}\n",
     "2:46 OR130 `idempotencyKey` needs the name of a header, without the colon [try: idempotencyKey: "
     "idempotency-key]"},
    {"SecretHeadersAreNotLogged",
     "version: 1\n"
     "log: {headers: [Authorization, Cookie, Set-Cookie, Proxy-Authorization, X-Api-Key, x-auth-token, x_access_key, "
     "x-user]}\n",
     "2:17 OR137 an item of `headers` names `Authorization`, which may hold a secret and is never logged\n"
     "2:32 OR137 an item of `headers` names `Cookie`, which may hold a secret and is never logged\n"
     "2:40 OR137 an item of `headers` names `Set-Cookie`, which may hold a secret and is never logged\n"
     "2:52 OR137 an item of `headers` names `Proxy-Authorization`, which may hold a secret and is never logged\n"
     "2:73 OR137 an item of `headers` names `X-Api-Key`, which may hold a secret and is never logged\n"
     "2:84 OR137 an item of `headers` names `x-auth-token`, which may hold a secret and is never logged\n"
     "2:98 OR137 an item of `headers` names `x_access_key`, which may hold a secret and is never logged"},
    {"DescendingBuckets",
     "version: 1\n"
     "metrics: {buckets: [1ms, 5ms, 5ms]}\n",
     "2:31 OR138 a bucket must be larger than the one before"},
    {"BucketWithoutUnit",
     "version: 1\n"
     "metrics: {buckets: [1, 2]}\n",
     "2:21 OR124 an item of `buckets` needs a unit: h, m, s or ms [try: 1s]\n"
     "2:24 OR124 an item of `buckets` needs a unit: h, m, s or ms [try: 2s]"},
};

}  // namespace

std::span<const Row> valuesRows() {
  return kRows;
}

}  // namespace outrigger::config
