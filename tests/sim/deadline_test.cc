// Deadlines across hops: who says how much time is left, who believes it, and what ends when it is over.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}";

int64_t timeoutOf(const test::SeenRequest& request) {
  const std::string text = request.header("outrigger-timeout-ms");
  return text.empty() ? -1 : std::stoll(text);
}

TEST(Deadline, WhatIsLeftIsSentOn) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  sidecar.get("orders", "/");
  EXPECT_NEAR(static_cast<double>(timeoutOf(orders.requests()[0])), 15000, 10) << "the default";
  sidecar.get("orders", "/", {{"outrigger-timeout-ms", "200"}});
  EXPECT_GE(timeoutOf(orders.requests()[1]), 195);
  EXPECT_LE(timeoutOf(orders.requests()[1]), 200);
  EXPECT_EQ(orders.requests()[1].header("grpc-timeout"), "") << "never added";
}

TEST(Deadline, AFixedAttemptTimeoutIsWhatIsLeftForTheAttempt) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {attempt: 300ms}}}\n") + kOrders);
  sidecar.get("orders", "/");
  EXPECT_GE(timeoutOf(orders.requests()[0]), 295);
  EXPECT_LE(timeoutOf(orders.requests()[0]), 300);
}

TEST(Deadline, WithoutAnyNothingIsSaid) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {request: none}}}\n") + kOrders);
  sidecar.get("orders", "/");
  EXPECT_EQ(timeoutOf(orders.requests()[0]), -1);
}

TEST(Deadline, TheCallersIsNoFailureOfTheService) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(kOrders);
  for (int i = 0; i < 30; ++i) {
    const Instant before = world.loop().now();
    const auto answer = sidecar.get("orders", "/", {{"outrigger-timeout-ms", "50"}});
    EXPECT_EQ(answer.status, 504);
    EXPECT_EQ(answer.reason(), "deadline-exceeded");
    EXPECT_NEAR(seconds(world.loop().now() - before), 0.050, 0.003);
  }
  EXPECT_GE(orders.hits(), 30U) << "a share of 50 ms is tried again, as far as the budget goes";
  EXPECT_EQ(sidecar.series("orders").breakerState.value(), 0);
}

TEST(Deadline, WhatHasExpiredIsNeverSent) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  EXPECT_EQ(sidecar.get("orders", "/", {{"outrigger-timeout-ms", "0"}}).reason(), "deadline-exceeded");
  EXPECT_EQ(orders.connectionsAccepted(), 0U);
}

TEST(Deadline, WhatExpiresInTheQueueIsNeverSent) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar =
      world.sidecar(std::string("policies: {default: {limits: {requests: 1, pendingTimeout: 10s}}}\n") + kOrders);
  Client& first = sidecar.connect();
  first.ask("GET", "orders");
  world.run(10ms);
  Client& second = sidecar.connect();
  second.ask("GET", "orders", "/late", {{"outrigger-timeout-ms", "100"}});
  world.run(200ms);
  ASSERT_EQ(second.complete(), 1U);
  EXPECT_EQ(second.responses()[0].reason(), "deadline-exceeded");
  first.reset();
  world.run(1s);
  EXPECT_EQ(orders.hits(), 1U);
}

// Whatever a peer writes can only shorten it.
TEST(Deadline, HostileValuesChangeNothing) {
  for (const char* value : {"-1", "+5", "99999999999999999999999", "soon", "", "5, 6", "1e9", "0x7f", "60000"}) {
    World world;
    auto& orders = world.upstream("orders");
    auto& sidecar = world.sidecar(kOrders);
    EXPECT_EQ(sidecar.get("orders", "/", {{"outrigger-timeout-ms", value}}).status, 200) << value;
    EXPECT_NEAR(static_cast<double>(timeoutOf(orders.requests()[0])), 15000, 10) << value;
  }
}

TEST(Deadline, OfSeveralTheNearestCounts) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  sidecar.get("orders", "/",
              {{"outrigger-timeout-ms", "900"}, {"outrigger-timeout-ms", "400"}, {"outrigger-timeout-ms", "-7"}});
  EXPECT_NEAR(static_cast<double>(timeoutOf(orders.requests()[0])), 400, 5);
}

TEST(Deadline, AGrpcTimeoutIsOnlyShortened) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  sidecar.get("orders", "/", {{"grpc-timeout", "250m"}});
  const std::string left = orders.requests()[0].header("grpc-timeout");
  EXPECT_TRUE(left == "249m" || left == "250m") << left;
  sidecar.get("orders", "/", {{"grpc-timeout", "1H"}});
  const std::string cut = orders.requests()[1].header("grpc-timeout");
  EXPECT_LE(std::stoi(cut), 15000) << "our own timeout is nearer";
  sidecar.get("orders", "/", {{"grpc-timeout", "soon"}});
  EXPECT_EQ(orders.requests()[2].header("grpc-timeout"), "soon") << "what we do not understand passes";
}

// ---- Through the app

constexpr const char* kBoth =
    "app: {address: '${app}'}\n"
    "policies: {default: {retry: {limit: 0}}}\n"
    "upstreams: {orders: {endpoints: ['${orders}']}}";

/// A request that is with the app, under an id of its own.
class ThroughTheApp : public ::testing::Test {
 protected:
  Client& ask(const test::Headers& headers) {
    Client& client = sidecar_.connect(Direction::Inbound);
    client.ask("GET", "me", "/", headers);
    world_.run(5ms);
    return client;
  }
  Client& callOn(const test::Headers& headers) {
    Client& client = sidecar_.connect();
    client.ask("GET", "orders", "/", headers);
    world_.run(5ms);
    return client;
  }

  World world_;
  Upstream& app_ = world_.upstream("app").hangs();
  Upstream& orders_ = world_.upstream("orders").hangs();
  Sidecar& sidecar_ = world_.sidecar(kBoth);
};

TEST_F(ThroughTheApp, ItsCallsTakeTheSmallerDeadline) {
  ask({{"x-request-id", "r-1"}, {"outrigger-timeout-ms", "200"}});
  Client& call = callOn({{"x-request-id", "r-1"}});
  ASSERT_EQ(orders_.begun().size(), 1U);
  EXPECT_NEAR(static_cast<double>(timeoutOf(orders_.begun()[0])), 195, 5);
  world_.run(300ms);
  ASSERT_EQ(call.complete(), 1U);
  EXPECT_EQ(call.responses()[0].reason(), "deadline-exceeded");
  EXPECT_EQ(orders_.cancelled(), 1U);
}

TEST_F(ThroughTheApp, TheTraceTellsAsWell) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  ask({{"traceparent", "00-" + trace + "-b7ad6b7169203331-01"}, {"outrigger-timeout-ms", "200"}});
  callOn({{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  EXPECT_NEAR(static_cast<double>(timeoutOf(orders_.begun().at(0))), 195, 5);
}

TEST_F(ThroughTheApp, ItsCallsEndWhenTheCallerLeaves) {
  Client& caller = ask({{"x-request-id", "r-1"}});
  Client& call = callOn({{"x-request-id", "r-1"}});
  caller.reset();
  world_.run(1ms);
  EXPECT_EQ(orders_.cancelled(), 1U) << "within a turn and the network's latency";
  ASSERT_EQ(call.complete(), 1U);
  EXPECT_EQ(call.responses()[0].status, 504);
  EXPECT_EQ(sidecar_.series("orders").breakerState.value(), 0);
}

TEST_F(ThroughTheApp, OtherIdsAreNotTouched) {
  Client& caller = ask({{"x-request-id", "r-1"}, {"outrigger-timeout-ms", "100"}});
  callOn({{"x-request-id", "r-2"}});
  callOn({});
  caller.reset();
  world_.run(500ms);
  EXPECT_EQ(orders_.cancelled(), 0U);
  EXPECT_NEAR(static_cast<double>(timeoutOf(orders_.begun().at(0))), 15000, 10);
}

TEST_F(ThroughTheApp, AnIdThatIsNotUniqueTiesNothing) {
  Client& caller = ask({{"x-request-id", "r-1"}, {"outrigger-timeout-ms", "100"}});
  ask({{"x-request-id", "r-1"}});
  callOn({{"x-request-id", "r-1"}});
  caller.reset();
  world_.run(500ms);
  EXPECT_EQ(orders_.cancelled(), 0U);
}

TEST_F(ThroughTheApp, WhatTheAppBeginsTooLateIsNotSent) {
  Client& caller = ask({{"x-request-id", "r-1"}});
  caller.reset();
  world_.run(50ms);
  Client& call = callOn({{"x-request-id", "r-1"}});
  ASSERT_EQ(call.complete(), 1U);
  EXPECT_EQ(call.responses()[0].reason(), "deadline-exceeded");
  EXPECT_EQ(orders_.connectionsAccepted(), 0U);
  world_.run(11s);
  callOn({{"x-request-id", "r-1"}});
  EXPECT_EQ(orders_.begun().size(), 1U) << "not for ever";
}

TEST_F(ThroughTheApp, AfterTheAnswerItsCallsGoOn) {
  app_.replies(200).after(20ms);
  Client& caller = ask({{"x-request-id", "r-1"}});
  callOn({{"x-request-id", "r-1"}});
  world_.run(100ms);
  EXPECT_EQ(caller.complete(), 1U);
  EXPECT_EQ(orders_.cancelled(), 0U) << "work that the app does afterwards is its own affair";
}

}  // namespace
}  // namespace outrigger::sim
