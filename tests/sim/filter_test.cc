// The filters end to end: what they do to a request on its way, with the metric and the record that it leaves.
#include <gtest/gtest.h>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

struct Filtered {
  explicit Filtered(const std::string& filters, uint64_t seed = 1) : world(seed) {
    sidecar = &world.sidecar(config(filters));
  }
  static std::string config(const std::string& filters) {
    return "log: {access: all}\nupstreams: {orders: {endpoints: ['${orders}']}}\n"
           "routes: [{name: r, match: {host: orders}, to: orders, filters: [" +
           filters + "]}]";
  }
  test::SeenResponse get(test::Headers headers = {}) { return sidecar->get("orders", "/", std::move(headers)); }
  std::string record(const std::string& name) const { return lastRecord(*sidecar, name); }

  World world;
  Upstream& orders = world.upstream("orders");
  Sidecar* sidecar = nullptr;
};

// ---- headers

TEST(HeadersFilter, ChangesTheRequest) {
  Filtered filtered("{headers: {request: {set: {x-team: pay}, add: {x-list: b}, remove: [x-debug]}}}");
  filtered.get({{"x-team", "other"}, {"X-Team", "third"}, {"x-list", "a"}, {"x-debug", "1"}});
  const auto& seen = filtered.orders.requests()[0];
  EXPECT_EQ(seen.header("x-team"), "pay");
  EXPECT_EQ(std::ranges::count(seen.headers, "x-team", &std::pair<std::string, std::string>::first), 1);
  EXPECT_EQ(seen.header("x-debug"), "");
  EXPECT_EQ(std::ranges::count(seen.headers, "x-list", &std::pair<std::string, std::string>::first), 2);
}

TEST(HeadersFilter, ChangesTheAnswerAlsoALocalOne) {
  Filtered filtered("{headers: {response: {set: {x-served-by: us}, remove: [server]}}}");
  filtered.orders.replies(200, "ok", {{"server", "secret/1.0"}});
  const auto response = filtered.get();
  EXPECT_EQ(response.header("x-served-by"), "us");
  EXPECT_EQ(response.header("server"), "");
  filtered.orders.down();
  const auto local = filtered.get();
  EXPECT_EQ(local.reason(), "connect-failed");
  EXPECT_EQ(local.header("x-served-by"), "us");
}

TEST(HeadersFilter, IsAppliedToEveryTryOnce) {
  Filtered filtered("{headers: {request: {add: {x-a: b}}}}");
  filtered.orders.replies(503).then(200);
  EXPECT_EQ(filtered.get().status, 200);
  ASSERT_EQ(filtered.orders.hits(), 2U);
  for (const auto& seen : filtered.orders.requests()) {
    EXPECT_EQ(std::ranges::count(seen.headers, "x-a", &std::pair<std::string, std::string>::first), 1);
  }
}

// ---- local-rate-limit

TEST(RateLimitFilter, LetsSoManyPassInEachPeriod) {
  Filtered filtered("{local-rate-limit: {requests: 10, per: 1s}}");
  size_t passed = 0;
  for (int i = 0; i < 300; ++i) {  // 100 a second for 3 s
    passed += filtered.get().status == 200;
    filtered.world.run(9ms);
  }
  EXPECT_EQ(filtered.orders.hits(), passed);
  EXPECT_GE(passed, 36U);  // the burst of 10, then 10 a second
  EXPECT_LE(passed, 40U);
}

TEST(RateLimitFilter, TellsWhenToComeBack) {
  Filtered filtered("{local-rate-limit: {requests: 1, per: 10s}}");
  EXPECT_EQ(filtered.get().status, 200);
  filtered.world.run(3s);
  const auto refused = filtered.get();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.reason(), "rate-limited");
  EXPECT_EQ(refused.header("retry-after"), "7");
  EXPECT_EQ(filtered.record("reason"), "rate-limited");
  EXPECT_EQ(filtered.record("attempts"), "0");
  EXPECT_EQ(filtered.record("upstream"), "");
  EXPECT_EQ(filtered.record("route"), "r");
  EXPECT_EQ(counted(*filtered.sidecar, 429, Reason::RateLimited), 1U);
  filtered.world.run(7s);
  EXPECT_EQ(filtered.get().status, 200);
}

TEST(RateLimitFilter, AReloadDoesNotFillTheBucket) {
  const std::string filter = "{local-rate-limit: {requests: 2, per: 1h}}";
  Filtered filtered(filter);
  for (int i = 0; i < 3; ++i) filtered.get();
  EXPECT_EQ(filtered.orders.hits(), 2U);
  ASSERT_EQ(filtered.sidecar->reload(Filtered::config(filter) + "\nlisten: {outbound: '127.0.0.1:0'}"), "");
  EXPECT_EQ(filtered.get().status, 429);
  ASSERT_EQ(filtered.sidecar->reload(Filtered::config("{local-rate-limit: {requests: 3, per: 1h}}")), "");
  EXPECT_EQ(filtered.get().status, 200) << "other numbers, another bucket";
}

// ---- fault

TEST(FaultFilter, AbortsWithoutTouchingTheUpstream) {
  Filtered filtered("{fault: {abort: {percent: 100, status: 418}}}");
  const auto response = filtered.get();
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.reason(), "fault-injected");
  EXPECT_EQ(filtered.orders.connectionsAccepted(), 0U);
  EXPECT_EQ(filtered.record("reason"), "fault-injected");
  EXPECT_EQ(counted(*filtered.sidecar, 418, Reason::FaultInjected), 1U);
}

TEST(FaultFilter, DelaysAndGoesOn) {
  Filtered filtered("{fault: {delay: {percent: 100, time: 200ms}}}, {headers: {request: {set: {x-behind: yes}}}}");
  const Instant begun = filtered.world.loop().now();
  EXPECT_EQ(filtered.get().status, 200);
  EXPECT_GE(filtered.world.loop().now() - begun, 200ms);
  EXPECT_LE(filtered.world.loop().now() - begun, 205ms);
  EXPECT_EQ(filtered.orders.requests()[0].header("x-behind"), "yes") << "the filters behind it run as well";
  EXPECT_GE(std::stod(filtered.record("duration_ms")), 200);
}

TEST(FaultFilter, ABodyThatComesDuringTheDelayIsNotLost) {
  Filtered filtered("{fault: {delay: {percent: 100, time: 200ms}}}");
  const std::string body(300000, 'x');
  const auto response = filtered.sidecar->post("orders", "/", body);
  EXPECT_EQ(response.status, 200);
  ASSERT_EQ(filtered.orders.hits(), 1U);
  EXPECT_TRUE(filtered.orders.requests()[0].body == body);
}

TEST(FaultFilter, ACallerWhoLeavesDuringTheDelayIsForgotten) {
  Filtered filtered("{fault: {delay: {percent: 100, time: 10s}}}");
  Client& client = filtered.sidecar->connect();
  client.ask("GET", "orders");
  filtered.world.run(100ms);
  client.reset();
  filtered.world.run(20s);
  EXPECT_EQ(filtered.orders.heads(), 0U);
  EXPECT_EQ(filtered.record("reason"), "client-closed");
  EXPECT_EQ(filtered.sidecar->worker().activeExchanges(), 0U);
}

TEST(FaultFilter, TheTimeCountsAgainstTheRequest) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(
      "policies: {default: {timeout: {request: 1s}, retry: {limit: 0}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}\n"
      "routes: [{match: {host: orders}, to: orders, filters: [{fault: {delay: {percent: 100, time: 600ms}}}]}]");
  const Instant begun = world.loop().now();
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "request-timeout");
  EXPECT_LE(world.loop().now() - begun, 1005ms);
  EXPECT_EQ(orders.hits(), 1U);
}

TEST(FaultFilter, MeetsItsShareAndTheSeedRepeatsIt) {
  const std::string filter = "{fault: {abort: {percent: 10, status: 503}, seed: 7}}";
  std::vector<bool> before;
  for (const uint64_t seed : {1U, 2U}) {
    Filtered filtered(filter, seed);
    std::vector<bool> faults;
    for (int i = 0; i < 2000; ++i) faults.push_back(filtered.get().status == 503);
    EXPECT_NEAR(static_cast<double>(std::ranges::count(faults, true)), 200, 60);
    EXPECT_TRUE(before.empty() || faults == before);
    before = faults;
  }
}

TEST(Filters, RunInOrderAndBackwardsOnTheAnswer) {
  Filtered filtered(
      "{headers: {request: {set: {x-way: first}}, response: {set: {x-way: outer}}}}, "
      "{headers: {request: {set: {x-way: second}}, response: {set: {x-way: inner}}}}");
  const auto response = filtered.get();
  EXPECT_EQ(filtered.orders.requests()[0].header("x-way"), "second");
  EXPECT_EQ(response.header("x-way"), "outer");
}

// Only what has seen the request sees the answer.
TEST(Filters, BehindTheOneThatAnsweredDoNotSeeTheAnswer) {
  Filtered filtered(
      "{headers: {response: {set: {x-before: yes}}}}, {fault: {abort: {percent: 100, status: 503}}}, "
      "{headers: {response: {set: {x-behind: yes}}}}");
  const auto response = filtered.get();
  EXPECT_EQ(response.header("x-before"), "yes");
  EXPECT_EQ(response.header("x-behind"), "");
}

}  // namespace
}  // namespace outrigger::sim
