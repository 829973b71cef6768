// The breaker by slow calls, by route, and only observed.
#include <gtest/gtest.h>

#include <algorithm>

#include "proxy/policy/mode.h"
#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

using State = policy::Breaker::State;

State stateOf(Sidecar& sidecar) {
  return static_cast<State>(sidecar.series("orders").breakerState.value());
}
uint64_t transitionsTo(Sidecar& sidecar, State state) {
  return sidecar.series("orders").breakerTransitions[static_cast<size_t>(state)].value();
}
uint64_t wouldOpen(Sidecar& sidecar) {
  return sidecar.series("orders").would[static_cast<size_t>(policy::Would::Open)].value();
}
std::vector<std::string> breakerTexts(const Sidecar& sidecar) {
  std::vector<std::string> texts;
  for (const auto& decision : sidecar.decisions()) {
    if (decision.kind == "breaker") texts.push_back(decision.text);
  }
  return texts;
}

// ---- Slow calls

std::string slowConfig(const std::string& more = "") {
  return "policies: {default: {retry: {limit: 0}, eject: none, " + more +
         "breaker: {slowPercent: 60, slowCall: 300ms}}}\nupstreams: {orders: {endpoints: ['${orders}']}}";
}

TEST(BreakerSlowCalls, OpenItThoughEachIsAnsweredWell) {
  World world;
  auto& orders = world.upstream("orders").replies(200).after(10ms);
  auto& sidecar = world.sidecar(slowConfig());
  for (int i = 0; i < 8; ++i) sidecar.get("orders", "/");
  orders.replies(200).after(301ms);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(stateOf(sidecar), State::Closed) << i;
    EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  }
  EXPECT_EQ(stateOf(sidecar), State::Open);
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "breaker-open");
  EXPECT_TRUE(breakerTexts(sidecar).front().starts_with(
      "breaker of orders: closed -> open: 12 of 20 calls took longer than 300 ms, refuses for 4"))
      << breakerTexts(sidecar).front();
}

TEST(BreakerSlowCalls, IsTheTimeToTheHead) {
  World world;
  auto& orders = world.upstream("orders");
  orders.sends("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nslow!").oneByOne(10ms);  // 430 ms, its head after 380
  auto& sidecar = world.sidecar(slowConfig());
  for (int i = 0; i < 20; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(stateOf(sidecar), State::Open);
  World other;
  other.upstream("orders").sends("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nslow!").oneByOne(7ms);  // its head: 266
  auto& second = other.sidecar(slowConfig());
  for (int i = 0; i < 20; ++i) second.get("orders", "/");
  EXPECT_EQ(stateOf(second), State::Closed);
}

TEST(BreakerSlowCalls, ItClosesWhenTheUpstreamIsQuickAgain) {
  World world;
  auto& orders = world.upstream("orders").replies(200).after(10ms);
  auto& sidecar = world.sidecar(slowConfig());
  Traffic traffic(world, sidecar, {.host = "orders"});
  traffic.start(100, 30s);
  world.run(5s);
  orders.replies(200).after(500ms);
  world.run(11s);
  EXPECT_NE(stateOf(sidecar), State::Closed);
  const uint64_t opened = transitionsTo(sidecar, State::Open);
  EXPECT_GE(opened, 2U) << "probes were slow";
  orders.replies(200).after(10ms);
  world.run(3s);
  EXPECT_EQ(stateOf(sidecar), State::Closed);
  EXPECT_TRUE(traffic.finish());
  EXPECT_LE(transitionsTo(sidecar, State::Open), opened + 1) << "no oscillation";
}

TEST(BreakerSlowCalls, WhatTheListOfFailuresDoesNotNameIsNotSlowEither) {
  World world;
  world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(slowConfig("failures: [reset], timeout: {attempt: 400ms}, "));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sidecar.get("orders", "/").reason(), "attempt-timeout");
  EXPECT_EQ(stateOf(sidecar), State::Closed);
}

// ---- By route

const std::string kRoutes =
    "routes:\n"
    "  - {name: create, match: {path: /create}, to: orders}\n"
    "  - {name: list, match: {path: /list}, to: orders}\n";

std::string routed(const std::string& breaker = "{per: route}", const std::string& routes = kRoutes) {
  return "policies: {default: {retry: {limit: 0}, eject: none, breaker: " + breaker +
         "}}\nupstreams: {orders: {endpoints: ['${orders}']}}\n" + routes;
}

void breakCreate(Sidecar& sidecar, Upstream& orders) {
  orders.replies(503);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar.get("any", "/create").reason(), "");
  orders.replies(200);
}

TEST(BreakerPerRoute, OneRouteOpensAndTheOthersFlow) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(routed());
  breakCreate(sidecar, orders);
  EXPECT_EQ(sidecar.get("any", "/create").reason(), "breaker-open");
  EXPECT_EQ(sidecar.get("any", "/list").status, 200);
  EXPECT_EQ(stateOf(sidecar), State::Open) << "the worst is shown";
  ASSERT_FALSE(breakerTexts(sidecar).empty());
  EXPECT_TRUE(breakerTexts(sidecar).front().starts_with(
      "breaker of orders for route create: closed -> open: 5 failures in a row"));
  world.run(500ms);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sidecar.get("any", "/create").status, 200);
  EXPECT_EQ(stateOf(sidecar), State::Closed);
  EXPECT_EQ(transitionsTo(sidecar, State::Open), 1U);
}

TEST(BreakerPerRoute, ARetryAsksTheRoutesOwn) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(
      "policies: {default: {eject: none, breaker: {per: route}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}\n" +
      kRoutes);
  orders.replies(503);
  for (int i = 0; i < 2; ++i) sidecar.get("any", "/create");  // six attempts
  EXPECT_EQ(sidecar.get("any", "/create").reason(), "breaker-open");
  const auto why = static_cast<size_t>(policy::RetryRefusal::Breaker);
  EXPECT_EQ(sidecar.series("orders").retriesRefused[why].value(), 1U) << "the sixth";
  orders.replies(503).then(200);
  EXPECT_EQ(sidecar.get("any", "/list").status, 200) << "its second attempt";
}

TEST(BreakerPerRoute, WhatWasLearnedSurvivesAReload) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(routed());
  breakCreate(sidecar, orders);
  ASSERT_EQ(sidecar.reload(routed("{per: route, maxOpen: 3s}")), "");
  EXPECT_EQ(sidecar.get("any", "/create").reason(), "breaker-open");
  EXPECT_EQ(sidecar.get("any", "/list").status, 200);
}

TEST(BreakerPerRoute, ARouteThatGoesTakesItsStateAlong) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(routed());
  breakCreate(sidecar, orders);
  ASSERT_EQ(sidecar.reload(routed("{per: route}", "routes: [{name: list, match: {path: /list}, to: orders}]\n")), "");
  world.run(1ms);
  EXPECT_EQ(stateOf(sidecar), State::Closed);
}

TEST(BreakerPerRoute, AllBeginAnewWherePerChanges) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(routed());
  breakCreate(sidecar, orders);
  ASSERT_EQ(sidecar.reload(routed("{per: upstream}")), "");
  world.run(1ms);
  EXPECT_EQ(stateOf(sidecar), State::Closed);
  EXPECT_EQ(sidecar.get("any", "/create").status, 200);
  breakCreate(sidecar, orders);
  EXPECT_EQ(sidecar.get("any", "/list").reason(), "breaker-open");
}

TEST(BreakerPerRoute, AnotherWorkersNewsAreForThatRoute) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(routed());
  sidecar.worker().adoptBreaker({"orders", "create", State::Open, world.loop().now() + 1s});
  EXPECT_EQ(sidecar.get("any", "/create").reason(), "breaker-open");
  EXPECT_EQ(sidecar.get("any", "/list").status, 200);
  EXPECT_EQ(stateOf(sidecar), State::Open);
  sidecar.worker().adoptBreaker({"orders", "create", State::Closed, {}});
  EXPECT_EQ(sidecar.get("any", "/create").status, 200);
}

// ---- Only observed

TEST(BreakerObserved, RefusesNothingAndCountsWhatItWouldHaveRefused) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {mode: observe, retry: {limit: 0}, eject: none}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(stateOf(sidecar), State::Open);
  EXPECT_EQ(wouldOpen(sidecar), 0U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sidecar.get("orders", "/").reason(), "");
  EXPECT_EQ(orders.hits(), 25U);
  EXPECT_EQ(wouldOpen(sidecar), 20U);
  ASSERT_FALSE(breakerTexts(sidecar).empty());
  EXPECT_TRUE(breakerTexts(sidecar).front().starts_with(
      "breaker of orders would go closed -> open: 5 failures in a row, would refuse for 4"));
}

TEST(BreakerObserved, RetriesGoOnAndTheRequestIsCountedOnce) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {mode: observe, retry: {limit: 2}, eject: none}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 2; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(orders.hits(), 6U);
  EXPECT_EQ(wouldOpen(sidecar), 0U);
  sidecar.get("orders", "/");
  EXPECT_EQ(orders.hits(), 9U);
  EXPECT_EQ(wouldOpen(sidecar), 1U);
}

// It opens, probes and closes at the times at which it would if it were obeyed, though the traffic goes on.
TEST(BreakerObserved, TellsTheSameStory) {
  const auto run = [](const std::string& mode) {
    World world;
    auto& orders = world.upstream("orders").replies(200).after(5ms);
    auto& sidecar = world.sidecar("policies: {default: {mode: " + mode +
                                  ", retry: {limit: 0}, eject: none}}\n"
                                  "upstreams: {orders: {endpoints: ['${orders}']}}");
    Traffic traffic(world, sidecar, {.host = "orders"});
    traffic.start(200, 30s);
    world.run(5s);
    orders.replies(503).after(5ms);
    world.run(10s);
    orders.replies(200).after(5ms);
    EXPECT_TRUE(traffic.finish());
    if (mode == "observe") {
      EXPECT_EQ(traffic.count(503), 2000U);
      EXPECT_GE(wouldOpen(sidecar), 1900U);
    }
    return std::pair(transitionsTo(sidecar, State::Open), stateOf(sidecar));
  };
  const auto [openings, last] = run("enforce");
  EXPECT_GE(openings, 6U);
  EXPECT_EQ(last, State::Closed);
  const auto [observed, lastObserved] = run("observe");
  EXPECT_NEAR(static_cast<double>(observed), static_cast<double>(openings), 2) << "their random numbers differ";
  EXPECT_EQ(lastObserved, State::Closed);
}

}  // namespace
}  // namespace outrigger::sim
