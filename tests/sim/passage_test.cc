// What no upstream names goes where it was going: redirected connections of both directions, and what is asked of us as
// a forward proxy. Several ports of the app, and its health probes.
#include <gtest/gtest.h>

#include "tests/support/sim/raw_peer.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using metrics::Detection;

class Passages : public ::testing::Test {
 protected:
  void start(const std::string& yaml) { sidecar = &world.sidecar("redirect: {enabled: true}\n" + yaml); }
  RawPeer& call(const std::string& name, Direction direction = Direction::Outbound) {
    callers.push_back(std::make_unique<RawPeer>(sidecar->openRedirected(direction, world.address(name))));
    return *callers.back();
  }
  RawServer& server(const std::string& name) {
    servers.push_back(std::make_unique<RawServer>(world.network(), world.address(name)));
    return *servers.back();
  }
  test::SeenResponse ask(Client& client, const std::string& host, const std::string& path = "/") {
    client.ask("GET", host, path);
    const size_t wanted = client.complete() + 1;
    world.runUntil([&] { return client.complete() >= wanted || client.closed(); }, 1min);
    return client.responses().empty() ? test::SeenResponse{} : client.responses().back();
  }
  uint64_t detected(Detection verdict, Direction direction = Direction::Outbound) {
    return sidecar->metrics().worker.detections[static_cast<size_t>(direction)][static_cast<size_t>(verdict)].value();
  }

  World world;
  std::vector<std::unique_ptr<RawServer>> servers;
  std::vector<std::unique_ptr<RawPeer>> callers;
  Sidecar* sidecar = nullptr;
};

TEST_F(Passages, AKnownHostGoesToItsUpstreamWhereverItWasGoing) {
  auto& payments = world.upstream("payments");
  start("upstreams: {payments: {endpoints: ['${payments}']}}");
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("elsewhere"));
  EXPECT_EQ(ask(client, "payments").status, 200);
  EXPECT_EQ(payments.hits(), 1U);
}

TEST_F(Passages, AnUnknownHostGoesWhereItWasGoing) {
  auto& elsewhere = world.upstream("elsewhere");
  start("log: {access: all}");
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("elsewhere"));
  EXPECT_EQ(ask(client, "unknown.example").status, 200);
  EXPECT_EQ(ask(client, "another.example").status, 200);
  EXPECT_EQ(elsewhere.hits(), 2U);
  ASSERT_EQ(sidecar->accessLines().size(), 2U);
  EXPECT_NE(sidecar->accessLines().back().find("\"route\":\"passthrough\""), std::string::npos)
      << sidecar->accessLines().back();
}

TEST_F(Passages, WhereNobodyListensTheAnswerSaysSo) {
  start("");
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("nowhere"));
  const auto response = ask(client, "unknown.example");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("outrigger-reason"), "connect-failed");
}

TEST_F(Passages, UnknownHostsMayBeRefused) {
  auto& elsewhere = world.upstream("elsewhere");
  start("outbound: {unknown: refuse}");
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("elsewhere"));
  EXPECT_EQ(ask(client, "unknown.example").header("outrigger-reason"), "no-route");
  EXPECT_EQ(elsewhere.hits(), 0U);
}

TEST_F(Passages, WhatIsNotHttpIsATunnel) {
  RawServer& elsewhere = server("elsewhere");
  start("");
  RawPeer& caller = call("elsewhere");
  caller.send("*1\r\n$4\r\nPING\r\n");
  world.run(10ms);
  EXPECT_EQ(elsewhere.last().octets(), "*1\r\n$4\r\nPING\r\n");
  elsewhere.last().send("+PONG\r\n");
  world.run(10ms);
  EXPECT_EQ(caller.octets(), "+PONG\r\n");
  EXPECT_EQ(detected(Detection::Tcp), 1U);
}

TEST_F(Passages, WhoSpeaksFirstIsHeardAfterFiftyMilliseconds) {
  RawServer& mails = server("mails");
  mails.onAccept = [](RawPeer& peer) { peer.send("220 ready\r\n"); };
  start("");
  RawPeer& caller = call("mails");
  world.run(60ms);
  EXPECT_EQ(caller.octets(), "220 ready\r\n");
  EXPECT_EQ(detected(Detection::ServerFirst), 1U);
}

TEST_F(Passages, AnOpaquePortIsNotLookedAt) {
  RawServer& mails = server("mails");
  mails.onAccept = [](RawPeer& peer) { peer.send("220 ready\r\n"); };
  start("opaquePorts: [" + std::to_string(world.address("mails").port()) + "]");
  RawPeer& caller = call("mails");
  world.run(5ms);
  EXPECT_EQ(caller.octets(), "220 ready\r\n") << "at once";
}

TEST_F(Passages, AnEndpointOfAnUpstreamIsKnownByItsAddress) {
  RawServer& db = server("db");
  start("upstreams: {db: {endpoints: ['${db}'], protocol: tcp}}");
  RawPeer& caller = call("db");
  caller.send("\x01query");
  world.run(100ms);
  EXPECT_EQ(db.last().octets(), "\x01query");
  EXPECT_EQ(sidecar->series("db").connects[0].value(), 1U) << "with the policies of that upstream";
}

TEST_F(Passages, OurOwnListenersAreNoDestination) {
  start("");
  sidecar->worker().avoid({world.address("ourselves")});
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("ourselves"));
  EXPECT_EQ(ask(client, "unknown.example").header("outrigger-reason"), "loop");
  RawPeer& caller = call("ourselves");
  caller.send("\x01\x02");
  world.run(10ms);
  EXPECT_TRUE(caller.ended() || caller.lost());
  RawPeer& silent = call("ourselves");
  world.run(100ms);
  EXPECT_TRUE(silent.ended() || silent.lost());
}

TEST_F(Passages, AReloadEndsNothing) {
  RawServer& elsewhere = server("elsewhere");
  start("");
  RawPeer& caller = call("elsewhere");
  caller.send("\x01one");
  world.run(10ms);
  EXPECT_EQ(sidecar->reload("log: {access: all}"), "");
  caller.send("two");
  world.run(10ms);
  EXPECT_EQ(elsewhere.last().octets(), "\x01onetwo");
}

TEST_F(Passages, DestinationsThatNobodyUsesAreForgotten) {
  auto& elsewhere = world.upstream("elsewhere");
  start("");
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("elsewhere"));
  EXPECT_EQ(ask(client, "unknown.example").status, 200);
  client.leave();
  world.run(10min);
  EXPECT_EQ(sidecar->worker().passages(), 0U);
  Client& again = sidecar->connectRedirected(Direction::Outbound, world.address("elsewhere"));
  EXPECT_EQ(ask(again, "unknown.example").status, 200);
  EXPECT_EQ(elsewhere.hits(), 2U);
}

TEST_F(Passages, AForwardProxyPassesWhatItIsAskedFor) {
  auto& elsewhere = world.upstream("elsewhere");
  sidecar = &world.sidecar("outbound: {unknown: passthrough}");
  Client& client = sidecar->connect();
  const std::string host = world.address("elsewhere").text();
  EXPECT_EQ(ask(client, host, "http://" + host + "/x").status, 200);
  EXPECT_EQ(elsewhere.hits(), 1U);
  EXPECT_EQ(ask(client, host, "/x").header("outrigger-reason"), "no-route") << "Host alone asks for no proxy";
}

// On its way to a forward proxy that is not ours.
TEST_F(Passages, WhatIsMeantForAProxyReachesItAsItWas) {
  RawServer& proxy = server("proxy");
  proxy.onOctets = [](RawPeer& peer, Bytes) { peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"); };
  start("");
  Client& client = sidecar->connectRedirected(Direction::Outbound, world.address("proxy"));
  EXPECT_EQ(ask(client, "shop.example", "http://shop.example/x").status, 200);
  EXPECT_TRUE(proxy.last().octets().starts_with("GET http://shop.example/x HTTP/1.1\r\n")) << proxy.last().octets();
  RawPeer& caller = call("proxy");
  caller.send("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n");
  world.run(10ms);
  EXPECT_EQ(proxy.last().octets(), "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n");
}

TEST_F(Passages, StrangersDoNotStandInEachOthersWay) {
  auto& slow = world.upstream("slow").hangs();
  world.upstream("quick");
  start("policies: {default: {limits: {requests: 1, pending: 0}}}");
  Client& waiting = sidecar->connectRedirected(Direction::Outbound, world.address("slow"));
  waiting.ask("GET", "a.example");
  world.runUntil([&] { return slow.hits() == 1; }, 1s);
  EXPECT_EQ(ask(sidecar->connectRedirected(Direction::Outbound, world.address("slow")), "a.example").status, 503);
  EXPECT_EQ(ask(sidecar->connectRedirected(Direction::Outbound, world.address("quick")), "b.example").status, 200);
}

TEST_F(Passages, OurOwnListenersByOtherNames) {
  start("outbound: {unknown: passthrough}");
  sidecar->worker().avoid({Address::loopback(15101), Address::ipv4({10, 0, 0, 200}, 15101)});
  for (const char* host : {"127.0.0.1:15101", "127.0.0.2:15101", "0.0.0.0:15101", "[::ffff:10.0.0.200]:15101"}) {
    Client& client = sidecar->connect();
    EXPECT_EQ(ask(client, host, std::string("http://") + host + "/").header("outrigger-reason"), "loop") << host;
  }
}

// ---- Inbound

TEST_F(Passages, EachPortOfTheAppHasItsListener) {
  RawServer web(world.network(), Address::loopback(8081));
  RawServer extra(world.network(), Address::loopback(8082));
  for (RawServer* server : {&web, &extra}) {
    server->onOctets = [](RawPeer& peer, Bytes) { peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"); };
  }
  start("app: {ports: [{listen: '[::]:15106', port: 8081}, {listen: '[::]:15107', port: 8082}]}");
  EXPECT_EQ(ask(sidecar->connect(Direction::Inbound), "any").status, 200);
  EXPECT_EQ(web.accepted(), 1U);
  EXPECT_EQ(ask(sidecar->connect(Direction::Inbound, "app:8082"), "any").status, 200);
  EXPECT_EQ(extra.accepted(), 1U);
  const Address ofThePod = Address::ipv4({10, 1, 1, 1}, 8082);
  EXPECT_EQ(ask(sidecar->connectRedirected(Direction::Inbound, ofThePod), "any").status, 200);
  EXPECT_EQ(web.accepted(), 1U);
}

TEST_F(Passages, APortOfTheAppThatIsNotNamedIsATunnel) {
  RawServer& metrics = server("metrics");
  start("app: {port: 8081}");
  RawPeer& caller = call("metrics", Direction::Inbound);
  world.run(5ms);
  EXPECT_EQ(metrics.accepted(), 1U) << "it was not looked at";
  caller.send("GET / HTTP/1.1\r\n\r\n");
  world.run(5ms);
  EXPECT_EQ(metrics.last().octets(), "GET / HTTP/1.1\r\n\r\n");
}

TEST_F(Passages, APortThatAReloadTakesAwayAnswersNoMore) {
  RawServer web(world.network(), Address::loopback(8081));
  RawServer extra(world.network(), Address::loopback(8082));
  extra.onOctets = [](RawPeer& peer, Bytes) { peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"); };
  start("app: {ports: [{listen: '[::]:15106', port: 8081}, {listen: '[::]:15107', port: 8082}]}");
  Client& direct = sidecar->connect(Direction::Inbound, "app:8082");
  Client& redirected = sidecar->connectRedirected(Direction::Inbound, Address::ipv4({10, 1, 1, 1}, 8082));
  EXPECT_EQ(ask(direct, "any").status, 200);
  EXPECT_EQ(ask(redirected, "any").status, 200);
  EXPECT_EQ(sidecar->reload("redirect: {enabled: true}\napp: {port: 8081}"), "");
  EXPECT_EQ(ask(direct, "any").status, 404);
  EXPECT_EQ(ask(redirected, "any").status, 404);
  EXPECT_EQ(web.accepted(), 0U);
}

// ---- Probes

TEST(Probes, PassAccessRulesAndAreNotCounted) {
  World world;
  auto& app = world.upstream("app");
  auto& sidecar = world.sidecar(
      "app: {address: '${app}', probes: [/healthz]}\n"
      "access: {default: deny}\n"
      "log: {access: all}\n");
  const auto ask = [&](const std::string& method, const std::string& path) {
    return sidecar.request(method, "any", path, {}, "", Direction::Inbound).status;
  };
  EXPECT_EQ(ask("GET", "/healthz"), 200);
  EXPECT_EQ(ask("HEAD", "/healthz"), 200);
  EXPECT_EQ(ask("POST", "/healthz"), 401);
  EXPECT_EQ(ask("GET", "/healthz/x"), 401);
  EXPECT_EQ(ask("GET", "/healthz?all"), 401) << "nor any question beside it";
  EXPECT_EQ(app.hits(), 2U);
  EXPECT_EQ(sidecar.metrics().worker.probes[0].value(), 2U);
  app.replies(500);
  EXPECT_EQ(ask("GET", "/healthz"), 500);
  EXPECT_EQ(sidecar.metrics().worker.probes[1].value(), 1U);
}

}  // namespace
}  // namespace outrigger::sim
