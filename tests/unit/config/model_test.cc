// What stands in a Model, section by section.
#include "config/model.h"

#include <gtest/gtest.h>

#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

Model model(const std::string& yaml) {
  const LoadResult result = loadText("version: 1\n" + yaml);
  EXPECT_EQ(brief(result.diagnostics), "") << yaml;
  return result.model == nullptr ? Model() : *result.model;
}

std::string text(const std::optional<Address>& address) {
  return address ? address->text() : "none";
}

TEST(Model, TheSmallestFileHasEveryDefault) {
  const Model m = model("");
  EXPECT_EQ(text(m.listen.inbound), "none");  // no app, no inbound listener
  EXPECT_EQ(text(m.listen.outbound), "127.0.0.1:15101");
  EXPECT_EQ(text(m.listen.admin), "127.0.0.1:15100");
  EXPECT_EQ(text(m.listen.telemetry), "[::]:15190");
  EXPECT_FALSE(m.app);
  EXPECT_EQ(m.workers, 1U);
  EXPECT_EQ(m.log.level, LogModel::Level::Info);
  EXPECT_EQ(m.log.access, LogModel::Access::Errors);
  EXPECT_TRUE(m.log.headers.empty());
  EXPECT_FALSE(m.admin.actions);
  EXPECT_EQ(m.shutdown.lameDuck, 5s);
  EXPECT_EQ(m.shutdown.grace, 25s);
  EXPECT_EQ(m.http.headBytes, 60U * 1024);
  EXPECT_EQ(m.http.headFields, 100U);
  EXPECT_EQ(m.http.targetBytes, 8U * 1024);
  EXPECT_EQ(m.http.headTimeout, 10s);
  EXPECT_EQ(m.http.keepAlive, 60s);
  EXPECT_EQ(m.http.maxAge, std::nullopt);
  EXPECT_EQ(m.metrics.maxSeries, 10000U);
  EXPECT_EQ(m.metrics.buckets, std::nullopt);
  EXPECT_TRUE(m.upstreams.empty());
  EXPECT_TRUE(m.routes.empty());
}

TEST(Model, ProtocolsAndTheirDefaults) {
  const Model m = model(R"(
app: {port: 8080}
upstreams:
  plain: {endpoints: ["10.0.0.1:80"]}
  db: {endpoints: ["10.0.0.2:80"], protocol: tcp, listen: "127.0.0.1:15432", proxyProtocol: v1, health: {interval: 1s}}
  stock: {endpoints: ["10.0.0.3:80"], protocol: http2, health: {kind: grpc, service: shop.Stock}}
)");
  EXPECT_EQ(m.http.streams, 100U);
  EXPECT_FALSE(m.http.connect);
  EXPECT_EQ(m.app->protocol, Protocol::Auto);
  EXPECT_FALSE(m.app->proxyProtocol);
  EXPECT_EQ(m.app->tls.mode, AppTlsModel::Mode::None);
  EXPECT_FALSE(m.identity || m.access || m.upstreams[0].tls);
  EXPECT_EQ(m.upstreams[0].protocol, Protocol::Http1);
  EXPECT_EQ(m.upstreams[0].proxyProtocol, policy::ProxyProtocol::None);
  EXPECT_EQ(m.upstreams[1].protocol, Protocol::Tcp);
  EXPECT_EQ(m.upstreams[1].proxyProtocol, policy::ProxyProtocol::V1);
  EXPECT_EQ(m.upstreams[1].health->kind, policy::HealthSettings::Kind::Tcp);
  EXPECT_EQ(m.upstreams[2].health->kind, policy::HealthSettings::Kind::Grpc);
  EXPECT_EQ(m.upstreams[2].health->service, "shop.Stock");
  // Of requests, only CONNECT may lead to where bytes are tunnelled.
  EXPECT_TRUE(m.routes[0].match.methods.empty());
  EXPECT_EQ(m.routes[1].match.methods, std::vector<std::string>{"CONNECT"});
}

TEST(Model, IdentityAndTls) {
  const Model m = model(R"(
identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}
app: {port: 8080, tls: {mode: strict}, proxyProtocol: required}
upstreams:
  a: {endpoints: ["10.0.0.1:80"], tls: {serverName: a.example}}
  b: {endpoints: ["10.0.0.2:80"], tls: {mode: mutual, trust: /c/b.crt, identities: "spiffe://d/b"}}
)");
  EXPECT_EQ(m.identity->cert + m.identity->key + m.identity->trust, "/c/tls.crt/c/tls.key/c/ca.crt");
  EXPECT_EQ(m.identity->place.line, 3U);
  EXPECT_EQ(m.app->tls.mode, AppTlsModel::Mode::Strict);
  EXPECT_EQ(m.app->tls.clients, TlsServerSettings::Clients::Required);
  EXPECT_TRUE(m.app->proxyProtocol);
  EXPECT_EQ(m.upstreams[0].tls->mode, UpstreamTlsModel::Mode::Simple);
  EXPECT_EQ(m.upstreams[0].tls->serverName, "a.example");
  EXPECT_EQ(m.upstreams[0].tls->trust, "/c/ca.crt");  // that of the identity
  EXPECT_EQ(m.upstreams[1].tls->mode, UpstreamTlsModel::Mode::Mutual);
  EXPECT_EQ(m.upstreams[1].tls->trust, "/c/b.crt");
  EXPECT_EQ(m.upstreams[1].tls->identities, std::vector<std::string>{"spiffe://d/b"});
  const std::string start = "identity: {cert: /c, key: /k, trust: /t}\napp: {port: 1, tls: ";
  EXPECT_EQ(model(start + "{mode: permissive}}\n").app->tls.clients, TlsServerSettings::Clients::Optional);
  EXPECT_EQ(model(start + "{mode: strict, clients: ignored}}\n").app->tls.clients, TlsServerSettings::Clients::Ignored);
}

TEST(Model, Access) {
  const Model m = model(R"(
identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}
app: {port: 8080, tls: {mode: permissive}}
access:
  rules:
  - {name: reads, identity: ["spiffe://d/a", "spiffe://d/b/*"], methods: [GET, HEAD], prefix: /v1, allow: true}
  - {path: /healthz, methods: GET, allow: true}
  mode: observe
)");
  EXPECT_FALSE(m.access->allowByDefault);
  EXPECT_EQ(m.access->mode, policy::Mode::Observe);
  ASSERT_EQ(m.access->rules.size(), 2U);
  const policy::AccessRule& reads = m.access->rules[0];
  EXPECT_EQ(reads.name, "reads");
  EXPECT_EQ(reads.identities, (std::vector<std::string>{"spiffe://d/a", "spiffe://d/b/*"}));
  EXPECT_EQ(reads.methods, (std::vector<std::string>{"GET", "HEAD"}));
  EXPECT_EQ(reads.prefix, "/v1");
  EXPECT_EQ(reads.path, std::nullopt);
  EXPECT_TRUE(reads.allow);
  EXPECT_EQ(m.access->rules[1].name, "rule-2");
  EXPECT_EQ(m.access->rules[1].path, "/healthz");
  EXPECT_TRUE(model("app: {port: 1}\naccess: {default: allow}\n").access->allowByDefault);
}

TEST(Model, SectionsOverTheirDefaults) {
  const Model m = model(R"(
app: {address: "unix:/run/app.sock"}
listen: {inbound: "127.0.0.1:0", outbound: none, admin: "unix:/run/admin.sock", telemetry: none}
workers: auto
log: {level: debug, access: none, headers: [X-Request-Id]}
admin: {actions: true}
shutdown: {lameDuck: 0s}
http: {headBytes: 16KiB, keepAlive: none, maxAge: 1h}
metrics: {maxSeries: 500, buckets: [1ms, 1s500ms]}
)");
  EXPECT_EQ(m.app->address.text(), "unix:/run/app.sock");
  EXPECT_EQ(text(m.listen.inbound), "127.0.0.1:0");
  EXPECT_EQ(text(m.listen.outbound), "none");
  EXPECT_EQ(text(m.listen.admin), "unix:/run/admin.sock");
  EXPECT_EQ(text(m.listen.telemetry), "none");
  EXPECT_EQ(m.workers, std::nullopt);
  EXPECT_EQ(m.log.level, LogModel::Level::Debug);
  EXPECT_EQ(m.log.access, LogModel::Access::None);
  EXPECT_EQ(m.log.headers, std::vector<std::string>{"x-request-id"});
  EXPECT_TRUE(m.admin.actions);
  EXPECT_EQ(m.shutdown.lameDuck, 0s);
  EXPECT_EQ(m.shutdown.grace, 25s);
  EXPECT_EQ(m.http.headBytes, 16U * 1024);
  EXPECT_EQ(m.http.targetBytes, 8U * 1024);
  EXPECT_EQ(m.http.keepAlive, std::nullopt);
  EXPECT_EQ(m.http.maxAge, 1h);
  EXPECT_EQ(m.metrics.buckets, (std::vector<Duration>{1ms, 1500ms}));
}

TEST(Model, TheSmallerOfAPairCountsInSections) {
  EXPECT_EQ(model("http: {headBytes: 4KiB}").http.targetBytes, 4096U);
  EXPECT_EQ(model("shutdown: {grace: 1s}").shutdown.lameDuck, 1s);
  EXPECT_EQ(model("http: {maxAge: 10s}").http.keepAlive, 10s);
}

TEST(Model, Upstreams) {
  const Model m = model(R"(
upstreams:
  payments:
    endpoints:
      - "10.0.0.7:8080"
      - {address: "[fd00::8]:8080", weight: 3}
    balance: random
    listen: "127.0.0.1:0"
  ledger: {endpoints: ["unix:/run/ledger.sock"]}
)");
  ASSERT_EQ(m.upstreams.size(), 2U);
  const UpstreamModel& payments = m.upstreams[0];
  EXPECT_EQ(payments.name, "payments");
  ASSERT_EQ(payments.endpoints.size(), 2U);
  EXPECT_EQ(payments.endpoints[0].address.text(), "10.0.0.7:8080");
  EXPECT_EQ(payments.endpoints[0].weight, 1U);
  EXPECT_EQ(payments.endpoints[0].place, (Place{6, 9}));
  EXPECT_EQ(payments.endpoints[1].weight, 3U);
  EXPECT_EQ(payments.balance.kind, policy::Balance::Random);
  EXPECT_EQ(text(payments.listen), "127.0.0.1:0");
  EXPECT_EQ(payments.policy, "default");
  EXPECT_EQ(payments.place, (Place{4, 3}));
  EXPECT_EQ(m.upstreams[1].balance.kind, policy::Balance::LeastRequest);
  EXPECT_EQ(text(m.upstreams[1].listen), "none");
}

TEST(Model, WhatStandsBesideTheEndpoints) {
  const Model m = model(R"(
upstreams:
  plain: {endpoints: ["10.0.0.1:80"]}
  probed:
    endpoints: ["10.0.0.2:80"]
    health: {path: "/ready?deep", host: probe.example, interval: 2s, timeout: 500ms, unhealthy: 5, healthy: 1}
    slowStart: 30s
    sidecar: true
  connected: {endpoints: ["10.0.0.3:80"], health: {kind: tcp}, sidecar: {port: 15106}}
  hasty: {endpoints: ["10.0.0.4:80"], health: {interval: 200ms}}
)");
  const UpstreamModel& plain = m.upstreams[0];
  EXPECT_FALSE(plain.health || plain.slowStart || plain.sidecar);
  EXPECT_EQ(plain.endpoints[0].dial, plain.endpoints[0].address);
  const UpstreamModel& probed = m.upstreams[1];
  ASSERT_TRUE(probed.health);
  EXPECT_EQ(probed.health->kind, policy::HealthSettings::Kind::Http);
  EXPECT_EQ(probed.health->path, "/ready?deep");
  EXPECT_EQ(probed.health->host, "probe.example");
  EXPECT_EQ(probed.health->interval, 2s);
  EXPECT_EQ(probed.health->timeout, 500ms);
  EXPECT_EQ(probed.health->unhealthy, 5U);
  EXPECT_EQ(probed.health->healthy, 1U);
  EXPECT_EQ(probed.slowStart, 30s);
  EXPECT_TRUE(probed.sidecar);
  EXPECT_EQ(probed.endpoints[0].dial.text(), "10.0.0.2:80");
  const UpstreamModel& connected = m.upstreams[2];
  EXPECT_EQ(connected.health->kind, policy::HealthSettings::Kind::Tcp);
  EXPECT_EQ(connected.health->interval, 5s);
  EXPECT_TRUE(connected.sidecar);
  EXPECT_EQ(connected.endpoints[0].address.text(), "10.0.0.3:80");
  EXPECT_EQ(connected.endpoints[0].dial.text(), "10.0.0.3:15106");
  const UpstreamModel& hasty = m.upstreams[3];
  EXPECT_EQ(hasty.health->timeout, 200ms);  // the smaller counts
  EXPECT_EQ(hasty.health->host, std::nullopt);
  EXPECT_EQ(hasty.health->path, "/");
}

TEST(Model, Balances) {
  const Model m = model(R"(
upstreams:
  a: {endpoints: ["10.0.0.1:80"], balance: ewma}
  b: {endpoints: ["10.0.0.1:80"], balance: {hash: {header: X-User}}}
  c: {endpoints: ["10.0.0.1:80"], balance: {hash: {cookie: At, ttl: 1h}}}
  d: {endpoints: ["10.0.0.1:80"], balance: {hash: {cookie: At}}}
  e: {endpoints: ["10.0.0.1:80"], balance: {hash: source}}
)");
  using From = policy::HashKey::From;
  EXPECT_EQ(m.upstreams[0].balance.kind, policy::Balance::Ewma);
  for (size_t i = 1; i < 5; ++i) EXPECT_EQ(m.upstreams[i].balance.kind, policy::Balance::Hash);
  EXPECT_EQ(m.upstreams[1].balance.hash.from, From::Header);
  EXPECT_EQ(m.upstreams[1].balance.hash.name, "x-user");
  EXPECT_EQ(m.upstreams[2].balance.hash.from, From::Cookie);
  EXPECT_EQ(m.upstreams[2].balance.hash.name, "At");
  EXPECT_EQ(m.upstreams[2].balance.hash.ttl, 1h);
  EXPECT_EQ(m.upstreams[3].balance.hash.ttl, std::nullopt);
  EXPECT_EQ(m.upstreams[4].balance.hash.from, From::Source);
}

TEST(Model, Mirrors) {
  const Model m = model(R"(
upstreams: {u: {endpoints: ["10.0.0.1:80"]}, shadow: {endpoints: ["10.0.0.2:80"]}}
routes:
  - {match: {path: /a}, to: u, mirror: shadow}
  - {match: {path: /b}, to: u, mirror: {to: shadow, percent: 12.5}}
  - {match: {path: /c}, to: u, mirror: {to: shadow, percent: 0}}
  - {match: {path: /d}, to: u, mirror: none}
)");
  const auto mirror = [&](size_t route) { return std::get<ToModel>(m.routes[route].action).mirror; };
  EXPECT_EQ(mirror(0)->upstream, 1U);
  EXPECT_EQ(mirror(0)->percent, 100);
  EXPECT_EQ(mirror(1)->percent, 12.5);
  EXPECT_FALSE(mirror(2) || mirror(3));
}

TEST(Model, EveryUpstreamAndTheAppHaveAnImplicitLastRoute) {
  const Model m = model(R"(
app: {port: 8080}
upstreams:
  Payments: {endpoints: ["10.0.0.7:8080", "10.0.0.8:9090", "10.0.0.9:8080"]}
  ledger: {endpoints: ["unix:/run/ledger.sock"], policy: inbound}
routes:
  - {match: {path: /x}, to: ledger}
)");
  ASSERT_EQ(m.routes.size(), 4U);
  EXPECT_FALSE(m.routes[0].implicit);
  const RouteModel& payments = m.routes[1];
  EXPECT_TRUE(payments.implicit);
  EXPECT_EQ(payments.name, "Payments");
  EXPECT_EQ(payments.match.host, "payments");
  EXPECT_EQ(payments.match.ports, (std::vector<uint16_t>{0, 8080, 9090}));
  EXPECT_EQ(payments.match.direction, Direction::Outbound);
  EXPECT_EQ(payments.match.pathKind, policy::RouteMatch::PathKind::Any);
  const auto& target = std::get<ToModel>(payments.action).targets.at(0);
  EXPECT_EQ(target.upstream, 0U);
  EXPECT_EQ(target.timeout.request, 15s);
  EXPECT_EQ(m.routes[2].match.ports, std::vector<uint16_t>{0});
  EXPECT_EQ(std::get<ToModel>(m.routes[2].action).targets.at(0).timeout.request, std::nullopt);
  const RouteModel& app = m.routes[3];
  EXPECT_EQ(app.name, "app");
  EXPECT_EQ(app.match.direction, Direction::Inbound);
  EXPECT_EQ(app.match.host, "");
  EXPECT_TRUE(app.match.ports.empty());
  EXPECT_EQ(std::get<ToModel>(app.action).targets.at(0).upstream, std::nullopt);
}

TEST(Model, AnUpstreamMayBeCalledAppWhereThereIsNone) {
  const Model m = model("upstreams: {app: {endpoints: [\"10.0.0.1:80\"]}}\nroutes: [{to: app}]");
  EXPECT_EQ(std::get<ToModel>(m.routes[0].action).targets.at(0).upstream, 0U);
}

TEST(Model, Matches) {
  const Model m = model(R"(
app: {port: 8080}
upstreams: {u: {endpoints: ["10.0.0.1:80"]}}
routes:
  - {match: {host: "Pay.Example:8080", method: [GET, PURGE], path: /a, headers: {X-Beta: 1}}, to: u}
  - {match: {host: .example.com, method: POST, prefix: /v1}, to: u}
  - {match: {regex: "/v[0-9]+"}, to: u}
  - {name: in, match: {direction: inbound, prefix: /}, to: app}
)");
  using PathKind = policy::RouteMatch::PathKind;
  const policy::RouteMatch& first = m.routes[0].match;
  EXPECT_EQ(m.routes[0].name, "route-1");
  EXPECT_EQ(first.host, "pay.example");
  EXPECT_EQ(first.ports, std::vector<uint16_t>{8080});
  EXPECT_EQ(first.methods, (std::vector<std::string>{"GET", "PURGE"}));
  EXPECT_EQ(first.pathKind, PathKind::Exact);
  EXPECT_EQ(first.path, "/a");
  EXPECT_EQ(first.headers, (HeaderList{{"x-beta", "1"}}));
  EXPECT_EQ(m.routes[1].match.host, ".example.com");
  EXPECT_TRUE(m.routes[1].match.ports.empty());
  EXPECT_EQ(m.routes[1].match.methods, std::vector<std::string>{"POST"});
  EXPECT_EQ(m.routes[1].match.pathKind, PathKind::Prefix);
  EXPECT_EQ(m.routes[2].match.pathKind, PathKind::Regex);
  EXPECT_EQ(m.routes[3].name, "in");
  EXPECT_EQ(m.routes[3].match.direction, Direction::Inbound);
  EXPECT_EQ(m.routes[3].place, (Place{9, 5}));
}

TEST(Model, Actions) {
  const Model m = model(R"(
upstreams: {u: {endpoints: ["10.0.0.1:80"]}, v: {endpoints: ["10.0.0.2:80"]}}
routes:
  - {match: {prefix: /a}, to: [u, {upstream: v, weight: 0}], rewrite: {prefix: /b, host: "x:80"}}
  - {match: {path: /r}, redirect: {host: "shop.example.com:8443", path: /s}}
  - {match: {prefix: /p}, redirect: {status: 301, scheme: https, prefix: /q}}
  - {match: {path: /t}, respond: {status: 503, body: "sorry\n", headers: {Retry-After: 5}}}
)");
  const auto& targets = std::get<ToModel>(m.routes[0].action).targets;
  EXPECT_EQ(targets[0].upstream, 0U);
  EXPECT_EQ(targets[0].weight, 1U);
  EXPECT_EQ(targets[1].upstream, 1U);
  EXPECT_EQ(targets[1].weight, 0U);
  EXPECT_EQ(m.routes[0].rewrite.prefix, "/b");
  EXPECT_EQ(m.routes[0].rewrite.host, "x:80");
  const auto& redirect = std::get<RedirectModel>(m.routes[1].action);
  EXPECT_EQ(redirect.status, 307);
  EXPECT_EQ(redirect.scheme, std::nullopt);
  EXPECT_EQ(redirect.host, "shop.example.com:8443");
  EXPECT_EQ(redirect.path, "/s");
  EXPECT_EQ(redirect.prefix, std::nullopt);
  EXPECT_EQ(std::get<RedirectModel>(m.routes[2].action).status, 301);
  EXPECT_EQ(std::get<RedirectModel>(m.routes[2].action).scheme, "https");
  EXPECT_EQ(std::get<RedirectModel>(m.routes[2].action).prefix, "/q");
  const auto& respond = std::get<RespondModel>(m.routes[3].action);
  EXPECT_EQ(respond.status, 503);
  EXPECT_EQ(respond.body, "sorry\n");
  EXPECT_EQ(respond.headers, (HeaderList{{"Retry-After", "5"}}));
}

TEST(Model, FiltersKeepTheirOrderAndTheirSettings) {
  const Model m = model(R"(
upstreams: {u: {endpoints: ["10.0.0.1:80"]}}
routes:
  - to: u
    filters:
      - local-rate-limit: {requests: 10, per: 1m}
      - headers: {request: {remove: [x-debug]}}
)");
  const auto& filters = m.routes[0].filters;
  ASSERT_EQ(filters.size(), 2U);
  EXPECT_EQ(filters[0].name, "local-rate-limit");
  EXPECT_EQ(filters[0].place, (Place{7, 9}));
  EXPECT_EQ(filters[1].name, "headers");
  RateLimitSettings settings;
  fill(settings, filters[0].settings, kRateLimitShape);
  EXPECT_EQ(settings.requests, 10U);
  EXPECT_EQ(settings.per, 1min);
  EXPECT_EQ(settings.burst, 0U);
}

TEST(Model, TheEnvironmentReachesValuesOfEveryType) {
  const Model m = model(R"(
app: {port: "${PORT}"}
upstreams: {u: {endpoints: ["10.0.0.1:${PORT}"], policy: "${UNSET:-default}"}}
http: {maxAge: "${UNSET:-none}"}
routes: [{match: {headers: {x-a: "${NAME}-$$"}}, to: u}]
)");
  EXPECT_EQ(m.app->address.text(), "127.0.0.1:8080");
  EXPECT_EQ(m.upstreams[0].endpoints[0].address.port(), 8080);
  EXPECT_EQ(m.http.maxAge, std::nullopt);
  EXPECT_EQ(m.routes[0].match.headers, (HeaderList{{"x-a", "value-$"}}));
}

TEST(Model, ListenersThatDoNotMeetAreFine) {
  model("listen: {outbound: \"127.0.0.1:1\", admin: \"[::1]:1\", telemetry: \"127.0.0.2:1\"}");
  model("listen: {outbound: \"127.0.0.1:0\", admin: \"127.0.0.1:0\"}");           // free ports differ
  model("upstreams: {u: {endpoints: [\"127.0.0.1:15106\"]}}");                    // not opened without an app
  model("app: {port: 8080}\nupstreams: {u: {endpoints: [\"10.0.0.7:15106\"]}}");  // a peer's sidecar
  model("app: {port: 15106}\nlisten: {inbound: none}");
}

TEST(Model, JsonIsYamlToo) {
  const LoadResult result =
      loadText(R"({"version": 1, "upstreams": {"u": {"endpoints": ["10.0.0.1:80"]}}, "workers": 2})");
  ASSERT_NE(result.model, nullptr) << brief(result.diagnostics);
  EXPECT_EQ(result.model->workers, 2U);
}

}  // namespace
}  // namespace outrigger::config
