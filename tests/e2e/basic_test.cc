// What a sidecar is for, with the real binary and real sockets.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Client;
using real::World;

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}\n";

TEST(Basic, AGetPassesOutbound) {
  World world;
  auto& orders = world.upstream("orders").replies(200, "hello", {{"x-served-by", "orders-1"}});
  auto& sidecar = world.sidecar(kOrders);
  const auto response = sidecar.get("orders", "/v1/orders?page=2", {{"x-team", "shop"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.header("x-served-by"), "orders-1");
  EXPECT_EQ(response.reason(), "");
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_EQ(orders.requests()[0].target, "/v1/orders?page=2");
  EXPECT_EQ(orders.requests()[0].header("x-team"), "shop");
  EXPECT_EQ(orders.requests()[0].header("x-request-id").size(), 32U);
  EXPECT_EQ(orders.requests()[0].header("via"), "1.1 outrigger");
}

TEST(Basic, APostPassesWithItsContent) {
  World world;
  auto& orders = world.upstream("orders").replies(201, "made");
  auto& sidecar = world.sidecar(kOrders);
  const std::string body(300'000, 'b');
  const auto response = sidecar.post("orders", "/v1/orders", body);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "made");
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_EQ(orders.requests()[0].body, body);
}

TEST(Basic, ARequestOfOthersReachesTheApp) {
  World world;
  auto& app = world.upstream("app").replies(200, "from the app");
  auto& sidecar = world.sidecar("app: {address: '${app}'}");
  const auto response = sidecar.request("POST", "anything", "/x", {}, "body", Direction::Inbound);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "from the app");
  ASSERT_EQ(app.hits(), 1U);
  EXPECT_EQ(app.requests()[0].body, "body");
  EXPECT_EQ(app.requests()[0].header("x-forwarded-for"), "127.0.0.1");
}

TEST(Basic, AnUpstreamsOwnPortNeedsNoHost) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}'], listen: '127.0.0.1:0'}}");
  Client client(sidecar.address("upstream orders"));
  EXPECT_EQ(client.get("something.else", "/x").status, 200);
  EXPECT_EQ(orders.hits(), 1U);
}

TEST(Basic, ItIsAForwardProxyForTheAbsoluteForm) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  EXPECT_EQ(sidecar.get("orders", "http://orders/v1").status, 200);
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_EQ(orders.requests()[0].target, "/v1");
}

TEST(Basic, WhatNoRouteMatchesGets404) {
  World world;
  auto& sidecar = world.sidecar("log: {access: all}\n");
  const auto response = sidecar.get("nobody", "/x");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.reason(), "no-route");
  EXPECT_TRUE(sidecar.process().waitForOutput([](const std::string& out, const std::string&) {
    return out.find("\"reason\":\"no-route\"") != std::string::npos;
  })) << sidecar.process().out();
}

TEST(Basic, AMirrorGetsACopyAndNobodyWaitsForIt) {
  World world;
  auto& orders = world.upstream("orders").replies(200, "of the orders");
  auto& shadow = world.upstream("shadow").hangs();
  auto& sidecar = world.sidecar(
      "upstreams: {orders: {endpoints: ['${orders}']}, shadow: {endpoints: ['${shadow}']}}\n"
      "routes: [{match: {host: orders}, to: orders, mirror: shadow}]");
  const std::string body(40'000, 'b');
  for (size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(sidecar.post("orders", "/v1/orders", body).body, "of the orders");
    ASSERT_TRUE(shadow.waitForHits(i));
  }
  EXPECT_EQ(orders.hits(), 3U);
  EXPECT_EQ(shadow.requests()[2].body, body);
  EXPECT_EQ(shadow.requests()[2].header("x-request-id"), orders.requests()[2].header("x-request-id"));
}

TEST(Basic, ConnectionsAreKeptOnBothSides) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  Client client = sidecar.connect();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("orders", "/x").status, 200);
  EXPECT_TRUE(client.usable());
  EXPECT_EQ(orders.connectionsAccepted(), 1U);
}

TEST(Basic, PipelinedRequestsAreAnsweredInOrder) {
  World world;
  world.upstream("orders").replies(200, "first").then(200, "second").then(200, "third");
  auto& sidecar = world.sidecar(kOrders);
  Client client = sidecar.connect();
  for (int i = 0; i < 3; ++i) client.send("GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  std::string octets;
  while (octets.find("third") == std::string::npos) {
    const auto received = client.socket().receive();
    ASSERT_EQ(received.kind, real::Received::Kind::Octets);
    octets += received.octets;
  }
  EXPECT_LT(octets.find("first"), octets.find("second"));
  EXPECT_LT(octets.find("second"), octets.find("third"));
}

TEST(Basic, ACallerThatHasEndedItsSideGetsItsAnswer) {
  World world;
  world.upstream("orders").replies(200, "late").after(100ms);
  auto& sidecar = world.sidecar(kOrders);
  Client client = sidecar.connect();
  client.send("GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  client.socket().finish();
  const auto response = client.read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "late");
  EXPECT_TRUE(client.closedByPeer());
}

TEST(Retry, A503IsTriedAgain) {
  World world;
  auto& orders = world.upstream("orders").replies(503).then(200);
  auto& sidecar = world.sidecar(kOrders);
  const auto response = sidecar.get("orders", "/x");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(response.header("outrigger-attempts"), "2");
  EXPECT_EQ(orders.hits(), 2U);
  EXPECT_EQ(orders.requests()[1].header("outrigger-attempt"), "2");
}

TEST(Retry, AResetIsTriedAgainOnce) {
  World world;
  auto& orders = world.upstream("orders").resets();
  auto& sidecar = world.sidecar(kOrders);
  const auto response = sidecar.get("orders", "/x");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.reason(), "upstream-reset");
  EXPECT_EQ(orders.hits(), 2U);
}

TEST(Retry, APostThatWasResetIsNeverSentTwice) {
  World world;
  auto& orders = world.upstream("orders").resets();
  auto& sidecar = world.sidecar(kOrders);
  const auto response = sidecar.post("orders", "/x", "pay 5");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.reason(), "upstream-reset");
  EXPECT_EQ(orders.hits(), 1U);
}

TEST(Retry, APostThatCouldNotBeSentGoesToAnotherEndpoint) {
  World world;
  auto& orders = world.upstream("orders");
  // Bound, so that nobody else gets the port, but nobody listens any more: connections are refused.
  const auto refusing = real::Socket::bindAnywhere();
  auto& sidecar = world.sidecar("upstreams: {orders: {balance: round-robin, endpoints: ['" +
                                refusing.localAddress().text() + "', '${orders}']}}");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(sidecar.post("orders", "/x", "pay 5").status, 200);
  EXPECT_EQ(orders.hits(), 4U);
}

TEST(Retry, ASilentUpstreamEndsInTheRequestTimeout) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar =
      world.sidecar(std::string("policies: {default: {timeout: {request: 300ms}, retry: {limit: 0}}}\n") + kOrders);
  const auto response = sidecar.get("orders", "/x");
  EXPECT_EQ(response.status, 504);
  EXPECT_EQ(response.reason(), "request-timeout");
  EXPECT_EQ(orders.hits(), 1U);
}

TEST(Retry, AnAnswerCutShortIsCutForTheCallerToo) {
  World world;
  world.upstream("orders").sends("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").andResets();
  auto& sidecar = world.sidecar(kOrders);
  const auto response = sidecar.get("orders", "/x");
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.complete);
}

}  // namespace
}  // namespace outrigger::e2e
