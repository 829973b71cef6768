// Passive ejection as traffic sees it: who gets nothing any more, for how long, and how it comes back.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

using policy::EndpointRecord;
using State = EndpointRecord::State;

constexpr const char* kNoBreaker = "policies: {default: {breaker: none}}\n";

int64_t inState(Sidecar& sidecar, State state) {
  return sidecar.series("orders").endpoints[static_cast<size_t>(state)].value();
}

uint64_t ejections(Sidecar& sidecar) {
  uint64_t sum = 0;
  for (const auto& cause : sidecar.series("orders").ejections) sum += cause.value();
  return sum;
}

const EndpointRecord& recordOf(Sidecar& sidecar, const Upstream& which) {
  const EndpointRecord* found = nullptr;
  sidecar.worker().forEachCluster([&](const upstream::Cluster& cluster) {
    cluster.endpoints().forEach([&](const upstream::Endpoint& endpoint, const policy::Candidate&) {
      if (endpoint.address() == which.address()) found = &endpoint.record();
    });
  });
  return *found;
}

const server::Decision* firstDecision(Sidecar& sidecar, const std::string& kind) {
  const auto found = std::ranges::find(sidecar.decisions(), kind, &server::Decision::kind);
  return found == sidecar.decisions().end() ? nullptr : &*found;
}

TEST(Ejection, FiveFailuresInARowTakeAnEndpointOut) {
  World world;
  auto& good = world.upstream("good");
  auto& bad = world.upstream("bad").replies(503);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${good}', '${bad}']}}");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(bad.hits(), 5U);
  EXPECT_EQ(good.hits(), 100U);
  EXPECT_EQ(ejections(sidecar), 1U);
  EXPECT_EQ(inState(sidecar, State::Ejected), 1);
  EXPECT_EQ(inState(sidecar, State::Healthy), 1);
}

TEST(Ejection, TheDecisionTellsWhoAndWhy) {
  World world;
  world.upstream("good");
  auto& bad = world.upstream("bad").replies(503);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${good}', '${bad}']}}");
  for (int i = 0; i < 100; ++i) sidecar.get("orders", "/");
  const server::Decision* decision = firstDecision(sidecar, "ejection");
  ASSERT_NE(decision, nullptr);
  EXPECT_EQ(decision->upstream, "orders");
  EXPECT_EQ(decision->endpoint, bad.address().text());
  EXPECT_NE(decision->text.find(": 5 failures in a row"), std::string::npos) << decision->text;
}

TEST(Ejection, EveryKindOfFailureCounts) {
  const std::vector<std::pair<const char*, std::function<void(World&, Upstream&)>>> kinds = {
      {"refused", [](World&, Upstream& bad) { bad.down(); }},
      {"silent", [](World& world, Upstream& bad) { world.network().blackhole(bad.address()); }},
      {"reset", [](World&, Upstream& bad) { bad.resets(); }},
      {"nonsense", [](World&, Upstream& bad) { bad.sends("?\r\n\r\n"); }},
      {"hangs", [](World&, Upstream& bad) { bad.hangs(); }},
      {"504", [](World&, Upstream& bad) { bad.replies(504); }},
  };
  for (const auto& [name, sabotage] : kinds) {
    SCOPED_TRACE(name);
    World world;
    world.upstream("good");
    auto& bad = world.upstream("bad");
    auto& sidecar = world.sidecar(
        "policies: {default: {timeout: {attempt: 50ms, connect: 20ms}}}\n"
        "upstreams: {orders: {endpoints: ['${good}', '${bad}']}}");
    sabotage(world, bad);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
    EXPECT_EQ(recordOf(sidecar, bad).state(), State::Ejected);
    EXPECT_EQ(recordOf(sidecar, bad).runAtEjection(), 5U);
  }
}

TEST(Ejection, ErrorsOfTheApplicationDoNotCount) {
  for (const int status : {400, 429, 500}) {
    World world;
    world.upstream("good");
    world.upstream("bad").replies(status);
    auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${good}', '${bad}']}}");
    for (int i = 0; i < 50; ++i) sidecar.get("orders", "/");
    EXPECT_EQ(ejections(sidecar), 0U) << status;
  }
}

TEST(Ejection, CallersWhoLeaveAreNoFailuresOfTheEndpoint) {
  World world;
  world.upstream("good");
  auto& slow = world.upstream("slow").hangs();
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${good}', '${slow}']}}");
  for (int i = 0; i < 50; ++i) {
    Client& client = sidecar.connect();
    client.ask("GET", "orders");
    world.run(10ms);
    client.reset();
    world.run(10ms);
  }
  EXPECT_GE(slow.cancelled(), 10U);
  EXPECT_EQ(ejections(sidecar), 0U);
}

// The upstream cuts an upload that the caller never finishes: nobody knows whose fault that is.
TEST(Ejection, AnUnfinishedRequestIsNoFailureOfTheEndpoint) {
  World world;
  world.upstream("a").early().resets();
  world.upstream("b").early().resets();
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${a}', '${b}']}}");
  for (int i = 0; i < 30; ++i) {
    Client& client = sidecar.connect();
    client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 10\r\n\r\nabc");
    world.run(10ms);
    EXPECT_EQ(client.responses()[0].status, 502);
  }
  EXPECT_EQ(ejections(sidecar), 0U);
  EXPECT_EQ(sidecar.series("orders").breakerState.value(), 0);
}

TEST(Ejection, TheOnlyEndpointStays) {
  World world;
  auto& only = world.upstream("only").replies(503);
  auto& sidecar = world.sidecar(std::string(kNoBreaker) + "upstreams: {orders: {endpoints: ['${only}']}}");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 503);
  EXPECT_GE(only.hits(), 50U);
  EXPECT_EQ(ejections(sidecar), 0U);
}

TEST(Ejection, OneOfTwoStaysWhenBothFail) {
  World world;
  world.upstream("a").replies(503);
  world.upstream("b").replies(503);
  auto& sidecar = world.sidecar(std::string(kNoBreaker) + "upstreams: {orders: {endpoints: ['${a}', '${b}']}}");
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(sidecar.get("orders", "/").reason(), "") << "somebody is always asked";
    world.run(50ms);
    EXPECT_LE(inState(sidecar, State::Ejected), 1);
  }
}

TEST(Ejection, NeverMoreThanTheLargestShare) {
  for (const auto& [percent, most] : {std::pair{50, 2}, std::pair{25, 1}, std::pair{75, 3}, std::pair{10, 1}}) {
    World world;
    world.upstream("good");
    for (const char* bad : {"x", "y", "z"}) world.upstream(bad).replies(503);
    auto& sidecar = world.sidecar("policies: {default: {breaker: none, eject: {maxPercent: " + std::to_string(percent) +
                                  "}}}\nupstreams: {orders: {endpoints: ['${good}', '${x}', '${y}', '${z}']}}");
    int64_t out = 0;
    for (int i = 0; i < 400; ++i) {
      sidecar.get("orders", "/");
      world.run(5ms);
      out = std::max(out, inState(sidecar, State::Ejected));
    }
    EXPECT_EQ(out, most) << percent;
  }
}

TEST(Ejection, ReturnsAfterItsTimeThroughARamp) {
  World world;
  world.upstream("good");
  auto& bad = world.upstream("bad").replies(503);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${good}', '${bad}']}}");
  for (int i = 0; i < 20; ++i) sidecar.get("orders", "/");
  bad.replies(200);
  const size_t before = bad.hits();
  world.run(3900ms);
  for (int i = 0; i < 20; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(bad.hits(), before) << "not before 5 s less a fifth";
  world.run(1200ms);
  EXPECT_EQ(inState(sidecar, State::Returning), 1);
  for (int i = 0; i < 20; ++i) sidecar.get("orders", "/");
  const size_t atFirst = bad.hits() - before;
  EXPECT_GE(atFirst, 1U);
  EXPECT_LE(atFirst, 5U) << "a tenth of its share, growing";
  for (int i = 0; i < 200; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(inState(sidecar, State::Healthy), 2);
  const size_t whole = bad.hits();
  for (int i = 0; i < 100; ++i) sidecar.get("orders", "/");
  EXPECT_NEAR(static_cast<double>(bad.hits() - whole), 50, 10);
  const server::Decision* back = firstDecision(sidecar, "return");
  ASSERT_NE(back, nullptr);
  EXPECT_NE(back->text.find("a tenth of its share"), std::string::npos);
}

TEST(Ejection, TheTimeDoublesWithEachRelapse) {
  World world;
  world.upstream("good");
  auto& bad = world.upstream("bad").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {eject: {maxTime: 15s}}}\n"
      "upstreams: {orders: {endpoints: ['${good}', '${bad}']}}");
  Traffic traffic(world, sidecar, {.host = "orders"});
  traffic.start(50, 60s);
  std::vector<Duration> times;
  while (times.size() < 4 && world.runUntil([&] { return ejections(sidecar) > times.size(); }, 30s)) {
    times.push_back(recordOf(sidecar, bad).ejectedUntil() - recordOf(sidecar, bad).ejectedAt());
  }
  ASSERT_EQ(times.size(), 4U);
  const std::vector<Duration> longest = {5s, 10s, 15s, 15s};
  for (size_t i = 0; i < longest.size(); ++i) {
    EXPECT_LE(times[i], longest[i]) << i;
    EXPECT_GE(times[i], longest[i] * 8 / 10) << i;
  }
  // A relapse needs no second run of five.
  EXPECT_EQ(recordOf(sidecar, bad).runAtEjection(), 1U);
  EXPECT_EQ(bad.hits(), 5U + 3U);
  EXPECT_NE(sidecar.decisions().back().text.find("1 failure while it was returning"), std::string::npos)
      << sidecar.decisions().back().text;
  traffic.finish();
  EXPECT_EQ(traffic.failed(), 0U);
}

TEST(Ejection, IsUndoneWhenTheBreakerOpens) {
  World world;
  auto& a = world.upstream("a").replies(503);
  auto& b = world.upstream("b");
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${a}', '${b}']}}");
  for (int i = 0; i < 20; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(inState(sidecar, State::Ejected), 1);
  a.replies(200);
  b.replies(503);  // so it was not one endpoint after all
  for (int i = 0; i < 40 && sidecar.series("orders").breakerState.value() == 0; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(sidecar.series("orders").breakerState.value(), 2);
  EXPECT_EQ(recordOf(sidecar, a).state(), State::Healthy);
}

// The machine is gone instead of the process: nothing refuses, all is silence. Connect and attempt timeouts must find
// out.
class Vanished : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Vanished, AMachineThatFallsSilentFailsNoGet) {
  World world(GetParam());
  auto& dead = world.upstream("dead").replies(200).after(20ms);
  world.upstream("alive").replies(200).after(20ms);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${dead}', '${alive}']}}");
  Traffic gets(world, sidecar, {.host = "orders"});
  gets.start(500, 10s);
  world.run(2s);
  const WallTime at = world.loop().turn().wall;
  world.network().blackhole(dead.address());
  dead.hangs();
  dead.stall();
  EXPECT_TRUE(gets.finish());
  const server::Decision* ejection = firstDecision(sidecar, "ejection");
  ASSERT_NE(ejection, nullptr);
  std::printf("vanished, seed %d: GETs failed %zu of %zu, ejected after %.2f s, slowest %.2f s\n",
              static_cast<int>(GetParam()), gets.failed(), gets.sent(), seconds(ejection->time - at),
              seconds(gets.slowest()));
  EXPECT_EQ(gets.failed(), 0U) << gets.failures();
  EXPECT_LE(ejection->time - at, 1200ms);
  EXPECT_EQ(sidecar.series("orders").breakerTransitions[2].value(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Vanished, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace outrigger::sim
