// TCP tunnels over real sockets: both ends are apart, resets pass, unix sockets serve as well, a reload cuts nothing.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Received;
using real::Sidecar;
using real::Socket;
using real::TemporaryFolder;
using real::World;

/// A server that the test plays itself, and a sidecar that leads to it.
class Tcp : public ::testing::Test {
 protected:
  static std::string config(const std::string& endpoint, const std::string& listen, const std::string& more = "") {
    return "log: {access: all}\nshutdown: {lameDuck: 0s, grace: 1s}\n" + more + "upstreams: {db: {endpoints: [\"" +
           endpoint + "\"], protocol: tcp, listen: \"" + listen + "\"}}\n";
  }
  void start() {
    sidecar = &world.sidecar(config(listener.localAddress().text(), "127.0.0.1:0"));
    caller = Socket::connectTo(sidecar->address("upstream db"));
    accept();
  }
  void accept() {
    auto accepted = listener.accept();
    ASSERT_TRUE(accepted);
    server = std::move(*accepted);
  }
  /// From here on the tunnel stands, as both sides know.
  void meet() {
    ASSERT_TRUE(caller.send("hello"));
    EXPECT_EQ(read(server, 5), "hello");
  }
  /// So many octets, or what came before the end.
  static std::string read(Socket& socket, size_t size) {
    std::string octets;
    while (octets.size() < size) {
      const Received received = socket.receive();
      if (received.kind != Received::Kind::Octets) break;
      octets += received.octets;
    }
    return octets;
  }
  static Received::Kind end(Socket& socket) { return socket.receive().kind; }

  World world;
  Socket listener = Socket::listenAnywhere();
  Sidecar* sidecar = nullptr;
  Socket caller;
  Socket server;
};

TEST_F(Tcp, EndsAreApart) {
  start();
  ASSERT_TRUE(caller.send("question"));
  caller.finish();
  EXPECT_EQ(read(server, 8), "question");
  EXPECT_EQ(end(server), Received::Kind::End);
  ASSERT_TRUE(server.send("answer"));
  EXPECT_EQ(read(caller, 6), "answer");
  server.finish();
  EXPECT_EQ(end(caller), Received::Kind::End);
}

TEST_F(Tcp, MuchBothWays) {
  start();
  const std::string much(8 << 20, 'm');
  std::thread writer([&] { EXPECT_TRUE(caller.send(much)); });
  std::thread answerer([&] { EXPECT_TRUE(server.send(much)); });
  std::string got;
  std::thread reader([&] { got = read(caller, much.size()); });
  EXPECT_EQ(read(server, much.size()), much);
  for (std::thread* thread : {&writer, &answerer, &reader}) thread->join();
  EXPECT_EQ(got, much);
}

TEST_F(Tcp, ResetsPass) {
  start();
  meet();
  caller.reset();
  EXPECT_EQ(end(server), Received::Kind::Lost);
  caller = Socket::connectTo(sidecar->address("upstream db"));
  accept();
  meet();
  server.reset();
  EXPECT_EQ(end(caller), Received::Kind::Lost);
}

TEST_F(Tcp, UnixSocketsOnBothSides) {
  const TemporaryFolder folder;
  const std::string path = "unix:" + (folder / "db.sock").string();
  world.sidecar(config(listener.localAddress().text(), path));
  sidecar = &world.sidecar(config(path, "127.0.0.1:0"));
  caller = Socket::connectTo(sidecar->address("upstream db"));
  accept();
  ASSERT_TRUE(caller.send("question"));
  caller.finish();
  EXPECT_EQ(read(server, 8), "question");
  EXPECT_EQ(end(server), Received::Kind::End);
  ASSERT_TRUE(server.send("answer"));
  server.finish();
  EXPECT_EQ(read(caller, 6), "answer");
  EXPECT_EQ(end(caller), Received::Kind::End);
}

TEST_F(Tcp, ReloadCutsNothing) {
  start();
  sidecar->write(config(listener.localAddress().text(), "127.0.0.1:0", "policies: {default: {timeout: {idle: 7m}}}\n"));
  ASSERT_TRUE(sidecar->waitForEvents("config-applied"));
  ASSERT_TRUE(caller.send("still here"));
  EXPECT_EQ(read(server, 10), "still here");
}

TEST_F(Tcp, GraceEndsThem) {
  start();
  sidecar->process().signal(SIGTERM);
  ASSERT_TRUE(caller.send("last words"));
  EXPECT_EQ(read(server, 10), "last words");
  EXPECT_EQ(end(caller), Received::Kind::Lost);
  EXPECT_EQ(sidecar->process().wait(), 0);
}

TEST_F(Tcp, IsCounted) {
  start();
  ASSERT_TRUE(caller.send("12345"));
  EXPECT_EQ(read(server, 5), "12345");
  caller.finish();
  server.finish();
  EXPECT_EQ(end(caller), Received::Kind::End);
  const std::string labels = "{direction=\"outbound\",upstream=\"db\"";
  const auto shows = [&](const std::string& line) {
    return real::waitUntil([&] { return sidecar->page("/metrics", "telemetry").body.find(line) != std::string::npos; });
  };
  EXPECT_TRUE(shows("outrigger_tcp_connections_total" + labels + ",reason=\"ok\"} 1"));
  EXPECT_TRUE(shows("outrigger_tcp_bytes_total" + labels + ",way=\"sent\"} 5"));
  EXPECT_TRUE(shows("outrigger_tcp_duration_seconds_count" + labels + "} 1"));
  EXPECT_TRUE(shows("outrigger_tcp_open_connections" + labels + "} 0"));
  EXPECT_TRUE(shows("outrigger_detections_total{direction=\"outbound\",verdict=\"tcp\"} 1"));
}

}  // namespace
}  // namespace outrigger::e2e
