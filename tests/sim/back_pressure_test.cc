// Who is paused goes on. One read of 64 KiB becomes more than the high-water mark once it is framed anew; the kernel
// may take all of that at once, and then nothing is left that could drain later.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}";
const std::string kLarge(256 * 1024, 'm');

TEST(BackPressure, AnUploadInOneLargeChunkGoesOn) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  Client& client = sidecar.connect();
  client.request("POST", "POST /x HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n");
  world.run(10ms);
  client.send("40000\r\n" + kLarge + "\r\n0\r\n\r\n");
  EXPECT_TRUE(world.runUntil([&] { return client.complete() == 1; }, 1s));
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_TRUE(orders.requests()[0].body == kLarge);
}

TEST(BackPressure, AnAnswerUntilTheEndGoesOn) {
  World world;
  world.upstream("orders").sends("HTTP/1.1 200 OK\r\n\r\n" + kLarge).andCloses();
  auto& sidecar = world.sidecar(kOrders);
  Client& client = sidecar.connect();
  client.request("GET", "GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  EXPECT_TRUE(world.runUntil([&] { return client.complete() == 1; }, 1s));
  EXPECT_TRUE(client.responses()[0].body == kLarge);
}

// Our head is longer than the upstream's: together with 64 KiB of content it passes the mark.
TEST(BackPressure, AnAnswerWithALongerHeadGoesOn) {
  World world;
  world.upstream("orders").sends("HTTP/1.1 200 \r\nContent-Length:262144\r\n\r\n" + kLarge);
  auto& sidecar = world.sidecar(kOrders);
  Client& client = sidecar.connect();
  client.request("GET", "GET /x HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(world.runUntil([&] { return client.complete() == 1; }, 1s));
  EXPECT_TRUE(client.responses()[0].body == kLarge);
}

TEST(BackPressure, AnAnswerWaitsWhileNobodyReadsIt) {
  World world;
  world.upstream("orders").sends("HTTP/1.1 200 OK\r\nContent-Length: 262144\r\n\r\n" + kLarge);
  auto& sidecar = world.sidecar(kOrders);
  Client& client = sidecar.connect();
  client.stall();
  client.request("GET", "GET /x HTTP/1.1\r\nHost: orders\r\n\r\n");
  world.run(10s);
  EXPECT_EQ(client.octets(), "");
  client.goOn();
  EXPECT_TRUE(world.runUntil([&] { return client.complete() == 1; }, 1s));
  EXPECT_TRUE(client.responses()[0].body == kLarge);
}

}  // namespace
}  // namespace outrigger::sim
