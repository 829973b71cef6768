// What the machine does not give: descriptors, memory, a peer that reads.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <list>
#include <thread>

#include "proxy/net/signals.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Client;
using real::Clock;
using real::Socket;
using real::World;

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}\n";
constexpr size_t kMebibyte = 1024 * 1024;

// A sanitizer keeps what was freed, and shadows the rest: its memory says nothing of ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

void expectMemoryBelow(const real::Sidecar& sidecar, size_t bytes) {
  EXPECT_TRUE(!kMemoryIsOurs || sidecar.residentBytes() < bytes) << sidecar.residentBytes() << " of " << bytes;
}

TEST(Descriptors, RunningOutIsSurvived) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "UBSan opens a pipe to look at an object, and takes an object for broken when it cannot";
#endif
  World world;
  world.upstream("orders");
  constexpr unsigned kMost = 64;
  auto& sidecar = world.sidecar(kOrders, {.configFile = std::nullopt, .descriptors = kMost, .arguments = {}});
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
  const size_t before = sidecar.openDescriptors();
  std::list<Socket> crowd;
  for (int i = 0; i < 200; ++i) crowd.push_back(Socket::connectTo(sidecar.address("outbound")));
  // At least: what it inherited may have higher numbers than the limit.
  ASSERT_TRUE(real::waitUntil([&] { return sidecar.openDescriptors() >= kMost; }));
  crowd.clear();
  // Those that waited in the kernel's queue are accepted now and found gone; then everything is as before.
  Client client = sidecar.connect();
  EXPECT_EQ(client.get("orders", "/x").status, 200);
  EXPECT_EQ(sidecar.page("/live").status, 200);
  EXPECT_TRUE(real::waitUntil([&] { return sidecar.openDescriptors() <= before + 2; })) << "ours, and its upstream's";
}

/// An origin that sends as much as anybody takes, on one connection.
class Flood {
 public:
  explicit Flood(size_t size) : size_(size), thread_([this] { run(); }) {}
  ~Flood() { thread_.join(); }

  const Address& address() const { return address_; }
  size_t sent() const { return sent_; }

 private:
  void run() {
    auto connection = listener_.accept();
    if (!connection) return;
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) request += connection->receive().octets;
    connection->send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(size_) + "\r\n\r\n");
    const std::string piece(256 * 1024, 'f');
    while (sent_ < size_) {
      const size_t taken = connection->sendSome(std::string_view(piece).substr(0, size_ - sent_));
      if (taken == 0) return;
      sent_ += taken;
    }
  }

  const size_t size_;
  Socket listener_ = Socket::listenAnywhere();
  const Address address_ = listener_.localAddress();
  std::atomic<size_t> sent_{0};
  std::thread thread_;
};

TEST(BackPressure, AnOriginWaitsForACallerThatDoesNotRead) {
  constexpr size_t kSize = 200 * kMebibyte;
  Flood flood(kSize);
  World world;
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['" + flood.address().text() + "']}}\n");
  EXPECT_EQ(sidecar.page("/ready").status, 200);
  const size_t before = sidecar.residentBytes();
  Client client = sidecar.connect();
  client.send("GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  // Until nothing has moved for a while: all buffers between the origin and the caller are full.
  size_t seen = 0;
  Clock::time_point movedAt = Clock::now();
  ASSERT_TRUE(real::waitUntil([&] {
    if (flood.sent() != seen) movedAt = Clock::now();
    seen = flood.sent();
    return seen > 0 && Clock::now() - movedAt > std::chrono::milliseconds(500);
  }));
  EXPECT_LT(seen, 50 * kMebibyte) << "what the kernel's buffers hold, and little more";
  expectMemoryBelow(sidecar, before + 8 * kMebibyte);
  const auto response = client.read();
  EXPECT_TRUE(response.complete) << response.error;
  EXPECT_EQ(response.body.size(), kSize);
}

TEST(BackPressure, ACallerWaitsForAnOriginThatDoesNotRead) {
  Socket origin = Socket::listenAnywhere();
  World world;
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['" + origin.localAddress().text() + "']}}\n");
  const size_t before = sidecar.residentBytes();
  Client client = sidecar.connect();
  client.send("POST /x HTTP/1.1\r\nHost: orders\r\nContent-Length: 209715200\r\n\r\n");
  auto connection = origin.accept();
  ASSERT_TRUE(connection);
  const std::string piece(256 * 1024, 'f');
  size_t sent = 0;
  while (const size_t taken = client.socket().sendSome(piece, Clock::now() + std::chrono::milliseconds(500))) {
    sent += taken;
    ASSERT_LT(sent, 50 * kMebibyte);
  }
  expectMemoryBelow(sidecar, before + 8 * kMebibyte);
}

TEST(Output, AFullStdoutHoldsNeitherTheLogUpNorTheEnd) {
  World world;
  world.upstream("orders");
  auto& sidecar =
      world.sidecar(std::string("log: {access: all}\nshutdown: {lameDuck: 50ms, grace: 100ms}\n") + kOrders,
                    {.configFile = std::nullopt, .descriptors = std::nullopt, .arguments = {}, .fullStdout = true});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
  sidecar.process().signal(SIGUSR1);
  EXPECT_TRUE(sidecar.waitForEvents("draining"));
  sidecar.process().signal(SIGTERM);
  EXPECT_EQ(sidecar.process().wait(), 0);
}

TEST(Idle, AThousandConnectionsAreKept) {
  net::raiseDescriptorLimit();
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  EXPECT_EQ(sidecar.page("/ready").status, 200);
  const size_t before = sidecar.residentBytes();
  std::list<Client> clients;
  constexpr size_t kMany = 1000;
  for (size_t i = 0; i < kMany; ++i) {
    clients.emplace_back(sidecar.address("outbound"));
    ASSERT_EQ(clients.back().get("orders", "/x").status, 200);
  }
  const std::string metrics = sidecar.page("/metrics").body;
  EXPECT_NE(metrics.find("outrigger_downstream_connections{direction=\"outbound\"} 1000\n"), std::string::npos);
  expectMemoryBelow(sidecar, before + 16 * kMebibyte);
  for (Client& client : clients) ASSERT_EQ(client.get("orders", "/x").status, 200);
  EXPECT_EQ(orders.hits(), 2 * kMany);
}

}  // namespace
}  // namespace outrigger::e2e
