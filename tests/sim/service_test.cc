// The tools of the experiments: laws, services, callers, apps.
#include <gtest/gtest.h>

#include "tests/support/sim/app.h"
#include "tests/support/sim/callers.h"

namespace outrigger::sim {
namespace {

constexpr const char* kPlain =
    "log: {access: none}\npolicies: {default: {retry: {limit: 0}, breaker: none, eject: none}}\n"
    "upstreams: {orders: {endpoints: ['${orders}']}}";

double meanOf(const Law& law) {
  Rng rng(7);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) sum += seconds(law.draw(rng));
  return sum / 100000;
}

TEST(Law, MeansAreWhatTheNamesSay) {
  EXPECT_NEAR(meanOf(Law::constant(10ms)), 0.010, 1e-9);
  EXPECT_NEAR(meanOf(Law::uniform(5ms, 15ms)), 0.010, 1e-4);
  EXPECT_NEAR(meanOf(Law::exponential(10ms)), 0.010, 2e-4);
  EXPECT_NEAR(meanOf(Law::lognormal(10ms, 0.5)), 0.010 * 1.1331, 2e-4);  // e^(σ²/2)
  EXPECT_NEAR(meanOf(Law::bimodal(10ms, 110ms, 0.1)), 0.020, 5e-4);
  EXPECT_NEAR(meanOf(Law::constant(10ms).plus(1s, 0.1).times(2)), 0.220, 5e-3);
}

TEST(Service, ServesAsManyAsItHasSlotsAndTheOthersInTurn) {
  World world;
  auto& orders = world.service("orders").slots(2).takes(Law::constant(10ms));
  auto& sidecar = world.sidecar(kPlain);
  Callers callers(world, sidecar, {.perSecond = 1000, .even = true, .host = "orders"});
  callers.run(5ms);
  EXPECT_EQ(callers.sent(), 5U);
  EXPECT_EQ(callers.tally().good, 5U);
  EXPECT_NEAR(seconds(callers.percentile(0)), 0.010, 0.002);    // at once
  EXPECT_NEAR(seconds(callers.percentile(100)), 0.026, 0.002);  // behind two others
  EXPECT_EQ(orders.counters().worked, 50ms);
}

TEST(Service, WorksOnForCallersThatHaveLeft) {
  World world;
  auto& orders = world.service("orders").takes(Law::constant(100ms));
  Callers callers(world, orders.address(), {.perSecond = 100, .even = true, .patience = 20ms});
  callers.run(95ms);
  world.run(1s);
  EXPECT_EQ(callers.tally().bad.at("0 left"), 10U);
  EXPECT_EQ(orders.counters().left, 10U);
  EXPECT_EQ(orders.counters().finished, 10U);
  EXPECT_NEAR(seconds(orders.counters().wasted), 0.8, 0.002);
}

TEST(Service, OrStopsWhenItNotices) {
  World world;
  auto& orders = world.service("orders").takes(Law::constant(100ms)).noticesClose();
  Callers callers(world, orders.address(), {.perSecond = 100, .even = true, .patience = 20ms});
  callers.run(95ms);
  world.run(1s);
  EXPECT_EQ(orders.counters().left, 10U);
  EXPECT_EQ(orders.counters().finished, 0U);
  EXPECT_EQ(orders.counters().wasted, Duration::zero());
  EXPECT_NEAR(seconds(orders.counters().worked), 0.2, 0.002);
}

TEST(Service, MakesNoProgressWhileItStalls) {
  World world;
  auto& orders = world.service("orders").slots(1).takes(Law::constant(10ms));
  Callers callers(world, orders.address(), {.perSecond = 50, .even = true});
  callers.start(50ms);
  world.run(5ms);
  orders.stall(1s);
  callers.finish();
  EXPECT_EQ(callers.tally().good, 3U);
  EXPECT_NEAR(seconds(callers.percentile(0)), 0.990, 0.001);    // the last: sent at 40 ms, behind two
  EXPECT_NEAR(seconds(callers.percentile(100)), 1.010, 0.001);  // the first was half way
}

TEST(Service, FailsInTheWaysThatItIsTold) {
  for (const auto& [how, seen] : {std::pair(Service::Failure::Status503, "503 "),
                                  {Service::Failure::Reset, "0 cut"},
                                  {Service::Failure::Close, "0 cut"},
                                  {Service::Failure::Hang, "0 left"}}) {
    World world;
    auto& orders = world.service("orders").takes(Law::constant(1ms)).fails(0.5, how);
    Callers callers(world, orders.address(), {.perSecond = 1000, .patience = 1s});
    callers.run(1s);
    EXPECT_EQ(callers.tally().bad.at(seen), orders.counters().failed) << seen;
    EXPECT_NEAR(callers.tally().goodShare(), 0.5, 0.05) << seen;
  }
}

TEST(Service, WhileItIsDeadNobodyIsServed) {
  World world;
  auto& orders = world.service("orders").takes(Law::constant(50ms));
  Callers callers(world, orders.address(), {.perSecond = 100, .even = true});
  callers.start(1s);
  world.run(295ms);
  orders.kill();
  world.run(200ms);
  orders.restart();
  callers.finish();
  const auto tally = callers.tally();
  EXPECT_EQ(tally.bad.at("0 cut"), 5U);       // in hand
  EXPECT_EQ(tally.bad.at("0 refused"), 20U);  // while it was dead
  EXPECT_EQ(tally.good, 75U);
}

TEST(Service, SeesWhatComesTwice) {
  World world;
  auto& orders = world.service("orders").takes(Law::constant(30ms));
  Callers callers(world, orders.address(), {.perSecond = 100, .even = true, .hedgeAfter = 20ms});
  callers.run(95ms);
  EXPECT_EQ(callers.hedges(), 10U);
  EXPECT_EQ(orders.counters().duplicates, 10U);
  EXPECT_EQ(callers.tally().good, 10U);
}

TEST(App, AsksTheNextOneThroughItsSidecarWithTheSameId) {
  World world;
  auto& c = world.service("c").takes(Law::constant(5ms));
  auto& b = world.service("b").takes(Law::constant(1ms));
  auto& sidecarB = world.sidecar("app: {address: '${b}'}\nupstreams: {c: {endpoints: ['${c}']}}");
  sidecarB.listen(Direction::Inbound, world.address("b_inbound"));
  App app(world, b, sidecarB, "c");
  auto& sidecarA = world.sidecar("upstreams: {b: {endpoints: ['${b_inbound}']}}");
  std::vector<std::string> seen;
  c.onArrival([&](const Service::Job& job) { seen.emplace_back(job.field("x-request-id")); });
  Callers callers(world, sidecarA, {.perSecond = 100, .host = "b", .fields = [](std::string& head, uint64_t number) {
                                      head += "x-request-id: id-" + std::to_string(number) + "\r\n";
                                    }});
  callers.run(1s);
  EXPECT_EQ(callers.tally().good, callers.sent()) << callers.failures();
  ASSERT_EQ(seen.size(), callers.sent());
  EXPECT_EQ(seen.front(), "id-0");
}

}  // namespace
}  // namespace outrigger::sim
