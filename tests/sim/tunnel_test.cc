// TCP tunnels: octets both ways through the whole worker, with the policies that requests have.
#include <gtest/gtest.h>

#include "tests/support/sim/raw_peer.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

class Tunnels : public ::testing::Test {
 protected:
  void start(const std::string& more = "", const std::string& head = "") {
    const std::string text =
        head + "upstreams:\n  db: {endpoints: ['${db1}', '${db2}'], protocol: tcp, listen: \"127.0.0.1:15432\"" +
        (more.empty() ? "" : ", " + more) + "}\n";
    sidecar = &world.sidecar(text);
  }
  RawPeer& call() {
    callers.push_back(std::make_unique<RawPeer>(sidecar->open(Direction::Outbound, "db")));
    return *callers.back();
  }
  RawServer& server(const std::string& name) {
    servers.push_back(std::make_unique<RawServer>(world.network(), world.address(name)));
    return *servers.back();
  }
  metrics::TunnelSeries& series() { return sidecar->metrics().tunnels[1]; }
  uint64_t ended(Reason wanted) {
    uint64_t count = 0;
    series().ended.forEach([&](uint16_t, Reason reason, uint64_t n) { count += reason == wanted ? n : 0; });
    return count;
  }
  uint64_t detected(metrics::Detection verdict) {
    return sidecar->metrics().worker.detections[1][static_cast<size_t>(verdict)].value();
  }
  static void echo(RawPeer& peer, Bytes data) { peer.send(std::string(data)); }

  World world;
  std::vector<std::unique_ptr<RawServer>> servers;
  std::vector<std::unique_ptr<RawPeer>> callers;
  RawServer& first = server("db1");
  RawServer& second = server("db2");
  Sidecar* sidecar = nullptr;
};

TEST_F(Tunnels, PassOctetsBothWays) {
  first.onOctets = second.onOctets = echo;
  start("", "log: {access: all}\n");
  RawPeer& caller = call();
  const std::string octets("\0GET / HTTP/1.1\r\n\r\n\xff", 20);
  caller.send(octets);
  world.run(100ms);
  EXPECT_EQ(caller.octets(), octets);
  EXPECT_EQ(series().open.value(), 1);
  EXPECT_EQ(detected(metrics::Detection::Tcp), 1U);
  EXPECT_EQ(sidecar->series("db").connectionsActive.value(), 1);
  caller.finish();
  world.run(100ms);
  (first.accepted() > 0 ? first : second).last().finish();
  world.run(100ms);
  EXPECT_TRUE(caller.ended());
  EXPECT_EQ(series().open.value(), 0);
  EXPECT_EQ(series().sent.value(), 20U);
  EXPECT_EQ(series().received.value(), 20U);
  EXPECT_EQ(ended(Reason::Ok), 1U);
  EXPECT_EQ(sidecar->series("db").connectionsActive.value(), 0);
  ASSERT_EQ(sidecar->accessLines().size(), 1U);
  const std::string& line = sidecar->accessLines().front();
  for (const char* part : {"\"upstream\":\"db\"", "\"protocol\":\"TCP\"", "\"reason\":\"ok\"", "\"status\":0",
                           "\"request_bytes\":20", "\"response_bytes\":20", "\"peer\":\"192.0.2.7:50000\""}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
  }
}

// Nothing is looked at: the connection is made before the caller has said a word.
TEST_F(Tunnels, DialAtOnce) {
  start();
  call();
  world.run(10ms);
  EXPECT_EQ(first.accepted() + second.accepted(), 1U);
}

TEST_F(Tunnels, HalfCloseOfTheCaller) {
  start();
  RawPeer& caller = call();
  caller.send("question");
  caller.finish();
  world.run(10ms);
  RawPeer& peer = (first.accepted() > 0 ? first : second).last();
  EXPECT_EQ(peer.octets(), "question");
  EXPECT_TRUE(peer.ended());
  EXPECT_FALSE(caller.ended());
  peer.send("a late answer");
  world.run(1min);
  EXPECT_EQ(caller.octets(), "a late answer");
  peer.finish();
  world.run(10ms);
  EXPECT_TRUE(caller.ended());
  EXPECT_EQ(ended(Reason::Ok), 1U);
}

TEST_F(Tunnels, HalfCloseOfTheEndpoint) {
  start();
  RawPeer& caller = call();
  world.run(10ms);
  RawPeer& peer = (first.accepted() > 0 ? first : second).last();
  peer.send("bye");
  peer.finish();
  world.run(10ms);
  EXPECT_EQ(caller.octets(), "bye");
  EXPECT_TRUE(caller.ended());
  caller.send("still here");
  world.run(1s);
  EXPECT_EQ(peer.octets(), "still here");
  EXPECT_EQ(series().open.value(), 1);
  caller.finish();
  world.run(10ms);
  EXPECT_EQ(ended(Reason::Ok), 1U);
  EXPECT_FALSE(caller.lost());
  EXPECT_FALSE(peer.lost());
}

TEST_F(Tunnels, ResetsPass) {
  start();
  RawPeer& one = call();
  RawPeer& two = call();
  world.run(10ms);
  one.reset();
  world.run(10ms);
  EXPECT_EQ(first.last().lost() + second.last().lost(), 1) << "each has one of the two";
  (first.last().lost() ? second : first).last().reset();
  world.run(10ms);
  EXPECT_TRUE(two.lost());
  EXPECT_EQ(ended(Reason::ClientClosed), 1U);
  EXPECT_EQ(ended(Reason::UpstreamReset), 1U);
}

TEST_F(Tunnels, BackPressureBothWays) {
  start();
  RawPeer& caller = call();
  world.run(10ms);
  RawPeer& peer = (first.accepted() > 0 ? first : second).last();
  const std::string much(4 << 20, 'x');
  peer.stall();
  caller.send(much);
  caller.stall();
  peer.send(much);
  world.run(1s);
  // What may be under way: two windows of the network, and what we hold.
  constexpr size_t kMostHeld = 2 * MemoryTransport::kWindow + 2 * kHighWater + MemoryTransport::kMostPerRead;
  EXPECT_GE(caller.unsent() + kMostHeld, much.size());
  EXPECT_GE(peer.unsent() + kMostHeld, much.size());
  peer.goOn();
  caller.goOn();
  world.run(10s);
  EXPECT_EQ(peer.octets().size(), much.size());
  EXPECT_EQ(caller.octets().size(), much.size());
}

TEST_F(Tunnels, ConnectIsTriedElsewhereAndNothingIsLost) {
  first.down();
  start();
  for (int i = 0; i < 4; ++i) call().send("hello " + std::to_string(i));
  world.run(1s);
  EXPECT_EQ(second.accepted(), 4U);
  std::string all;
  for (size_t i = 0; i < 4; ++i) all += second.at(i).octets();
  for (int i = 0; i < 4; ++i) EXPECT_NE(all.find("hello " + std::to_string(i)), std::string::npos);
  const auto& upstream = sidecar->series("db");
  EXPECT_GE(upstream.retries[static_cast<size_t>(policy::RetryCause::Unsent)].value(), 1U);
}

TEST_F(Tunnels, NobodyThere) {
  first.down();
  second.down();
  start();
  RawPeer& caller = call();
  caller.send("hello");
  world.run(10s);
  EXPECT_TRUE(caller.lost());
  EXPECT_EQ(ended(Reason::ConnectFailed), 1U);
  EXPECT_EQ(sidecar->accessLines().size(), 1U);
  EXPECT_NE(sidecar->accessLines().front().find("\"attempts\":3"), std::string::npos) << sidecar->accessLines().front();
  EXPECT_EQ(series().open.value(), 0);
}

TEST_F(Tunnels, ConnectTimeout) {
  world.network().blackhole(world.address("db1"));
  world.network().blackhole(world.address("db2"));
  start();
  RawPeer& caller = call();
  world.run(1500ms);
  EXPECT_FALSE(caller.lost());
  world.run(10s);
  EXPECT_TRUE(caller.lost());
  EXPECT_EQ(ended(Reason::ConnectTimeout), 1U);
}

TEST_F(Tunnels, RefusingEndpointIsEjected) {
  first.down();
  start();
  for (int i = 0; i < 40; ++i) {
    call();
    world.run(50ms);
  }
  EXPECT_EQ(second.accepted(), 40U);
  EXPECT_EQ(sidecar->series("db").ejections[0].value(), 1U);
}

TEST_F(Tunnels, EndpointThatResetsBeforeItSpeaksIsEjected) {
  first.onAccept = [](RawPeer& peer) { peer.reset(); };
  start();
  for (int i = 0; i < 40; ++i) {
    call();
    world.run(50ms);
  }
  EXPECT_GE(sidecar->series("db").ejections[0].value(), 1U);
  EXPECT_LE(first.accepted(), 12U);
}

TEST_F(Tunnels, BreakerOpens) {
  first.onAccept = second.onAccept = [](RawPeer& peer) { peer.reset(); };
  start();
  for (int i = 0; i < 10; ++i) {
    call();
    world.run(5ms);
  }
  EXPECT_GE(ended(Reason::BreakerOpen), 1U);
}

TEST_F(Tunnels, IdleTimeoutCountsBothWays) {
  start("policy: quick", "policies: {quick: {timeout: {idle: 10s}}}\n");
  RawPeer& caller = call();
  world.run(10ms);
  RawPeer& peer = (first.accepted() > 0 ? first : second).last();
  for (int i = 0; i < 5; ++i) {
    world.run(8s);
    if (i % 2 == 0) caller.send("x");
    if (i % 2 == 1) peer.send("y");
  }
  EXPECT_FALSE(caller.lost());
  world.run(11s);
  EXPECT_TRUE(caller.lost());
  EXPECT_TRUE(peer.lost());
  EXPECT_EQ(ended(Reason::IdleTimeout), 1U);
}

TEST_F(Tunnels, MaxAge) {
  start("policy: young", "policies: {young: {limits: {maxAge: 1m}}}\n");
  RawPeer& caller = call();
  world.run(59s);
  EXPECT_FALSE(caller.lost());
  world.run(2s);
  EXPECT_TRUE(caller.lost());
  EXPECT_EQ(ended(Reason::Draining), 1U);
}

TEST_F(Tunnels, Limits) {
  start("policy: few", "policies: {few: {limits: {requests: 2, pending: 1, pendingTimeout: 500ms}}}\n");
  RawPeer& one = call();
  call();
  world.run(10ms);
  RawPeer& waiting = call();
  waiting.send("patience");
  RawPeer& refused = call();
  world.run(10ms);
  EXPECT_TRUE(refused.lost());
  EXPECT_EQ(ended(Reason::LimitPending), 1U);
  EXPECT_FALSE(waiting.lost());
  one.reset();
  world.run(10ms);
  EXPECT_EQ(first.accepted() + second.accepted(), 3U);
  RawPeer& late = call();
  world.run(1s);
  EXPECT_TRUE(late.lost());
  EXPECT_EQ(ended(Reason::PendingTimeout), 1U);
}

TEST_F(Tunnels, GoOnAcrossReloads) {
  first.onOctets = second.onOctets = echo;
  start();
  RawPeer& caller = call();
  world.run(10ms);
  for (int i = 0; i < 5; ++i) {
    const std::string other =
        "upstreams: {db: {endpoints: ['${db1}', '${db2}'], protocol: tcp, listen: "
        "\"127.0.0.1:15432\"}, u" +
        std::to_string(i) + ": {endpoints: ['${db1}']}}";
    ASSERT_EQ(sidecar->reload(other), "");
    caller.send("x");
    world.run(2s);
  }
  EXPECT_EQ(caller.octets(), "xxxxx");
  EXPECT_EQ(sidecar->worker().generations(), 1U) << "a tunnel holds no old snapshot";
  ASSERT_EQ(sidecar->reload("upstreams: {other: {endpoints: ['${db1}']}}"), "");
  caller.send("y");
  world.run(2s);
  EXPECT_EQ(caller.octets(), "xxxxxy") << "though its upstream is gone";
  caller.reset();
  world.run(2s);
  EXPECT_EQ(ended(Reason::ClientClosed), 1U);
}

TEST_F(Tunnels, AreCutWhenTheDrainIsOver) {
  start();
  RawPeer& caller = call();
  world.run(10ms);
  sidecar->worker().makeAnswersLast(Direction::Outbound);
  sidecar->worker().closeIdle(Direction::Outbound);
  world.run(1s);
  EXPECT_FALSE(caller.lost());
  EXPECT_EQ(sidecar->worker().cutAll(), 1U);
  world.run(10ms);
  EXPECT_TRUE(caller.lost());
  EXPECT_EQ(ended(Reason::Draining), 1U);
}

TEST_F(Tunnels, ProxyHeaderComesFirst) {
  start("proxyProtocol: v1");
  call().send("hello");
  world.run(10ms);
  RawPeer& peer = (first.accepted() > 0 ? first : second).last();
  const std::string to = first.accepted() > 0 ? "10.0.0.1" : "10.0.0.2";
  EXPECT_EQ(peer.octets(), "PROXY TCP4 192.0.2.7 " + to + " 50000 8080\r\nhello");
}

TEST_F(Tunnels, HttpIsNotForThem) {
  start();
  EXPECT_EQ(sidecar->get("db", "/").status, 404);
  EXPECT_EQ(first.accepted() + second.accepted(), 0U);
}

}  // namespace
}  // namespace outrigger::sim
