// OR1xx: syntax and types.
#include "config/code_example.h"

namespace outrigger::config {
namespace {

constexpr CodeExample kExamples[] = {
    {Code::Syntax,
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
)"},
    {Code::Tab, "version: 1\nlog:\n\tlevel: warn\n", "version: 1\nlog:\n  level: warn\n"},
    {Code::EmptyFile, "# version: 1\n", "version: 1\n"},
    {Code::TooLarge, "version: 1\n# notes ...\n", "version: 1\n# notes, in a few lines\n", "...", "more notes ",
     100'000, "`...` stands for more than 1 MiB in this one line."},
    {Code::TooDeep, "version: 1\nroutes: [[...]]\n",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {prefix: /v1}, to: payments}
)",
     "...", "[", 64, "`...` stands for another 64 brackets."},
    {Code::SeveralDocuments,
     R"(version: 1
app: {port: 8080}
---
log: {level: warn}
)",
     R"(version: 1
app: {port: 8080}
log: {level: warn}
)"},
    {Code::Alias,
     R"(version: 1
policies:
  quick: &quick {timeout: {request: 2s}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"], policy: quick}
)",
     R"(version: 1
policies:
  quick: {timeout: {request: 2s}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"], policy: quick}
)"},
    {Code::Tag, "version: 1\nworkers: !!int 2\n", "version: 1\nworkers: 2\n"},
    {Code::DuplicateKey,
     R"(version: 1
log: {level: warn}
app: {port: 8080}
log: {access: all}
)",
     R"(version: 1
log: {level: warn, access: all}
app: {port: 8080}
)"},
    {Code::BadKey,
     R"(version: 1
upstreams:
  "${NAME}": {endpoints: ["10.0.0.7:8080"]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["${PAYMENTS:-10.0.0.7:8080}"]}
)"},
    {Code::BadOctet, "version: 1\n# caf<E9>\n", "version: 1\n# caf\xC3\xA9\n", "<E9>", "\xE9", 1,
     "`<E9>` stands for that one octet, the letter as Latin-1 has it."},
    {Code::UnknownKey, "version: 1\nlog: {levle: warn}\n", "version: 1\nlog: {level: warn}\n"},
    {Code::MissingKey,
     R"(version: 1
upstreams:
  payments: {dns: payments.shop}
)",
     R"(version: 1
upstreams:
  payments: {dns: payments.shop, port: 8080}
)"},
    {Code::WrongKind, "version: 1\napp: 8080\n", "version: 1\napp: {port: 8080}\n"},
    {Code::NoValue, "version: 1\nlog:\nworkers: 2\n", "version: 1\nlog: {level: warn}\nworkers: 2\n"},
    {Code::NotATime, "version: 1\npolicies:\n  default: {timeout: {request: 5}}\n",
     "version: 1\npolicies:\n  default: {timeout: {request: 5s}}\n"},
    {Code::NotASize, "version: 1\nhttp: {headBytes: 64k}\n", "version: 1\nhttp: {headBytes: 64KiB}\n"},
    {Code::NotANumber, "version: 1\nworkers: two\n", "version: 1\nworkers: 2\n"},
    {Code::NotAPercent, "version: 1\npolicies:\n  default: {hedge: {percent: 2%}}\n",
     "version: 1\npolicies:\n  default: {hedge: {percent: 2}}\n"},
    {Code::NotAnAddress, "version: 1\nlisten: {admin: \"localhost:15100\"}\n",
     "version: 1\nlisten: {admin: \"127.0.0.1:15100\"}\n"},
    {Code::NotAWord, "version: 1\nlog: {level: verbose}\n", "version: 1\nlog: {level: debug}\n"},
    {Code::BadText,
     R"(version: 1
upstreams:
  shop: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {host: "*.example.com"}, to: shop}
)",
     R"(version: 1
upstreams:
  shop: {endpoints: ["10.0.0.7:8080"]}
routes:
  - {match: {host: .example.com}, to: shop}
)"},
    {Code::OutOfRange, "version: 1\nworkers: 100\n", "version: 1\nworkers: 4\n"},
    {Code::KeysExclude, "version: 1\napp: {port: 8080, address: \"unix:/run/app.sock\"}\n",
     "version: 1\napp: {address: \"unix:/run/app.sock\"}\n"},
    {Code::OtherVersion, "version: 2\napp: {port: 8080}\n", "version: 1\napp: {port: 8080}\n"},
    {Code::WrongCount, "version: 1\nupstreams:\n  payments: {endpoints: []}\n",
     "version: 1\nupstreams:\n  payments: {endpoints: [\"10.0.0.7:8080\"]}\n"},
    {Code::EnvironmentUnset, "version: 1\napp: {port: \"${APP_PORT}\"}\n",
     "version: 1\napp: {port: \"${APP_PORT:-8080}\"}\n"},
    {Code::EnvironmentForm, "version: 1\napp: {port: \"${APP_PORT-8080}\"}\n",
     "version: 1\napp: {port: \"${APP_PORT:-8080}\"}\n"},
    {Code::HeaderRefused, "version: 1\nlog: {headers: [authorization]}\n",
     "version: 1\nlog: {headers: [user-agent]}\n"},
    {Code::OutOfOrder, "version: 1\nmetrics: {buckets: [100ms, 10ms, 1s]}\n",
     "version: 1\nmetrics: {buckets: [10ms, 100ms, 1s]}\n"},
    {Code::NotInThisVersion,
     R"(version: 1
upstreams:
  payments: {endpoints: [{address: "10.0.0.7:8080", zone: a}]}
)",
     R"(version: 1
upstreams:
  payments: {endpoints: ["10.0.0.7:8080"]}
)"},
};

}  // namespace

std::span<const CodeExample> syntaxExamples() {
  return kExamples;
}

}  // namespace outrigger::config
