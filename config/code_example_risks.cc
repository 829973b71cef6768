// OR3xx: what may be meant, and is rarely.
#include "config/code_example.h"

namespace outrigger::config {
namespace {

constexpr CodeExample kExamples[] = {
    {Code::NeverMatches,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {name: all, match: {host: payments}, to: payments}
  - {name: reads, match: {host: payments, method: GET}, to: payments}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {name: reads, match: {host: payments, method: GET}, to: payments}
  - {name: all, match: {host: payments}, to: payments}
)"},
    {Code::CutByInherited,
     R"(version: 1
policies:
  default: {timeout: {attempt: 20s}}
)",
     R"(version: 1
policies:
  default: {timeout: {request: 30s, attempt: 20s}}
)"},
    {Code::NeverFires,
     R"(version: 1
policies:
  default: {limits: {pending: 0, pendingTimeout: 1s}}
)",
     R"(version: 1
policies:
  default: {limits: {pending: 100, pendingTimeout: 1s}}
)"},
    {Code::RepeatsUnsafe,
     R"(version: 1
policies:
  default: {retry: {methods: [GET, POST]}}
)",
     R"(version: 1
policies:
  default: {retry: {methods: [GET], idempotencyKey: idempotency-key}}
)"},
    {Code::OpenToOthers,
     R"(version: 1
listen: {admin: "0.0.0.0:15100"}
)",
     R"(version: 1
listen: {admin: "127.0.0.1:15100"}
)"},
    {Code::BudgetForbids,
     R"(version: 1
policies:
  default: {retry: {budget: {percent: 0, minPerSecond: 0}}}
)",
     R"(version: 1
policies:
  default: {retry: {limit: 0}}
)"},
    {Code::UnusedPolicy,
     R"(version: 1
policies:
  quick: {timeout: {request: 2s}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
)",
     R"(version: 1
policies:
  quick: {timeout: {request: 2s}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"], policy: quick}
)"},
    {Code::UnusedListener,
     R"(version: 1
listen: {inbound: "[::]:15106"}
)",
     R"(version: 1
listen: {inbound: "[::]:15106"}
app: {port: 8080}
)"},
    {Code::NothingLeadsThere,
     R"(version: 1
upstreams:
  database: {endpoints: ["10.0.0.5:5432"], protocol: tcp}
)",
     R"(version: 1
upstreams:
  database: {endpoints: ["10.0.0.5:5432"], protocol: tcp, listen: "127.0.0.1:15432"}
)"},
    {Code::RefusesAll,
     R"(version: 1
app: {port: 8080}
access: {rules: [{path: /v1, allow: false}]}
)",
     R"(version: 1
app: {port: 8080}
access: {rules: [{path: /v1, allow: true}]}
)"},
    {Code::ProbesAtRoot,
     R"(version: 1
app: {port: 8080, probes: [/]}
)",
     R"(version: 1
app: {port: 8080, probes: [/healthz]}
)"},
};

}  // namespace

std::span<const CodeExample> riskExamples() {
  return kExamples;
}

}  // namespace outrigger::config
