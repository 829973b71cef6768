// Listeners whose callers may speak anything: first octets decide, whoever says them.
#include <gtest/gtest.h>

#include "tests/support/sim/raw_peer.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using metrics::Detection;

class Detections : public ::testing::Test {
 protected:
  void start(const std::string& more = "protocol: auto") {
    sidecar = &world.sidecar("upstreams: {any: {endpoints: ['${any}'], listen: \"127.0.0.1:15433\", " + more + "}}");
  }
  RawPeer& call(const std::string& upstream = "any", Direction direction = Direction::Outbound) {
    callers.push_back(std::make_unique<RawPeer>(sidecar->open(direction, upstream)));
    return *callers.back();
  }
  uint64_t detected(Detection verdict, Direction direction = Direction::Outbound) {
    return sidecar->metrics().worker.detections[static_cast<size_t>(direction)][static_cast<size_t>(verdict)].value();
  }
  // Answers as an HTTP server does, and remembers everything.
  void speakHttp() {
    server.onOctets = [](RawPeer& peer, Bytes) {
      if (peer.octets().ends_with("\r\n\r\n")) peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    };
  }

  World world;
  RawServer server{world.network(), world.address("any")};
  std::vector<std::unique_ptr<RawPeer>> callers;
  Sidecar* sidecar = nullptr;
};

TEST_F(Detections, RequestOneOctetAtATime) {
  speakHttp();
  start();
  RawPeer& caller = call();
  const std::string request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
  for (const char octet : request) {
    caller.send(std::string(1, octet));
    world.run(5ms);
  }
  world.run(10ms);
  EXPECT_TRUE(caller.octets().starts_with("HTTP/1.1 200 OK")) << caller.octets();
  EXPECT_EQ(detected(Detection::Http1), 1U);
  EXPECT_NE(server.last().octets().find("via:"), std::string::npos) << "it went the way of a request";
}

TEST_F(Detections, NotHttpOneOctetAtATime) {
  start();
  RawPeer& caller = call();
  for (const char octet : std::string("*1\r\n$4\r\nPING\r\n")) {
    caller.send(std::string(1, octet));
    world.run(5ms);
  }
  EXPECT_EQ(server.last().octets(), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(detected(Detection::Tcp), 1U);
}

TEST_F(Detections, TlsIsPassedOn) {
  start();
  const std::string hello("\x16\x03\x01\x00\x10\x01\x00\x00", 8);
  call().send(hello);
  world.run(10ms);
  EXPECT_EQ(server.last().octets(), hello);
  EXPECT_EQ(detected(Detection::Tls), 1U);
}

TEST_F(Detections, ServerMaySpeakFirst) {
  server.onAccept = [](RawPeer& peer) { peer.send("220 ready\r\n"); };
  start();
  RawPeer& caller = call();
  world.run(49ms);
  EXPECT_EQ(server.accepted(), 0U);
  world.run(3ms);
  EXPECT_EQ(caller.octets(), "220 ready\r\n") << "no more than 50 ms and the way there and back";
  EXPECT_EQ(detected(Detection::ServerFirst), 1U);
  caller.send("EHLO me\r\n");  // with a method's look, but the server has spoken
  world.run(10ms);
  EXPECT_EQ(server.last().octets(), "EHLO me\r\n");
  EXPECT_EQ(detected(Detection::Http1), 0U);
}

TEST_F(Detections, HttpAfterASilenceGivesTheSpareBack) {
  start();
  RawPeer& caller = call();
  world.run(100ms);
  ASSERT_EQ(server.accepted(), 1U);
  RawPeer& spare = server.last();
  speakHttp();
  caller.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  world.run(10ms);
  EXPECT_TRUE(caller.octets().starts_with("HTTP/1.1 200 OK"));
  EXPECT_EQ(spare.octets(), "");
  EXPECT_TRUE(spare.lost() || spare.ended());
  EXPECT_EQ(detected(Detection::Http1), 1U);
  EXPECT_EQ(sidecar->metrics().tunnels[1].open.value(), 0);
}

TEST_F(Detections, TcpAfterASilenceTakesTheSpare) {
  start();
  RawPeer& caller = call();
  world.run(100ms);
  caller.send("\x01hello");
  world.run(10ms);
  EXPECT_EQ(server.accepted(), 1U);
  EXPECT_EQ(server.last().octets(), "\x01hello");
  EXPECT_EQ(detected(Detection::Tcp), 1U);
}

TEST_F(Detections, SilenceIsCheap) {
  start();
  for (int i = 0; i < 1000; ++i) call();
  world.run(1s);
  size_t open = 0;
  for (size_t i = 0; i < server.accepted(); ++i) open += server.at(i).ended() || server.at(i).lost() ? 0 : 1;
  EXPECT_LE(open, 64U);
  server.onAccept = [](RawPeer& peer) { peer.send("220 ready\r\n"); };
  RawPeer& late = call();
  world.run(60ms);
  EXPECT_EQ(late.octets(), "220 ready\r\n");
  world.run(2min);
  for (const auto& caller : callers) EXPECT_TRUE(caller->ended() || caller.get() == &late);
}

TEST_F(Detections, EndpointThatRefusesASpareIsAskedAgain) {
  server.down();
  start();
  RawPeer& caller = call();
  world.run(5s);
  EXPECT_FALSE(caller.lost());
  server.up();
  world.run(10s);
  caller.send("\x01hello");
  world.run(10ms);
  EXPECT_EQ(server.last().octets(), "\x01hello");
}

TEST_F(Detections, NeverFinished) {
  start();
  RawPeer& caller = call();
  caller.send("GE");
  world.run(9s);
  EXPECT_FALSE(caller.ended());
  world.run(2s);
  EXPECT_TRUE(caller.ended());
  EXPECT_EQ(detected(Detection::Refused), 1U);
}

TEST_F(Detections, TooShortToTell) {
  start();
  RawPeer& caller = call();
  caller.send("GE");
  caller.finish();
  world.run(10ms);
  EXPECT_EQ(server.last().octets(), "GE");
  EXPECT_TRUE(server.last().ended());
}

// Where all goes by its host, nothing else has a destination.
TEST_F(Detections, OutboundTakesHttpOnly) {
  start();
  RawPeer& caller = call("");
  caller.send(std::string("\0\0\0\x08", 4));
  world.run(10ms);
  EXPECT_TRUE(caller.octets().starts_with("HTTP/1.1 400")) << caller.octets();
  EXPECT_TRUE(caller.ended());
  EXPECT_EQ(detected(Detection::Refused), 1U);
  RawPeer& silent = call("");
  world.run(1s);
  EXPECT_EQ(server.accepted(), 0U);
  EXPECT_FALSE(silent.ended());
}

class Inbound : public Detections {
 protected:
  void startApp(const std::string& more = "") {
    sidecar = &world.sidecar("app: {address: '${any}'" + more + "}\nlog: {access: all}");
  }
};

TEST_F(Inbound, AppOfAnyProtocol) {
  startApp();
  RawPeer& caller = call("", Direction::Inbound);
  caller.send("\x01hello");
  world.run(10ms);
  EXPECT_EQ(server.last().octets(), "\x01hello");
  EXPECT_EQ(detected(Detection::Tcp, Direction::Inbound), 1U);
}

TEST_F(Inbound, AppThatSpeaksHttp) {
  speakHttp();
  startApp(", protocol: http1");
  call("", Direction::Inbound);
  world.run(1s);
  EXPECT_EQ(server.accepted(), 0U);
  RawPeer& caller = call("", Direction::Inbound);
  caller.send("\x01hello");
  world.run(10ms);
  EXPECT_TRUE(caller.octets().starts_with("HTTP/1.1 400"));
}

TEST_F(Inbound, ProxyHeaderNamesTheCaller) {
  speakHttp();
  startApp(", proxyProtocol: required");
  RawPeer& caller = call("", Direction::Inbound);
  for (const char octet : std::string("PROXY TCP4 203.0.113.9 10.0.0.2 4711 80\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n")) {
    caller.send(std::string(1, octet));
    world.run(1ms);
  }
  world.run(10ms);
  EXPECT_TRUE(caller.octets().starts_with("HTTP/1.1 200"));
  EXPECT_NE(server.last().octets().find("x-forwarded-for: 203.0.113.9\r\n"), std::string::npos);
  EXPECT_NE(sidecar->accessLines().back().find("\"peer\":\"203.0.113.9:4711\""), std::string::npos);
}

TEST_F(Inbound, ProxyHeaderThenSilence) {
  server.onAccept = [](RawPeer& peer) { peer.send("220 ready\r\n"); };
  startApp(", proxyProtocol: required");
  RawPeer& caller = call("", Direction::Inbound);
  world.run(1s);
  EXPECT_EQ(server.accepted(), 0U) << "nothing before the header";
  caller.send("PROXY TCP4 203.0.113.9 10.0.0.2 4711 80\r\n");
  world.run(60ms);
  EXPECT_EQ(caller.octets(), "220 ready\r\n");
}

TEST_F(Inbound, WithoutTheProxyHeaderItIsRefused) {
  startApp(", proxyProtocol: required");
  RawPeer& caller = call("", Direction::Inbound);
  caller.send("GET / HTTP/1.1\r\n");
  world.run(10ms);
  EXPECT_TRUE(caller.ended());
  EXPECT_EQ(caller.octets(), "");
  EXPECT_EQ(detected(Detection::Refused, Direction::Inbound), 1U);
  RawPeer& silent = call("", Direction::Inbound);
  world.run(11s);
  EXPECT_TRUE(silent.ended());
}

}  // namespace
}  // namespace outrigger::sim
