// Upgrades over real sockets: what goes over to another protocol lives as long as both sides want it.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Received;
using real::Socket;
using real::World;

const std::string kAsk =
    "GET /chat HTTP/1.1\r\nhost: orders\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

class Upgrade : public ::testing::Test {
 protected:
  static std::string config(int number) {
    return "http: {keepAlive: " + std::to_string(60 + number) + "s}\nupstreams: {orders: {endpoints: ['${orders}']}}\n";
  }
  /// A connection on which it was granted.
  Socket open() {
    Socket socket = Socket::connectTo(sidecar_.address("outbound"));
    EXPECT_TRUE(socket.send(kAsk));
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) head += octets(socket, 1);
    EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
    EXPECT_NE(head.find("upgrade: websocket\r\n"), std::string::npos) << head;
    return socket;
  }
  /// What comes, at least so many octets; less if the connection ends.
  static std::string octets(Socket& socket, size_t least) {
    std::string all;
    while (all.size() < least) {
      Received received = socket.receive();
      if (received.kind != Received::Kind::Octets) break;
      all += received.octets;
    }
    return all;
  }
  static std::string echo(Socket& socket, const std::string& text) {
    EXPECT_TRUE(socket.send(text));
    return octets(socket, text.size());
  }

  World world_;
  real::Upstream& orders_ = world_.upstream("orders").upgrades("", "farewell");
  real::Sidecar& sidecar_ = world_.sidecar("log: {access: all}\n" + config(0));
};

TEST_F(Upgrade, LivesThroughTwentyReloads) {
  Socket socket = open();
  for (int i = 1; i <= 20; ++i) {
    sidecar_.write("log: {access: all}\n" + config(i));
    ASSERT_TRUE(sidecar_.waitForEvents("config-applied", static_cast<size_t>(i))) << sidecar_.process().err();
    const std::string text = "after reload " + std::to_string(i);
    ASSERT_EQ(echo(socket, text), text);
  }
  socket.finish();
  EXPECT_EQ(octets(socket, 1000), "farewell");
  EXPECT_EQ(orders_.connectionsAccepted(), 1U);
}

TEST_F(Upgrade, CarriesManyOctetsBothWays) {
  Socket socket = open();
  const std::string text(1 << 20, 'x');
  std::string back;
  size_t sent = 0;
  while (back.size() < 16 * text.size()) {
    if (sent < 16 * text.size()) sent += socket.sendSome(std::string_view(text).substr(sent % text.size()));
    const Received received = socket.receive(real::Clock::now());
    if (received.kind == Received::Kind::Octets) back += received.octets;
    ASSERT_TRUE(received.kind == Received::Kind::Octets || received.kind == Received::Kind::TimedOut);
  }
  EXPECT_EQ(back, std::string(16 * text.size(), 'x'));
}

TEST_F(Upgrade, RefusedTheConnectionServesTheNextRequest) {
  orders_.replies(426, "another version, please").then(200, "fine");
  Socket socket = Socket::connectTo(sidecar_.address("outbound"));
  ASSERT_TRUE(socket.send(kAsk + "GET /next HTTP/1.1\r\nhost: orders\r\n\r\n"));
  std::string all;
  while (!all.ends_with("fine")) {
    const std::string more = octets(socket, 1);
    ASSERT_FALSE(more.empty()) << all;
    all += more;
  }
  EXPECT_TRUE(all.starts_with("HTTP/1.1 426 ")) << all;
  EXPECT_NE(all.find("another version, please"), std::string::npos) << all;
}

TEST_F(Upgrade, GoesOnInAProcessThatDrains) {
  Socket socket = open();
  sidecar_.process().signal(SIGUSR1);
  EXPECT_EQ(echo(socket, "still here"), "still here");
}

// RFC 8441, asked by Node: the key that HTTP/1 wants is made, and its answer checked, on the way.
TEST_F(Upgrade, AnHttp2CallerGetsAWebSocketOfHttp1) {
  const std::string port = std::to_string(sidecar_.address("outbound").port());
  const std::string script = std::filesystem::path(__FILE__).parent_path() / "http2_upgrade.mjs";
  const real::Outcome outcome = real::runToEnd({"node", script, port, "orders"});
  EXPECT_EQ(outcome.out, "200 accept=undefined upgrade=undefined: early late farewell\n") << outcome.err;
  const test::SeenRequest seen = orders_.requests().at(0);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.header("upgrade"), "websocket");
  EXPECT_EQ(seen.header("sec-websocket-version"), "13");
  EXPECT_EQ(seen.header("sec-websocket-key").size(), 24U);
}

TEST(Connect, CurlTunnelsToATcpUpstream) {
  World world;
  auto& db = world.upstream("db").replies(200, "through the tunnel");
  auto& sidecar = world.sidecar("http: {connect: true}\nupstreams: {db: {endpoints: ['${db}'], protocol: tcp}}\n");
  const std::string inside = "http://db:" + std::to_string(db.address().port()) + "/x";
  const std::string proxy = "http://" + sidecar.address("outbound").text();
  const real::Outcome outcome = real::runToEnd({"curl", "-sS", "--max-time", "60", "-p", "-x", proxy, inside});
  EXPECT_EQ(outcome.out, "through the tunnel") << outcome.err;
  EXPECT_EQ(db.requests().at(0).header("via"), "") << "what goes through a tunnel is not touched";
}

}  // namespace
}  // namespace outrigger::e2e
