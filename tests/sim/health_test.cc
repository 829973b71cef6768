// Health checks, slow start and draining with the whole worker around them: who gets traffic when the checks and the
// traffic say different things, and what happens to a check when the world changes under it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

using upstream::EndpointState;

constexpr const char* kHealth = "health: {path: /healthz, interval: 1s, timeout: 200ms, unhealthy: 3, healthy: 2}";

std::string config(const std::string& endpoints, const std::string& more = kHealth, const std::string& policy = "") {
  return "policies: {default: {breaker: none" + policy + "}}\nupstreams: {orders: {endpoints: [" + endpoints + "], " +
         more + "}}";
}

constexpr const char* kTwo = "'${a}', '${b}'";

int64_t inState(Sidecar& sidecar, EndpointState state) {
  return sidecar.series("orders").endpoints[static_cast<size_t>(state)].value();
}

uint64_t takenOut(Sidecar& sidecar) {
  return sidecar.series("orders").ejections[static_cast<size_t>(policy::EjectCause::Health)].value();
}

double shareOf(Sidecar& sidecar, const Upstream& which) {
  double share = -1;
  sidecar.worker().forEachCluster([&](const upstream::Cluster& cluster) {
    cluster.endpoints().forEach([&](const upstream::Endpoint& endpoint, const policy::Candidate& candidate) {
      if (endpoint.address() == which.address()) share = candidate.share;
    });
  });
  return share;
}

size_t checksAt(const Upstream& which) {
  return static_cast<size_t>(std::ranges::count(which.requests(), "/healthz", &test::SeenRequest::target));
}

std::vector<std::string> decisionsOf(Sidecar& sidecar, const std::string& kind) {
  std::vector<std::string> texts;
  for (const server::Decision& decision : sidecar.decisions()) {
    if (decision.kind == kind) texts.push_back(decision.text);
  }
  return texts;
}

// ---- What a check asks, and what it makes of the answer

TEST(HealthCheck, AsksAsTheConfigSaysOverAConnectionOfItsOwn) {
  World world;
  auto& a = world.upstream("a");
  auto& sidecar = world.sidecar(config("'${a}'"));
  world.run(10s);
  EXPECT_NEAR(static_cast<double>(a.hits()), 10, 2);
  EXPECT_EQ(a.connectionsAccepted(), a.hits());
  EXPECT_EQ(a.connectionsOpen(), 0U);
  const test::SeenRequest& check = a.requests()[0];
  EXPECT_EQ(check.method, "GET");
  EXPECT_EQ(check.target, "/healthz");
  EXPECT_EQ(check.header("host"), "orders");
  EXPECT_EQ(check.header("user-agent"), "outrigger-health");
  EXPECT_EQ(check.header("connection"), "close");
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 1);
}

TEST(HealthCheck, EveryWayToFailHasItsWords) {
  const std::vector<std::pair<std::string, std::function<void(World&, Upstream&)>>> ways = {
      {"connection refused", [](World&, Upstream& up) { up.down(); }},
      {"no connection within the timeout", [](World& world, Upstream& up) { world.network().blackhole(up.address()); }},
      {"status 500", [](World&, Upstream& up) { up.replies(500); }},
      {"status 404", [](World&, Upstream& up) { up.replies(404); }},
      {"no answer within the timeout", [](World&, Upstream& up) { up.hangs(); }},
      {"no answer within the timeout", [](World&, Upstream& up) { up.replies(200).after(300ms); }},
      {"closed without an answer", [](World&, Upstream& up) { up.closes(); }},
      {"connection reset", [](World&, Upstream& up) { up.resets(); }},
      {"", [](World&, Upstream& up) { up.sends("?\r\n\r\n"); }},
  };
  for (const auto& [words, sabotage] : ways) {
    SCOPED_TRACE(words);
    World world;
    auto& a = world.upstream("a");
    world.upstream("b");
    auto& sidecar = world.sidecar(config(kTwo));
    sabotage(world, a);
    world.run(5s);
    EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 1);
    EXPECT_EQ(takenOut(sidecar), 1U);
    const auto texts = decisionsOf(sidecar, "health");
    ASSERT_EQ(texts.size(), 1U);
    const std::string start = a.address().text() + " of orders is unhealthy: 3 checks in a row failed: ";
    EXPECT_TRUE(texts[0].starts_with(start)) << texts[0];
    EXPECT_NE(texts[0].find(words), std::string::npos) << texts[0];
  }
}

TEST(HealthCheck, RedirectsAndOtherGoodStatusesPass) {
  for (const int status : {200, 204, 302, 399}) {
    World world;
    world.upstream("a").replies(status, "");
    auto& sidecar = world.sidecar(config("'${a}'"));
    world.run(10s);
    EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 1) << status;
    EXPECT_EQ(decisionsOf(sidecar, "health").size(), 0U);
  }
}

TEST(HealthCheck, AnAnswerInPiecesAndAnInterimOneAreRead) {
  World world;
  world.upstream("a")
      .sends("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
      .oneByOne(1ms);
  auto& sidecar = world.sidecar(config("'${a}'"));
  world.run(10s);
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 1);
}

TEST(HealthCheck, TcpOnlyConnects) {
  World world;
  auto& a = world.upstream("a").replies(500);
  auto& sidecar = world.sidecar(config("'${a}'", "health: {kind: tcp, interval: 1s, timeout: 200ms}"));
  world.run(10s);
  EXPECT_NEAR(static_cast<double>(a.connectionsAccepted()), 10, 2);
  EXPECT_EQ(a.heads(), 0U);
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 1);
  a.down();
  world.run(5s);
  EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 1);
}

// ---- Who gets traffic

TEST(Health, AnUnhealthyEndpointGetsNothingAndComesBack) {
  World world;
  auto& a = world.upstream("a").hangs();
  auto& b = world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo));
  world.run(5s);
  EXPECT_EQ(shareOf(sidecar, a), 0);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(a.hits(), checksAt(a)) << "nobody had to wait to find it out";
  a.replies(200);
  world.run(3s);
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 2);
  EXPECT_EQ(shareOf(sidecar, a), 1);
  const auto texts = decisionsOf(sidecar, "health");
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[1], a.address().text() + " of orders is healthy again: 2 checks in a row passed");
  const size_t before = a.hits() - checksAt(a);
  for (int i = 0; i < 50; ++i) sidecar.get("orders", "/");
  EXPECT_NEAR(static_cast<double>(a.hits() - checksAt(a) - before), 25, 2);
  EXPECT_GT(b.hits(), 50U);
}

TEST(Health, WhereAllAreUnhealthyAllAreUsed) {
  World world;
  auto& a = world.upstream("a");
  auto& b = world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, "health: {path: /nowhere, interval: 1s}"));
  a.replies(404);
  b.replies(404);
  world.run(5s);
  EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 2);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 404) << "the checks ask for a wrong path";
}

TEST(Health, ChecksThatPassDoNotBringBackWhatTrafficHasEjected) {
  World world;
  auto& a = world.upstream("a").resets();  // what is asked; to connect is fine
  world.upstream("b");
  auto& sidecar =
      world.sidecar(config(kTwo, "health: {kind: tcp, interval: 1s, healthy: 1}", ", eject: {baseTime: 60s}"));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(inState(sidecar, EndpointState::Ejected), 1);
  world.run(20s);
  EXPECT_EQ(inState(sidecar, EndpointState::Ejected), 1);
  EXPECT_EQ(shareOf(sidecar, a), 0);
}

TEST(Health, AnEjectedEndpointThatIsAlsoUnhealthyWaitsForBoth) {
  World world;
  auto& a = world.upstream("a");
  world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, kHealth, ", eject: {baseTime: 2s}"));
  a.down();
  for (int i = 0; i < 30; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(inState(sidecar, EndpointState::Ejected), 1);
  world.run(10s);
  EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 1) << "the ejection is over, the checks still fail";
  EXPECT_EQ(shareOf(sidecar, a), 0);
  a.up();
  world.run(4s);
  EXPECT_GT(shareOf(sidecar, a), 0);
}

TEST(Health, TrafficThatSucceedsSparesChecks) {
  World world;
  auto& a = world.upstream("a");
  auto& sidecar = world.sidecar(config("'${a}'"));
  Traffic traffic(world, sidecar, {.host = "orders"});
  traffic.start(20, 50s);
  EXPECT_TRUE(traffic.finish());
  EXPECT_NEAR(static_cast<double>(checksAt(a)), 10, 2);
  world.run(50s);
  EXPECT_NEAR(static_cast<double>(checksAt(a)), 60, 5);
}

// ---- Changes under way

TEST(Health, ReloadsBringAndTakeEndpointsAndChecks) {
  World world;
  auto& a = world.upstream("a");
  auto& b = world.upstream("b");
  auto& sidecar = world.sidecar(config("'${a}'"));
  world.run(5s);
  ASSERT_EQ(sidecar.reload(config(kTwo)), "");
  world.run(5s);
  EXPECT_NEAR(static_cast<double>(checksAt(b)), 5, 2);
  ASSERT_EQ(sidecar.reload(config("'${b}'")), "");
  const size_t before = checksAt(a);
  world.run(5s);
  EXPECT_EQ(checksAt(a), before);
  EXPECT_NEAR(static_cast<double>(checksAt(b)), 10, 2);
  ASSERT_EQ(sidecar.reload(config("'${b}'", "health: none")), "");
  const size_t last = checksAt(b);
  world.run(5s);
  EXPECT_EQ(checksAt(b), last);
}

TEST(Health, WhoIsUnhealthyStaysSoOverAReloadAndIsFreeWithoutChecks) {
  World world;
  auto& a = world.upstream("a").hangs();
  world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo));
  world.run(5s);
  ASSERT_EQ(sidecar.reload(config("'${b}', '${a}'") + "\nlog: {access: none}"), "");
  EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 1);
  EXPECT_EQ(shareOf(sidecar, a), 0);
  ASSERT_EQ(sidecar.reload(config(kTwo, "health: none")), "");
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 2);
}

TEST(Health, AShorterIntervalIsFollowedAtOnce) {
  World world;
  auto& a = world.upstream("a");
  auto& sidecar = world.sidecar(config("'${a}'", "health: {interval: 1h, timeout: 200ms}"));
  world.run(2min);
  ASSERT_EQ(sidecar.reload(config("'${a}'")), "");
  world.run(10s);
  EXPECT_NEAR(static_cast<double>(checksAt(a)), 10, 2);
}

// At each instant of a check its endpoint, its upstream or the whole worker may go.
TEST(Health, ACheckMayEndWithItsEndpointUpstreamOrWorkerAtAnyInstant) {
  const std::string other = "upstreams: {else: {endpoints: ['${b}']}}";
  for (Duration at = 0ms; at < 2500ms; at += 7ms) {
    for (const std::string& next : {config("'${b}'"), other}) {
      World world(static_cast<uint64_t>(at.count()) + 1);
      auto& a = world.upstream("a").replies(200).after(20ms);
      world.upstream("b");
      auto& sidecar = world.sidecar(config("'${a}'"));
      world.run(at);
      ASSERT_EQ(sidecar.reload(next), "");
      const size_t before = a.hits();
      world.run(3s);
      EXPECT_LE(a.hits(), before + 1);
    }
    World world(static_cast<uint64_t>(at.count()) + 1);
    world.upstream("a").replies(200).after(20ms);
    world.sidecar(config("'${a}'"));
    world.run(at);  // and the worker goes with the world
  }
}

TEST(Health, AnotherWorkersVerdictIsFollowedAndNotCountedTwice) {
  World world;
  auto& a = world.upstream("a");
  world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, "health: {interval: 1h}, slowStart: 10s"));
  sidecar.worker().adoptHealth({"orders", a.address(), true});
  EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 1);
  EXPECT_EQ(shareOf(sidecar, a), 0);
  EXPECT_EQ(takenOut(sidecar), 0U);
  EXPECT_TRUE(decisionsOf(sidecar, "health").empty());
  sidecar.worker().adoptHealth({"orders", a.address(), false});
  EXPECT_NEAR(shareOf(sidecar, a), 0.1, 0.01);
  sidecar.worker().adoptHealth({"orders", Address::loopback(1), true});
  sidecar.worker().adoptHealth({"nobody", a.address(), true});
  EXPECT_EQ(inState(sidecar, EndpointState::Unhealthy), 0);
}

// ---- Slow start

TEST(SlowStart, ANewEndpointGrowsFromATenthToItsShare) {
  World world;
  world.upstream("a");
  world.upstream("b");
  auto& c = world.upstream("c");
  auto& sidecar = world.sidecar(config(kTwo, "slowStart: 20s"));
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 2) << "not at the first start";
  ASSERT_EQ(sidecar.reload(config("'${a}', '${b}', '${c}'", "slowStart: 20s")), "");
  EXPECT_EQ(inState(sidecar, EndpointState::Returning), 1);
  Traffic traffic(world, sidecar, {.host = "orders"});
  traffic.start(300, 30s);
  std::vector<size_t> perSecond;
  for (int second = 0; second < 30; ++second) {
    const size_t before = c.hits();
    world.run(1s);
    perSecond.push_back(c.hits() - before);
  }
  EXPECT_TRUE(traffic.finish());
  EXPECT_EQ(traffic.failed(), 0U);
  EXPECT_EQ(inState(sidecar, EndpointState::Returning), 0);
  for (size_t second = 0; second < 30; ++second) {
    const double share = std::min(1.0, 0.1 + 0.9 * (static_cast<double>(second) + 0.5) / 20);
    const double expected = 300 * share / (2 + share);
    EXPECT_NEAR(static_cast<double>(perSecond[second]), expected, 0.1 * expected + 3) << second;
  }
  std::printf("slow start (simulated): 20 s, 300/s over 3: %zu, %zu, %zu, %zu requests in seconds 1, 10, 20, 30\n",
              perSecond[0], perSecond[9], perSecond[19], perSecond[29]);
}

TEST(SlowStart, OneThatWasUnhealthyWarmsUpAgain) {
  World world;
  auto& a = world.upstream("a").hangs();
  world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, std::string(kHealth) + ", slowStart: 10s"));
  world.run(5s);
  a.replies(200);
  ASSERT_TRUE(world.runUntil([&] { return shareOf(sidecar, a) > 0; }, 5s));
  EXPECT_NEAR(shareOf(sidecar, a), 0.1, 0.01);
  EXPECT_EQ(inState(sidecar, EndpointState::Returning), 1);
  world.run(5s);
  EXPECT_NEAR(shareOf(sidecar, a), 0.55, 0.03);
  world.run(6s);
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 2);
}

// ---- Draining

constexpr const char* kSidecar = "sidecar: true";

TEST(Draining, TheWordOfABelievedSidecarTakesItOutAtOnce) {
  World world;
  const test::Headers goes{{"outrigger-reason", "draining"}, {"outrigger-not-forwarded", "1"}};
  auto& a = world.upstream("a").replies(503, "", goes);
  auto& b = world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, kSidecar, ", eject: {baseTime: 5s}"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(a.hits(), 1U);
  EXPECT_EQ(b.hits(), 50U);
  EXPECT_EQ(inState(sidecar, EndpointState::Draining), 1);
  const auto texts = decisionsOf(sidecar, "health");
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0], a.address().text() + " of orders says that it is draining: it gets nothing for 5000 ms");
  a.replies(200);
  world.run(5s);
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 2);
  for (int i = 0; i < 50; ++i) sidecar.get("orders", "/");
  EXPECT_GT(a.hits(), 20U);
}

TEST(Draining, TheWordOfAnApplicationMeansNothing) {
  World world;
  auto& a = world.upstream("a").replies(503, "", {{"outrigger-reason", "draining"}});
  world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, "slowStart: none"));
  sidecar.get("orders", "/");
  sidecar.get("orders", "/");
  EXPECT_GE(a.hits(), 1U);
  EXPECT_EQ(inState(sidecar, EndpointState::Draining), 0);
}

TEST(Draining, WhereAllDrainAllAreUsed) {
  World world;
  for (const std::string name : {"a", "b"}) world.upstream(name).replies(503, "", {{"outrigger-reason", "draining"}});
  auto& sidecar = world.sidecar(config(kTwo, kSidecar));
  for (int i = 0; i < 20; ++i) {
    const auto answer = sidecar.get("orders", "/");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.reason(), "draining") << "not no-endpoints";
  }
}

TEST(Draining, AGoodCheckEndsIt) {
  World world;
  auto& a = world.upstream("a").replies(503, "", {{"outrigger-reason", "draining"}});
  world.upstream("b");
  auto& sidecar = world.sidecar(config(kTwo, std::string(kSidecar) + ", health: {kind: tcp, interval: 1s}",
                                       ", eject: {baseTime: 1h, maxTime: 1h}"));
  for (int i = 0; i < 4; ++i) sidecar.get("orders", "/");
  a.replies(200);
  EXPECT_EQ(inState(sidecar, EndpointState::Draining), 1);
  world.run(2s);
  EXPECT_EQ(inState(sidecar, EndpointState::Draining), 0);
}

TEST(Draining, OneThatLeavesCountsUntilItsRequestsAreDone) {
  World world;
  world.upstream("a").replies(200).after(2s);
  world.upstream("b");
  auto& sidecar = world.sidecar(config("'${a}'", "slowStart: none"));
  Client& client = sidecar.connect();
  client.ask("GET", "orders");
  world.run(100ms);
  ASSERT_EQ(sidecar.reload(config("'${b}'", "slowStart: none")), "");
  EXPECT_EQ(inState(sidecar, EndpointState::Draining), 1);
  EXPECT_EQ(inState(sidecar, EndpointState::Healthy), 1);
  world.run(3s);
  EXPECT_EQ(client.responses()[0].status, 200);
  EXPECT_EQ(inState(sidecar, EndpointState::Draining), 0);
}

}  // namespace
}  // namespace outrigger::sim
