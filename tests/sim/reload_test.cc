// Reloads under traffic: nothing fails, what was learned stays, what is gone drains, the old snapshots are freed.
#include <gtest/gtest.h>

#include "tests/support/sim/records.h"
#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

std::string config(const std::string& endpoints, const std::string& more = "") {
  return "log: {access: all}\nupstreams: {orders: {endpoints: [" + endpoints + "]}}\n" + more;
}

std::string respondRoute(int number) {
  return "routes: [{name: r" + std::to_string(number) + ", match: {path: /version}, respond: {status: 200, body: 'v" +
         std::to_string(number) + "'}}]";
}

TEST(Reload, TwoHundredUnderAThousandRequestsASecondFailNone) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    World world(seed);
    world.upstream("a").replies(200).after(5ms);
    world.upstream("b").replies(200).after(15ms);
    world.upstream("c").replies(200).after(40ms);
    // Endpoints come and go, settings change, connections and the queue are in use.
    const std::vector<std::string> configs = {
        config("'${a}', '${b}'"),
        config("'${b}', '${c}'", respondRoute(1)),
        config("'${a}', '${c}', '${b}'", "policies: {default: {limits: {connections: 40}}}"),
        config("{address: '${c}', weight: 3}, '${a}'", "policies: {default: {breaker: none}}"),
        config("'${a}'", "policies: {default: {eject: none, limits: {requests: 100}}}"),
    };
    auto& sidecar = world.sidecar(configs[0]);
    Traffic gets(world, sidecar, {.host = "orders"});
    Traffic posts(world, sidecar, {.method = "POST", .host = "orders", .body = "x"});
    gets.start(800, 4s);
    posts.start(200, 4s);
    size_t most = 0;
    for (int i = 1; i <= 200; ++i) {
      world.run(20ms);
      ASSERT_EQ(sidecar.reload(configs[static_cast<size_t>(i) % configs.size()]), "");
      most = std::max(most, sidecar.worker().generations());
    }
    EXPECT_TRUE(gets.finish());
    EXPECT_TRUE(posts.finish());
    EXPECT_EQ(gets.sent(), 3200U);
    EXPECT_EQ(gets.failed(), 0U) << gets.failures();
    EXPECT_EQ(posts.failed(), 0U) << posts.failures();
    EXPECT_EQ(sidecar.accessLines().size(), 4000U);
    EXPECT_LE(most, 60U) << "old ones are let go once a second";
    world.run(3s);
    EXPECT_EQ(sidecar.worker().generations(), 1U);
    std::printf("E14 (simulated): seed %d: 200 reloads at 1,000/s, failed %zu of 4000, at most %zu snapshots alive\n",
                static_cast<int>(seed), gets.failed() + posts.failed(), most);
  }
}

TEST(Reload, ARequestThatRunsFinishesOnItsSnapshot) {
  World world;
  auto& old = world.upstream("old").replies(200, "from the old").after(2s);
  auto& fresh = world.upstream("fresh").replies(200, "from the new");
  const std::string filter =
      "routes: [{match: {host: orders}, to: orders, filters: [{headers: {response: {set: {x-v: '";
  auto& sidecar = world.sidecar(config("'${old}'", filter + "1'}}}}]}]"));
  Client& client = sidecar.connect();
  client.ask("GET", "orders");
  world.run(10ms);
  ASSERT_EQ(sidecar.reload(config("'${fresh}'", filter + "2'}}}}]}]")), "");
  EXPECT_EQ(sidecar.get("orders", "/").header("x-v"), "2");
  EXPECT_EQ(sidecar.worker().generations(), 2U);
  ASSERT_TRUE(world.runUntil([&] { return client.complete() == 1; }));
  EXPECT_EQ(client.responses()[0].body, "from the old");
  EXPECT_EQ(client.responses()[0].header("x-v"), "1");
  EXPECT_EQ(old.hits(), 1U);
  EXPECT_EQ(fresh.hits(), 1U);
  world.run(2s);
  EXPECT_EQ(sidecar.worker().generations(), 1U);
}

TEST(Reload, ARetiredSnapshotIsGivenBackForFreeing) {
  World world;
  world.upstream("a");
  auto& sidecar = world.sidecar(config("'${a}'"));
  sidecar.get("orders", "/");
  for (int i = 0; i < 5; ++i) sidecar.reload(config("'${a}'", respondRoute(i)));
  EXPECT_EQ(sidecar.worker().generations(), 6U);
  world.run(1100ms);
  EXPECT_EQ(sidecar.worker().generations(), 1U);
  EXPECT_EQ(sidecar.retired(), 5U);
}

// ---- What was learned

TEST(Reload, AKeptEndpointKeepsItsEjection) {
  World world;
  world.upstream("good");
  auto& bad = world.upstream("bad").replies(503);
  auto& sidecar = world.sidecar(config("'${good}', '${bad}'"));
  for (int i = 0; i < 30; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(bad.hits(), 5U);
  ASSERT_EQ(sidecar.reload(config("'${bad}', '${good}'", respondRoute(1))), "");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(bad.hits(), 5U);
}

TEST(Reload, WhenOnlyEjectedEndpointsAreLeftTheyAreUsedAgain) {
  World world;
  world.upstream("good");
  auto& bad = world.upstream("bad").replies(503);
  auto& sidecar = world.sidecar(config("'${good}', '${bad}'"));
  for (int i = 0; i < 30; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(bad.hits(), 5U);
  bad.replies(200);
  ASSERT_EQ(sidecar.reload(config("'${bad}'")), "");
  EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(sidecar.decisions().back().kind, "return");
}

TEST(Reload, TheBreakerStaysOpen) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config("'${orders}'"));
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  const size_t hits = orders.hits();
  ASSERT_EQ(sidecar.reload(config("'${orders}'", respondRoute(1))), "");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "breaker-open");
  EXPECT_EQ(orders.hits(), hits);
}

TEST(Reload, TheBreakerSwitchedOffLetsAllThroughAtOnce) {
  World world;
  world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config("'${orders}'"));
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  ASSERT_EQ(sidecar.reload(config("'${orders}'", "policies: {default: {breaker: none}}")), "");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "");
  EXPECT_EQ(sidecar.series("orders").breakerState.value(), 0);
}

TEST(Reload, ConnectionsStayWarm) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(config("'${orders}'"));
  Client& client = sidecar.connect();
  for (int i = 0; i < 10; ++i) {
    client.ask("GET", "orders");
    world.run(10ms);
    ASSERT_EQ(sidecar.reload(config("'${orders}'", respondRoute(i))), "");
  }
  EXPECT_EQ(client.complete(), 10U);
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(orders.connectionsAccepted(), 1U);
}

TEST(Reload, TheBudgetIsNotFilledAnew) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  const std::string policy =
      "policies: {default: {breaker: none, retry: {budget: {percent: 0, minPerSecond: 0, "
      "burst: 2}}}}\n";
  auto& sidecar = world.sidecar(config("'${orders}'", policy));
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(orders.hits(), 7U);
  ASSERT_EQ(sidecar.reload(config("'${orders}'", policy + respondRoute(1))), "");
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(orders.hits(), 12U);
}

TEST(Reload, CountersGoOn) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(config("'${orders}'"));
  sidecar.get("orders", "/");
  ASSERT_EQ(sidecar.reload(config("'${orders}'", respondRoute(1))), "");
  sidecar.get("orders", "/");
  EXPECT_EQ(counted(sidecar, 200, Reason::Ok), 2U);
}

TEST(Reload, ALimitHoldsAcrossIt) {
  World world;
  auto& orders = world.upstream("orders").replies(200).after(100ms);
  const std::string policy = "policies: {default: {limits: {requests: 2, pending: 0}}}\n";
  auto& sidecar = world.sidecar(config("'${orders}'", policy));
  for (int i = 0; i < 2; ++i) sidecar.connect().ask("GET", "orders");
  world.run(5ms);
  ASSERT_EQ(sidecar.reload(config("'${orders}'", policy + respondRoute(1))), "");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "limit-requests");
  EXPECT_EQ(orders.heads(), 2U);
}

// ---- What is gone

TEST(Reload, ARemovedEndpointFinishesWhatItHasAndClosesTheRest) {
  World world;
  auto& leaving = world.upstream("leaving").replies(200, "bye").after(1s);
  auto& staying = world.upstream("staying");
  auto& sidecar = world.sidecar(config("'${leaving}'"));
  Client& client = sidecar.connect();
  client.ask("POST", "orders", "/", {}, "x");
  world.run(1s + 10ms);
  Client& second = sidecar.connect();
  second.ask("POST", "orders", "/", {}, "x");
  sidecar.connect().ask("POST", "orders", "/", {}, "x");
  world.run(10ms);
  EXPECT_EQ(leaving.connectionsOpen(), 2U);
  ASSERT_EQ(sidecar.reload(config("'${staying}'")), "");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(leaving.heads(), 3U);
  EXPECT_EQ(staying.hits(), 20U);
  ASSERT_TRUE(world.runUntil([&] { return second.complete() == 1; }));
  EXPECT_EQ(second.responses()[0].body, "bye");
  world.run(10ms);
  EXPECT_EQ(leaving.connectionsOpen(), 0U);
}

TEST(Reload, ARemovedUpstreamFinishesWhatItHas) {
  World world;
  world.upstream("orders").replies(200, "late").after(1s);
  world.upstream("users");
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}, users: {endpoints: ['${users}']}}");
  Client& client = sidecar.connect();
  client.ask("GET", "orders");
  world.run(5ms);
  const metrics::UpstreamSeries& series = sidecar.series("orders");
  EXPECT_EQ(series.connectionsActive.value(), 1);
  ASSERT_EQ(sidecar.reload("upstreams: {users: {endpoints: ['${users}']}}"), "");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "no-route");
  EXPECT_EQ(sidecar.get("users", "/").status, 200);
  ASSERT_TRUE(world.runUntil([&] { return client.complete() == 1; }));
  EXPECT_EQ(client.responses()[0].body, "late");
  world.run(2s);
  EXPECT_EQ(world.upstream("orders").connectionsOpen(), 0U);
  EXPECT_EQ(series.connectionsIdle.value(), 0);
  EXPECT_EQ(series.connectionsActive.value(), 0);
}

// What is not configured any more has no endpoints and no breaker to show; one that comes back begins anew.
TEST(Reload, ARemovedUpstreamLeavesNoGauge) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  world.upstream("users");
  const std::string both = "upstreams: {orders: {endpoints: ['${orders}']}, users: {endpoints: ['${users}']}}";
  const std::string one = "upstreams: {users: {endpoints: ['${users}']}}";
  auto& sidecar = world.sidecar(both);
  Client& slow = sidecar.connect();
  orders.replies(503).after(5s);
  slow.ask("POST", "orders");
  world.run(5ms);
  orders.replies(503);
  for (int i = 0; i < 10; ++i) sidecar.get("orders", "/");
  const metrics::UpstreamSeries& series = sidecar.series("orders");
  EXPECT_EQ(series.endpoints[0].value(), 1);
  EXPECT_EQ(series.breakerState.value(), 2);
  ASSERT_EQ(sidecar.reload(one), "");
  EXPECT_EQ(series.endpoints[0].value(), 0);
  EXPECT_EQ(series.breakerState.value(), 0);
  // Back while the old one still serves: what becomes of the old one does not show.
  ASSERT_EQ(sidecar.reload(both), "");
  world.run(10s);
  EXPECT_EQ(slow.complete(), 1U);
  EXPECT_EQ(sidecar.worker().generations(), 1U);
  EXPECT_EQ(series.endpoints[0].value(), 1);
  EXPECT_EQ(series.breakerState.value(), 0);
}

TEST(Reload, WhoWaitsInTheQueueIsServedByTheNewLimits) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  const auto limits = [](int requests) {
    return "policies: {default: {limits: {requests: " + std::to_string(requests) + ", pendingTimeout: none}}}";
  };
  auto& sidecar = world.sidecar(config("'${orders}'", limits(1)));
  sidecar.connect().ask("POST", "orders", "/", {}, "1");
  world.run(5ms);
  orders.replies(200);
  Client& waiting = sidecar.connect();
  waiting.ask("POST", "orders", "/", {}, "2");
  world.run(50ms);
  EXPECT_EQ(waiting.complete(), 0U);
  ASSERT_EQ(sidecar.reload(config("'${orders}'", limits(2))), "");
  world.run(5ms);
  EXPECT_EQ(waiting.complete(), 1U);
}

TEST(Reload, ARetryInBackoffUsesTheEndpointThatReplacedTheFailedOne) {
  World world;
  auto& old = world.upstream("old").replies(503, "", {{"retry-after", "1"}});
  auto& fresh = world.upstream("fresh");
  auto& sidecar = world.sidecar(config("'${old}'"));
  Client& client = sidecar.connect();
  client.ask("GET", "orders");
  world.run(100ms);
  ASSERT_EQ(sidecar.reload(config("'${fresh}'")), "");
  ASSERT_TRUE(world.runUntil([&] { return client.complete() == 1; }));
  EXPECT_EQ(client.responses()[0].status, 200);
  EXPECT_EQ(old.hits(), 1U);
  EXPECT_EQ(fresh.hits(), 1U);
}

// ---- Bad files

TEST(Reload, ABadConfigChangesNothing) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(config("'${orders}'", respondRoute(1)));
  const std::vector<std::string> bad = {
      "",
      "upstreams: {orders: {endpoints: ['nonsense']}}",
      "upstreams: {orders: {endpoints: ['${nobody}']}}",
      "upstreams: [",
      config("'${orders}'", "routes: [{match: {regex: '('}, to: orders}]"),
      config("'${orders}'", "routes: [{match: {path: /x}, to: nobody}]"),
      config("'${orders}'", "surprise: 1"),
  };
  for (const std::string& text : bad) {
    SCOPED_TRACE(text);
    EXPECT_NE(sidecar.reload(text.empty() ? "version:" : text), "");
    EXPECT_EQ(sidecar.worker().generations(), 1U);
    EXPECT_EQ(sidecar.get("orders", "/version").body, "v1");
    EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  }
}

}  // namespace
}  // namespace outrigger::sim
