// Leaving without a trace: what is in flight is finished, and the process says goodbye with 0.
#include <gtest/gtest.h>

#include <csignal>
#include <list>
#include <thread>

#include "tests/e2e/traffic.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Client;
using real::Sidecar;
using real::Socket;
using real::World;

constexpr const char* kBothSides =
    "shutdown: {lameDuck: 2s, grace: 60s}\n"
    "app: {address: '${orders}'}\n"
    "upstreams: {orders: {endpoints: ['${orders}']}}\n";

constexpr const char* kShortly =
    "shutdown: {lameDuck: 50ms, grace: 60s}\n"
    "app: {address: '${orders}'}\n"
    "upstreams: {orders: {endpoints: ['${orders}']}}\n";

int readyStatus(const Sidecar& sidecar) {
  return sidecar.page("/ready", "telemetry").status;
}

// A balancer sends no new callers once /ready says 503; until then, and for what is under way, every answer is good.
TEST(Drain, SigtermUnderLoadFailsNothing) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(kBothSides);
  Traffic inbound({.address = sidecar.address("inbound")}, 2);
  Traffic outbound({.address = sidecar.address("outbound")}, 2);
  ASSERT_TRUE(real::waitUntil([&] { return inbound.good() > 20 && outbound.good() > 20; }));
  ASSERT_EQ(readyStatus(sidecar), 200);
  sidecar.process().signal(SIGTERM);
  ASSERT_TRUE(sidecar.waitForEvents("draining"));
  EXPECT_EQ(readyStatus(sidecar), 503);
  inbound.stop();
  outbound.stop();
  EXPECT_EQ(sidecar.process().wait(), 0);
  EXPECT_TRUE(inbound.failures().empty()) << inbound.failures().front();
  EXPECT_TRUE(outbound.failures().empty()) << outbound.failures().front();
  EXPECT_EQ(sidecar.events("ended").at(0).at("cut"), "0");
}

TEST(Drain, ARequestInFlightIsFinishedBehindTheListenersEnd) {
  World world;
  Socket origin = Socket::listenAnywhere();
  auto& sidecar =
      world.sidecar("shutdown: {lameDuck: 50ms, grace: 60s}\napp: {address: '" + origin.localAddress().text() + "'}\n");
  Client client = sidecar.connect(Direction::Inbound);
  client.send("GET /x HTTP/1.1\r\nHost: me\r\n\r\n");
  auto connection = origin.accept();
  ASSERT_TRUE(connection);
  ASSERT_EQ(connection->receive().kind, real::Received::Kind::Octets);
  sidecar.process().signal(SIGTERM);
  ASSERT_TRUE(sidecar.waitForEvents("inbound-closing"));
  connection->send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate");
  const auto response = client.read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "late");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_EQ(sidecar.process().wait(), 0);
}

TEST(Drain, TheOutboundSideServesTheAppWhileItIsThere) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(kShortly);
  Client app = sidecar.connect();
  EXPECT_EQ(app.get("orders", "/x").status, 200);
  const Address inbound = sidecar.address("inbound");
  sidecar.process().signal(SIGTERM);
  ASSERT_TRUE(sidecar.waitForEvents("inbound-closing"));
  ASSERT_TRUE(real::waitUntil([&] { return !Socket::tryConnectTo(inbound); }));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(app.get("orders", "/x").status, 200);
  app.socket().close();
  EXPECT_EQ(sidecar.process().wait(), 0);
}

TEST(Drain, ASecondSignalEndsAtOnce) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(kBothSides);
  Client client = sidecar.connect();
  client.send("GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  ASSERT_TRUE(orders.waitForHits(1));
  sidecar.process().signal(SIGTERM);
  ASSERT_TRUE(sidecar.waitForEvents("draining"));
  sidecar.process().signal(SIGTERM);
  EXPECT_EQ(sidecar.process().wait(), 0);
  EXPECT_EQ(sidecar.events("ended").at(0).at("cut"), "1");
  EXPECT_TRUE(client.closedByPeer());
}

// A full stdout keeps the process for the second that its log writer waits.
TEST(Drain, ASignalOnTheWayOutChangesNothing) {
  World world;
  world.upstream("orders");
  auto& sidecar =
      world.sidecar(std::string("log: {access: all}\n") + kShortly,
                    {.configFile = std::nullopt, .descriptors = std::nullopt, .arguments = {}, .fullStdout = true});
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
  sidecar.process().signal(SIGTERM);
  ASSERT_TRUE(sidecar.waitForEvents("draining"));
  sidecar.process().signal(SIGTERM);
  ASSERT_TRUE(sidecar.waitForEvents("ended"));
  const auto ended = [&] { return sidecar.process().hasEnded(); };
  for (; !ended(); std::this_thread::yield()) sidecar.process().signal(SIGTERM);
  EXPECT_EQ(sidecar.process().wait(), 0);
}

// Each look at the app is a connection that it must accept.
TEST(Drain, TheAppIsNotPestered) {
  World world;
  Socket app = Socket::listenAnywhere();
  auto& sidecar =
      world.sidecar("shutdown: {lameDuck: 500ms, grace: 60s}\napp: {address: '" + app.localAddress().text() + "'}\n");
  const auto begun = real::Clock::now();
  sidecar.process().signal(SIGTERM);
  EXPECT_EQ(sidecar.process().wait(), 0);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(real::Clock::now() - begun).count();
  std::list<Socket> looks;
  while (auto look = app.accept(real::Clock::now())) looks.push_back(std::move(*look));
  EXPECT_GE(looks.size(), 1U);
  EXPECT_LE(looks.size(), 1U + static_cast<size_t>(seconds));
}

TEST(Drain, WhatIsLeftAtTheEndOfTheGraceIsCut) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(
      "shutdown: {lameDuck: 50ms, grace: 200ms}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}\n");
  Client client = sidecar.connect();
  client.send("GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  ASSERT_TRUE(orders.waitForHits(1));
  sidecar.process().signal(SIGINT);
  EXPECT_EQ(sidecar.process().wait(), 0);
  EXPECT_EQ(sidecar.events("ended").at(0).at("cut"), "1");
}

TEST(Drain, TheVerbTellsTheProcess) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(kBothSides);
  const real::Outcome told =
      real::runToEnd({OUTRIGGER_BINARY, "drain", "--json", "--pid", std::to_string(sidecar.process().pid())});
  EXPECT_EQ(told.exitCode, 0) << told.err;
  EXPECT_TRUE(nlohmann::json::parse(told.out)["drained"]);
  ASSERT_TRUE(sidecar.waitForEvents("draining"));
  EXPECT_EQ(sidecar.events("draining").at(0).at("grace_ms"), "60000") << "the timetable is told";
  EXPECT_EQ(sidecar.page("/ready", "telemetry").status, 503);
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
}

TEST(Drain, Sigusr1DrainsWithoutEnding) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(kBothSides);
  sidecar.process().signal(SIGUSR1);
  ASSERT_TRUE(sidecar.waitForEvents("draining"));
  const auto ready = sidecar.page("/ready", "telemetry");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("draining"), std::string::npos) << ready.body;
  EXPECT_EQ(sidecar.page("/live", "telemetry").status, 200);
  const auto inbound = sidecar.request("GET", "any", "/x", {}, "", Direction::Inbound);
  EXPECT_EQ(inbound.status, 200);
  EXPECT_EQ(inbound.header("connection"), "close");
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
}

}  // namespace
}  // namespace outrigger::e2e
