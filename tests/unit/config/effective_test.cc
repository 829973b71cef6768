#include "config/effective.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

// Path to "value (origin)".
std::map<std::string, std::string> effective(const std::string& yaml) {
  const LoadResult result = loadText(yaml);
  EXPECT_NE(result.model, nullptr) << brief(result.diagnostics);
  std::map<std::string, std::string> out;
  for (const EffectiveValue& value : effectiveValues(result.effective, "outrigger.yaml")) {
    EXPECT_TRUE(out.emplace(value.path, value.value + " (" + value.origin + ")").second) << value.path;
  }
  return out;
}

TEST(Effective, EveryValueHasItsOrigin) {
  const auto values = effective(R"(version: 1
app: {port: 8080}
http: {headBytes: 16KiB}
policies:
  default: {retry: {limit: 4}}
  fragile: {timeout: {request: 3s}}
  weak:
    extends: fragile
    retry: {when: [unsent, 503]}
    breaker: none
upstreams:
  payments: {endpoints: ["10.0.0.7:8080", {address: "10.0.0.8:8080", weight: 2}], policy: weak}
  ledger.shop: {endpoints: ["10.0.0.9:8080"], policy: weak}
routes:
  - {match: {prefix: /v1}, to: payments}
)");
  const std::map<std::string, std::string> expected{
      {"version", "1 (outrigger.yaml:1)"},
      {"app.port", "8080 (outrigger.yaml:2)"},
      {"app.policy", "inbound (built-in)"},
      {"listen.admin", "127.0.0.1:15100 (built-in)"},
      {"http.headBytes", "16KiB (outrigger.yaml:3)"},
      {"http.headFields", "100 (built-in)"},
      {"log.headers", "[] (built-in)"},
      {"policies.default.retry.limit", "4 (outrigger.yaml:5)"},
      {"policies.fragile.retry.limit", "4 (outrigger.yaml:5)"},
      {"policies.fragile.timeout.request", "3s (outrigger.yaml:6)"},
      {"policies.weak.extends", "fragile (outrigger.yaml:8)"},
      {"policies.weak.timeout.request", "3s (outrigger.yaml:6)"},
      {"policies.weak.timeout.idle", "5m (built-in)"},
      {"policies.weak.retry.when", "[unsent, 503] (outrigger.yaml:9)"},
      {"policies.weak.breaker", "none (outrigger.yaml:10)"},
      {"policies.inbound.limits.requests", "1024 (built-in)"},
      {"upstreams.payments.endpoints[0].address", "10.0.0.7:8080 (outrigger.yaml:12)"},
      {"upstreams.payments.endpoints[1].weight", "2 (outrigger.yaml:12)"},
      {"upstreams.payments.policy", "weak (outrigger.yaml:12)"},
      {"upstreams.payments.balance", "least-request (built-in)"},
      {"upstreams.\"ledger.shop\".policy", "weak (outrigger.yaml:13)"},
      {"routes[0].match.prefix", "/v1 (outrigger.yaml:15)"},
      {"routes[0].to[0].upstream", "payments (outrigger.yaml:15)"},
  };
  for (const auto& [path, value] : expected) {
    const auto found = values.find(path);
    ASSERT_NE(found, values.end()) << path;
    EXPECT_EQ(found->second, value) << path;
  }
  EXPECT_EQ(values.count("policies.weak.breaker.open"), 0U);
}

TEST(Effective, AValueThatWasCutIsShownAsItCounts) {
  const auto values =
      effective("version: 1\npolicies: {default: {timeout: {request: 500ms}}}\nhttp: {headBytes: 4KiB}\n");
  EXPECT_EQ(values.at("policies.default.timeout.connect"), "500ms (outrigger.yaml:2)");
  EXPECT_EQ(values.at("http.targetBytes"), "4KiB (outrigger.yaml:3)");
}

TEST(Effective, HealthChecksAreShownWithTheirDefaults) {
  const auto values = effective(R"(version: 1
upstreams:
  u: {endpoints: ["10.0.0.1:80"], health: {interval: 500ms}, balance: {hash: source}, sidecar: {port: 15106}}
  v: {endpoints: ["10.0.0.2:80"], health: {kind: tcp}, balance: ewma}
routes:
  - {to: u, mirror: v}
)");
  EXPECT_EQ(values.at("upstreams.u.health.interval"), "500ms (outrigger.yaml:3)");
  EXPECT_EQ(values.at("upstreams.u.health.timeout"), "500ms (outrigger.yaml:3)");  // cut
  EXPECT_EQ(values.at("upstreams.u.health.kind"), "http (built-in)");
  EXPECT_EQ(values.at("upstreams.u.health.path"), "/ (built-in)");
  EXPECT_EQ(values.at("upstreams.u.health.host"), "auto (built-in)");
  EXPECT_EQ(values.at("upstreams.u.balance.hash"), "source (outrigger.yaml:3)");
  EXPECT_EQ(values.at("upstreams.u.sidecar.port"), "15106 (outrigger.yaml:3)");
  EXPECT_EQ(values.at("upstreams.u.slowStart"), "none (built-in)");
  EXPECT_EQ(values.at("upstreams.v.health.unhealthy"), "3 (built-in)");
  EXPECT_EQ(values.count("upstreams.v.health.path"), 0U);  // a connection asks for nothing
  EXPECT_EQ(values.at("upstreams.v.balance"), "ewma (outrigger.yaml:4)");
  EXPECT_EQ(values.at("upstreams.v.sidecar"), "false (built-in)");
  EXPECT_EQ(values.at("policies.default.eject.errors"), "auto (built-in)");
  EXPECT_EQ(values.at("routes[0].mirror.to"), "v (outrigger.yaml:6)");
}

TEST(Effective, SecurityIsShownWithItsDefaults) {
  const auto values = effective(R"(version: 1
identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}
app: {port: 8080, tls: {mode: strict}}
access: {rules: [{path: /healthz, allow: true}]}
upstreams:
  u: {endpoints: ["10.0.0.1:80"], tls: {serverName: a.example}}
  v: {endpoints: ["10.0.0.2:80"], protocol: tcp, listen: "127.0.0.1:15432", health: {interval: 5s}}
)");
  EXPECT_EQ(values.at("identity.key"), "/c/tls.key (outrigger.yaml:2)");
  EXPECT_EQ(values.at("app.tls.mode"), "strict (outrigger.yaml:3)");
  EXPECT_EQ(values.at("app.tls.clients"), "auto (built-in)");
  EXPECT_EQ(values.at("app.protocol"), "auto (built-in)");
  EXPECT_EQ(values.at("app.proxyProtocol"), "none (built-in)");
  EXPECT_EQ(values.at("access.default"), "deny (built-in)");
  EXPECT_EQ(values.at("access.mode"), "enforce (built-in)");
  EXPECT_EQ(values.at("access.rules[0].path"), "/healthz (outrigger.yaml:4)");
  EXPECT_EQ(values.at("upstreams.u.protocol"), "http1 (built-in)");
  EXPECT_EQ(values.at("upstreams.u.tls.mode"), "simple (built-in)");
  EXPECT_EQ(values.at("upstreams.u.tls.serverName"), "a.example (outrigger.yaml:6)");
  EXPECT_EQ(values.at("upstreams.v.tls"), "none (built-in)");
  EXPECT_EQ(values.at("upstreams.v.health.kind"), "tcp (built-in)");
  EXPECT_EQ(values.count("upstreams.v.health.path"), 0U);
  EXPECT_EQ(values.at("http.streams"), "100 (built-in)");
}

TEST(Effective, SecretsAreNotShown) {
  const auto values = effective(R"(version: 1
upstreams: {u: {endpoints: ["10.0.0.1:${PORT}"]}}
routes:
  - match: {headers: {authorization: Bearer abc, x-team: "${NAME}"}}
    to: u
    filters: [{headers: {request: {set: {x-api-key: abc, x-plain: shown}, remove: [cookie]}}}]
  - match: {path: /x}
    respond: {status: 200, body: "${NAME}", headers: {set-cookie: a=b}}
)");
  EXPECT_EQ(values.at("upstreams.u.endpoints[0].address"), "10.0.0.1:8080 (outrigger.yaml:2)");
  EXPECT_EQ(values.at("routes[0].match.headers.authorization"), "(hidden) (outrigger.yaml:4)");
  EXPECT_EQ(values.at("routes[0].match.headers.x-team"), "${NAME} (outrigger.yaml:4)");
  EXPECT_EQ(values.at("routes[0].filters[0].headers.request.set.x-api-key"), "(hidden) (outrigger.yaml:6)");
  EXPECT_EQ(values.at("routes[0].filters[0].headers.request.set.x-plain"), "shown (outrigger.yaml:6)");
  EXPECT_EQ(values.at("routes[0].filters[0].headers.request.remove"), "[cookie] (outrigger.yaml:6)");
  EXPECT_EQ(values.at("routes[1].respond.body"), "${NAME} (outrigger.yaml:8)");
  EXPECT_EQ(values.at("routes[1].respond.headers.set-cookie"), "(hidden) (outrigger.yaml:8)");
}

TEST(Effective, SectionsStandInTheOrderOfTheFormat) {
  const LoadResult result = loadText("workers: 2\nversion: 1\nupstreams: {}\napp: {port: 1}\n");
  std::string order;
  for (const Node::Entry& entry : result.effective.entries()) order += entry.key + " ";
  EXPECT_EQ(
      order,
      "version app listen workers log admin outbound redirect opaquePorts shutdown http metrics policies upstreams ");
}

}  // namespace
}  // namespace outrigger::config
