// OR2xx: what points elsewhere.
#include "config/code_example.h"

namespace outrigger::config {
namespace {

constexpr CodeExample kExamples[] = {
    {Code::UnknownPolicy,
     R"(version: 1
policies:
  fragile: {retry: {limit: 1}}
upstreams:
  ledger: {endpoints: ["10.0.0.9:8080"], policy: fragile}
  payments: {endpoints: ["10.0.0.7:8080"], policy: fragil}
)",
     R"(version: 1
policies:
  fragile: {retry: {limit: 1}}
upstreams:
  ledger: {endpoints: ["10.0.0.9:8080"], policy: fragile}
  payments: {endpoints: ["10.0.0.7:8080"], policy: fragile}
)"},
    {Code::UnknownUpstream,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {prefix: /v1}, to: payment}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {prefix: /v1}, to: payments}
)"},
    {Code::UnknownFilter,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {to: payments, filters: [{header: {request: {set: {x-team: shop}}}}]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {to: payments, filters: [{headers: {request: {set: {x-team: shop}}}}]}
)"},
    {Code::ExtendsCycle,
     R"(version: 1
policies:
  quick: {extends: careful, timeout: {request: 1s}}
  careful: {extends: quick, retry: {limit: 1}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"], policy: quick}
)",
     R"(version: 1
policies:
  quick: {extends: careful, timeout: {request: 1s}}
  careful: {retry: {limit: 1}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"], policy: quick}
)"},
    {Code::ReservedName,
     R"(version: 1
app: {port: 8080}
upstreams:
  app: {endpoints: ["10.0.0.7:8080"]}
)",
     R"(version: 1
app: {port: 8080}
upstreams:
  app-elsewhere: {endpoints: ["10.0.0.7:8080"]}
)"},
    {Code::SameHost,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
  Payments: {endpoints: ["10.0.0.8:8080"]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080", "10.0.0.8:8080"]}
)"},
    {Code::SameRouteName,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {name: pay, match: {prefix: /v1}, to: payments}
  - {name: pay, match: {prefix: /v2}, to: payments}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {name: pay-v1, match: {prefix: /v1}, to: payments}
  - {name: pay-v2, match: {prefix: /v2}, to: payments}
)"},
    {Code::SameListener,
     R"(version: 1
listen: {outbound: "127.0.0.1:15101", admin: "127.0.0.1:15101"}
)",
     R"(version: 1
listen: {outbound: "127.0.0.1:15101", admin: "127.0.0.1:15100"}
)"},
    {Code::OwnListener,
     R"(version: 1
listen: {outbound: "127.0.0.1:15101"}
upstreams:
  payments: {endpoints: ["127.0.0.1:15101"]}
)",
     R"(version: 1
listen: {outbound: "127.0.0.1:15101"}
upstreams:
  payments: {endpoints: ["127.0.0.1:8080"]}
)"},
    {Code::SameEndpoint,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080", "10.0.0.7:8080", "10.0.0.8:8080"]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: [{address: "10.0.0.7:8080", weight: 2}, "10.0.0.8:8080"]}
)"},
    {Code::SameTarget,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
  canary: {endpoints: ["10.0.0.8:8080"]}
routes:
  - {match: {prefix: /v1}, to: [payments, payments, canary]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
  canary: {endpoints: ["10.0.0.8:8080"]}
routes:
  - {match: {prefix: /v1}, to: [{upstream: payments, weight: 2}, canary]}
)"},
    {Code::NoWeight,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {prefix: /v1}, to: [{upstream: payments, weight: 0}]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {prefix: /v1}, to: payments}
)"},
    {Code::NoApp,
     R"(version: 1
routes:
  - {match: {direction: inbound, prefix: /v1}, to: app}
)",
     R"(version: 1
app: {port: 8080}
routes:
  - {match: {direction: inbound, prefix: /v1}, to: app}
)"},
    {Code::NothingToReplace,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {path: /pay}, to: payments, rewrite: {prefix: /v2}}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {prefix: /pay}, to: payments, rewrite: {prefix: /v2}}
)"},
    {Code::ImpossiblePair,
     R"(version: 1
policies:
  default: {timeout: {request: 1s, attempt: 2s}}
)",
     R"(version: 1
policies:
  default: {timeout: {request: 2s, attempt: 1s}}
)"},
    {Code::NoIdentity,
     R"(version: 1
app: {port: 8080, tls: {mode: strict}}
)",
     R"(version: 1
identity: {cert: /certs/tls.crt, key: /certs/tls.key, trust: /certs/ca.crt}
app: {port: 8080, tls: {mode: strict}}
)"},
    {Code::NoTrust,
     R"(version: 1
identity: {cert: /certs/tls.crt, key: /certs/tls.key}
app: {port: 8080, tls: {mode: permissive}}
)",
     R"(version: 1
identity: {cert: /certs/tls.crt, key: /certs/tls.key, trust: /certs/ca.crt}
app: {port: 8080, tls: {mode: permissive}}
)"},
    {Code::NotHttp,
     R"(version: 1
upstreams:
  database: {endpoints: ["10.0.0.5:5432"], protocol: tcp, listen: "127.0.0.1:15432"}
routes:
  - {match: {host: database}, to: database}
)",
     R"(version: 1
upstreams:
  database: {endpoints: ["10.0.0.5:5432"], protocol: tcp, listen: "127.0.0.1:15432"}
)"},
    {Code::NobodyIsVerified,
     R"(version: 1
app: {port: 8080}
access:
  rules:
    - {identity: "spiffe://shop.example/*", allow: true}
)",
     R"(version: 1
identity: {cert: /certs/tls.crt, key: /certs/tls.key, trust: /certs/ca.crt}
app: {port: 8080, tls: {mode: permissive}}
access:
  rules:
    - {identity: "spiffe://shop.example/*", allow: true}
)"},
    {Code::SameRuleName,
     R"(version: 1
app: {port: 8080}
access:
  rules:
    - {name: reads, path: /v1, allow: true}
    - {name: reads, path: /v2, allow: true}
)",
     R"(version: 1
app: {port: 8080}
access:
  rules:
    - {name: reads-v1, path: /v1, allow: true}
    - {name: reads-v2, path: /v2, allow: true}
)"},
};

}  // namespace

std::span<const CodeExample> referenceExamples() {
  return kExamples;
}

}  // namespace outrigger::config
