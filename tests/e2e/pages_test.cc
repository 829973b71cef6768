// Admin and telemetry over HTTP, as CONTRACT §6 and §7 fix them.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Client;
using real::Sidecar;
using real::World;

constexpr const char* kConfig =
    "app: {address: '${orders}'}\n"
    "workers: 2\n"
    "upstreams: {orders: {endpoints: ['${orders}', '${broken}'], balance: round-robin}}\n";

class Pages : public ::testing::Test {
 protected:
  // Some of everything: good answers, retries, a local reply.
  void SetUp() override {
    world_.upstream("orders");
    world_.upstream("broken").resets();
    sidecar_ = &world_.sidecar(kConfig);
    for (int i = 0; i < 10; ++i) sidecar_->get("orders", "/x");
    sidecar_->get("nobody", "/x");
    sidecar_->request("GET", "me", "/x", {}, "", Direction::Inbound);
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(Pages, LiveAndReadyAreOnBothSides) {
  for (const char* listener : {"admin", "telemetry"}) {
    SCOPED_TRACE(listener);
    const auto live = sidecar_->page("/live", listener);
    EXPECT_EQ(live.status, 200);
    EXPECT_EQ(json::parse(live.body).at("workers").size(), 2U);
    const auto ready = sidecar_->page("/ready", listener);
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(json::parse(ready.body).at("blockers"), json::array());
  }
}

TEST_F(Pages, TelemetryServesNothingElse) {
  for (const char* path : {"/", "/api/status", "/api/config", "/api/upstreams", "/api/decisions"}) {
    EXPECT_EQ(sidecar_->page(path, "telemetry").status, 404) << path;
    EXPECT_EQ(sidecar_->page(path).status, 200) << path;
  }
}

TEST_F(Pages, PromtoolHasNothingToSayOfTheMetrics) {
  const auto metrics = sidecar_->page("/metrics", "telemetry");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_TRUE(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
  const real::TemporaryFolder folder;
  real::writeFile(folder / "metrics", metrics.body);
  const auto promtool = real::runToEnd({"/bin/sh", "-c", "promtool check metrics < " + (folder / "metrics").string()});
  EXPECT_EQ(promtool.exitCode, 0) << promtool.err;
  EXPECT_EQ(promtool.out + promtool.err, "");
}

TEST_F(Pages, OpenMetricsWithTheTraceOfARequest) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  Client app(sidecar_->address("outbound"));
  app.request("GET", "orders", "/x", {{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  Client prometheus(sidecar_->address("telemetry"));
  const auto metrics = prometheus.request("GET", "127.0.0.1", "/metrics",
                                          {{"accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}});
  EXPECT_TRUE(metrics.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
  EXPECT_NE(metrics.body.find("\n# TYPE outrigger_requests counter\n"), std::string::npos);
  EXPECT_NE(metrics.body.find(" # {trace_id=\"" + trace + "\"} 0."), std::string::npos);
  EXPECT_TRUE(metrics.body.ends_with("\n# EOF\n"));
}

TEST(Metrics, BucketsAreThoseOfTheConfig) {
  World world;
  world.upstream("orders");
  Sidecar& sidecar = world.sidecar("metrics: {buckets: [2ms, 30s]}\nupstreams: {orders: {endpoints: ['${orders}']}}\n");
  sidecar.get("orders", "/x");
  const std::string metrics = sidecar.page("/metrics", "telemetry").body;
  std::set<std::string> bounds;
  const std::string before =
      "outrigger_request_duration_seconds_bucket{direction=\"outbound\",route=\"orders\",upstream=\"orders\",le=\"";
  for (size_t at = metrics.find(before); at != std::string::npos; at = metrics.find(before, at + 1)) {
    const size_t begin = at + before.size();
    bounds.insert(metrics.substr(begin, metrics.find('"', begin) - begin));
  }
  EXPECT_EQ(bounds, (std::set<std::string>{"0.002", "30", "+Inf"}));
}

TEST_F(Pages, MetricsCountWhatHappened) {
  const std::string metrics = "\n" + sidecar_->page("/metrics", "telemetry").body;
  const auto expect = [&](const std::string& line) {
    EXPECT_NE(metrics.find("\n" + line + "\n"), std::string::npos) << line << "\nis not in\n" << metrics;
  };
  expect(
      R"(outrigger_requests_total{direction="outbound",route="orders",upstream="orders",code="200",reason="ok"} 10)");
  expect(R"(outrigger_attempts_total{upstream="orders",result="reset"} )" +
         std::to_string(world_.upstream("broken").hits()));
  expect(R"(outrigger_config_last_reload_successful 1)");
  expect(R"(outrigger_draining 0)");
  EXPECT_NE(metrics.find("reason=\"no-route\""), std::string::npos);
  EXPECT_NE(metrics.find("outrigger_requests_total{direction=\"inbound\""), std::string::npos);
}

TEST_F(Pages, ConfigSaysWhereEachValueComesFrom) {
  const json config = sidecar_->json("/api/config");
  EXPECT_EQ(config.at("file"), sidecar_->configFile().string());
  std::map<std::string, std::string> origins;
  for (const json& value : config.at("values")) origins[value.at("path")] = value.at("origin");
  EXPECT_TRUE(origins.at("workers").starts_with("outrigger.yaml:")) << origins.at("workers");
  EXPECT_FALSE(origins.at("policies.default.retry.limit").starts_with("outrigger.yaml:"));
}

TEST_F(Pages, UpstreamsShowTheirEndpoints) {
  const json upstreams = sidecar_->json("/api/upstreams");
  EXPECT_EQ(upstreams.at("workers"), 2);
  std::set<std::string> addresses;
  for (const json& upstream : upstreams.at("upstreams")) {
    EXPECT_EQ(upstream.at("breaker"), "closed");
    if (upstream.at("name") != "orders") continue;
    for (const json& endpoint : upstream.at("endpoints")) addresses.insert(endpoint.at("address"));
  }
  EXPECT_EQ(addresses, (std::set<std::string>{world_.upstream("orders").address().text(),
                                              world_.upstream("broken").address().text()}));
}

TEST(Decisions, AnOpenBreakerIsShownWithItsCause) {
  World world;
  world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {retry: {limit: 0}, breaker: {open: 1h, maxOpen: 1h}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}\n");
  std::string reason;
  for (int i = 0; i < 50 && reason != "breaker-open"; ++i) reason = sidecar.get("orders", "/x").reason();
  EXPECT_EQ(reason, "breaker-open");
  ASSERT_TRUE(sidecar.waitForEvents("decision"));
  const json decisions = sidecar.json("/api/decisions").at("decisions");
  bool shown = false;
  for (const json& decision : decisions) {
    shown = shown || (decision.at("upstream") == "orders" &&
                      decision.at("kind").get<std::string>().find("breaker") != std::string::npos);
  }
  EXPECT_TRUE(shown) << decisions.dump(2);
  EXPECT_EQ(sidecar.json("/api/upstreams").at("upstreams")[0].at("breaker"), "open");
}

TEST(Why, TellsOfARequestByItsId) {
  World world;
  world.upstream("orders").replies(503).then(200);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  for (const char* id : {"0123456789abcdef", "an odd one"}) {
    EXPECT_EQ(sidecar.get("orders", "/secret?token=1", {{"x-request-id", id}}).status, 200);
  }
  const json told = sidecar.json("/api/why?id=0123456789abcdef");
  EXPECT_EQ(told.at("found"), true);
  ASSERT_EQ(told.at("requests").size(), 1U);
  const json& request = told.at("requests")[0];
  EXPECT_EQ(request.at("attempts"), 2);
  EXPECT_EQ(request.at("tries")[0].at("status"), 503);
  EXPECT_EQ(request.at("tries")[0].at("retried").at("cause"), "status");
  EXPECT_TRUE(request.at("upstream_rule").get<std::string>().starts_with("outrigger.yaml:")) << request;
  EXPECT_EQ(told.dump().find("secret"), std::string::npos);
  EXPECT_EQ(told.dump().find("token"), std::string::npos);
  EXPECT_EQ(sidecar.json("/api/why?id=ffffffffffffffff").at("found"), false);
  EXPECT_EQ(sidecar.page("/api/why").status, 400);
}

TEST_F(Pages, AForeignHostIsRefused) {
  Client browser(sidecar_->address("admin"));
  EXPECT_EQ(browser.get("evil.example.com", "/api/config").status, 403);
}

TEST_F(Pages, ActionsAreOffUnlessAllowed) {
  Client client(sidecar_->address("admin"));
  EXPECT_EQ(client.request("POST", "127.0.0.1", "/api/drain", {{"outrigger-admin", "1"}}).status, 403);
  EXPECT_EQ(sidecar_->page("/ready").status, 200);
}

TEST(Actions, ADrainNeedsTheHeader) {
  World world;
  auto& sidecar = world.sidecar("admin: {actions: true}\n");
  Client client(sidecar.address("admin"));
  EXPECT_EQ(client.request("POST", "127.0.0.1", "/api/drain").status, 403);
  EXPECT_EQ(sidecar.page("/ready").status, 200);
  EXPECT_EQ(client.request("POST", "127.0.0.1", "/api/drain", {{"outrigger-admin", "1"}}).status, 200);
  EXPECT_EQ(sidecar.page("/ready").status, 503);
}

}  // namespace
}  // namespace outrigger::e2e
