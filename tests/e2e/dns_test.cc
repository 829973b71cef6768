// Endpoints that are looked up in the DNS: they come, change and stay under traffic, and nobody notices.
#include <gtest/gtest.h>

#include <future>

#include "tests/e2e/traffic.h"
#include "tests/support/real/name_server.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::NameServer;
using real::Sidecar;
using real::World;

// SRV records, since every endpoint here has a port of its own.
constexpr const char* kService = "_http._tcp.orders.test";

class Dns : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"one", "two", "three"}) world_.upstream(name).replies(200);
    names_.has("here.test", {"127.0.0.1"});
  }
  Sidecar& start(const std::string& yaml) {
    Sidecar::Options options;
    options.arguments = {"--dns-server", names_.address().text()};
    return world_.sidecar(yaml, options);
  }
  Sidecar& startOrders() { return start("upstreams: {orders: {dns: _http._tcp.orders.test}}"); }
  void point(const std::vector<std::string>& upstreams) {
    std::vector<NameServer::Service> services;
    for (const std::string& name : upstreams) {
      services.push_back({1, 1, world_.upstream(name).address().port(), "here.test"});
    }
    names_.hasServices(kService, services);
  }
  size_t hits(const std::string& upstream) { return world_.upstream(upstream).hits(); }

  NameServer names_;
  World world_;
};

TEST_F(Dns, EndpointsComeAndGoUnderTraffic) {
  point({"one"});
  Sidecar& sidecar = startOrders();
  ASSERT_TRUE(sidecar.waitForEvents("endpoints-found"));
  Traffic traffic({.address = sidecar.address("outbound")}, 2);
  ASSERT_TRUE(world_.upstream("one").waitForHits(20));
  point({"one", "two", "three"});
  for (const char* name : {"two", "three"}) ASSERT_TRUE(world_.upstream(name).waitForHits(20));
  point({"two", "three"});
  ASSERT_TRUE(sidecar.waitForEvents("endpoints-found", 3));
  // Once what was under way has ended, the first is left alone.
  const auto settled = [&, seen = hits("one"), since = hits("two")]() mutable {
    const size_t now = hits("one");
    if (now != seen) since = hits("two");
    seen = now;
    return hits("two") >= since + 50;
  };
  EXPECT_TRUE(real::waitUntil(settled));
  traffic.stop();
  EXPECT_GT(traffic.good(), 0U);
  EXPECT_TRUE(traffic.failures().empty()) << traffic.failures().front();
  EXPECT_EQ(sidecar.events("listening").size(), 3U) << "no listener is opened anew";
  EXPECT_TRUE(sidecar.events("config-applied").empty());
}

TEST_F(Dns, WhatWasFoundStaysWhileTheServerIsDeadOrDenies) {
  point({"one"});
  Sidecar& sidecar = startOrders();
  ASSERT_TRUE(sidecar.waitForEvents("endpoints-found"));
  Traffic traffic({.address = sidecar.address("outbound")}, 1);
  names_.forgets(kService);
  ASSERT_TRUE(sidecar.waitForEvents("discovery-trouble"));
  names_.is(NameServer::Mood::Fails);
  ASSERT_TRUE(sidecar.waitForEvents("discovery-trouble", 2));
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
  const auto source = sidecar.json("/api/upstreams").at("upstreams").at(0).at("source");
  EXPECT_EQ(source.at("from"), std::string("dns ") + kService);
  EXPECT_NE(source.at("trouble"), "");
  const std::string metrics = sidecar.page("/metrics", "telemetry").body;
  EXPECT_NE(metrics.find("outrigger_discovery_updates_total{upstream=\"orders\",result=\"failed\"}"),
            std::string::npos);
  EXPECT_NE(metrics.find("outrigger_discovery_age_seconds{upstream=\"orders\"}"), std::string::npos);
  names_.is(NameServer::Mood::Answers);
  point({"two"});
  ASSERT_TRUE(world_.upstream("two").waitForHits(5));
  traffic.stop();
  EXPECT_TRUE(traffic.failures().empty()) << traffic.failures().front();
}

TEST_F(Dns, TheFirstRequestsWaitForTheFirstAnswer) {
  names_.is(NameServer::Mood::SaysNothing);
  point({"one"});
  Sidecar& sidecar = start(
      "policies: {default: {limits: {pendingTimeout: 50s}}}\n"
      "upstreams: {orders: {dns: _http._tcp.orders.test}}");
  EXPECT_EQ(sidecar.page("/ready", "telemetry").status, 200) << "names are not waited for";
  auto answer =
      std::async(std::launch::async, [&] { return sidecar.connect().request("GET", "orders", "/x", {}, ""); });
  ASSERT_TRUE(names_.waitForQuestions(kService, 1));
  ASSERT_TRUE(real::waitUntil([&] { return sidecar.json("/api/upstreams").at("upstreams").at(0).at("pending") == 1; }));
  names_.is(NameServer::Mood::Answers);
  EXPECT_EQ(answer.get().status, 200);
}

TEST_F(Dns, ARequestDoesNotWaitForEver) {
  Sidecar& sidecar = start(
      "policies: {default: {limits: {pendingTimeout: 20ms}}}\n"
      "upstreams: {orders: {dns: missing.test, port: 80}}");
  const auto answer = sidecar.get("orders", "/x");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.reason(), "no-endpoints");
}

TEST_F(Dns, AReloadKeepsWhatWasFound) {
  point({"one"});
  Sidecar& sidecar = startOrders();
  ASSERT_TRUE(sidecar.waitForEvents("endpoints-found"));
  names_.is(NameServer::Mood::SaysNothing);
  sidecar.write("upstreams: {orders: {dns: _http._tcp.orders.test}, more: {dns: more.test, port: 80}}");
  ASSERT_TRUE(sidecar.waitForEvents("config-applied"));
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
}

}  // namespace
}  // namespace outrigger::e2e
