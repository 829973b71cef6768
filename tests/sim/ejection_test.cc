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

// ---- E6b: one of a few endpoints is killed under load

struct Killing {
  size_t endpoints;
  Duration service;
  uint64_t seed;
};

void PrintTo(const Killing& killing, std::ostream* out) {
  *out << "1 of " << killing.endpoints << ", " << wholeMilliseconds(killing.service) << " ms, seed " << killing.seed;
}

struct KillingResult {
  size_t failedGets = 0;
  size_t failedPosts = 0;
  size_t repeatedPosts = 0;
  size_t postsInFlight = 0;
  uint64_t breakerTransitions = 0;
  double secondsToEjection = -1;
  size_t attemptsAfterEjection = 0;
  size_t failedAttempts = 0;
  std::string failures;
};

size_t failedAttempts(Sidecar& sidecar) {
  const auto& attempts = sidecar.series("orders").attempts;
  using policy::AttemptResult;
  return attempts[static_cast<size_t>(AttemptResult::Reset)].value() +
         attempts[static_cast<size_t>(AttemptResult::Connect)].value();
}

// POSTs that more than one process has seen, or one twice.
size_t repeated(const std::vector<Upstream*>& upstreams) {
  std::map<std::string, size_t> seen;
  for (const Upstream* upstream : upstreams) {
    for (const auto& request : upstream->requests()) {
      if (request.method == "POST") ++seen[request.header(Traffic::kNumber)];
    }
  }
  return static_cast<size_t>(std::ranges::count_if(seen, [](const auto& each) { return each.second > 1; }));
}

KillingResult kill(const Killing& killing) {
  World world(killing.seed);
  std::vector<Upstream*> upstreams;
  std::string addresses;
  for (size_t i = 0; i < killing.endpoints; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    upstreams.push_back(&world.upstream(name).replies(200).after(killing.service));
    addresses += (i == 0 ? "'${" : ", '${") + name + "}'";
  }
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: [" + addresses + "]}}");
  Traffic gets(world, sidecar, {.host = "orders"});
  Traffic posts(world, sidecar, {.method = "POST", .host = "orders", .body = "pay once"});
  gets.start(500, 6s);
  posts.start(50, 6s);
  world.run(2s);
  const WallTime killedAt = world.loop().turn().wall;
  KillingResult result;
  result.postsInFlight = posts.sent() - posts.ended();
  upstreams[0]->down();
  size_t atEjection = 0;
  if (world.runUntil([&] { return firstDecision(sidecar, "ejection") != nullptr; }, 3s)) {
    result.secondsToEjection = seconds(firstDecision(sidecar, "ejection")->time - killedAt);
    world.run(10ms);  // what was under way comes to its end
    atEjection = failedAttempts(sidecar);
  }
  world.run(2500ms);  // it would not return before 4 s
  result.attemptsAfterEjection = failedAttempts(sidecar) - atEjection;
  EXPECT_TRUE(gets.finish());
  EXPECT_TRUE(posts.finish());
  result.failedAttempts = failedAttempts(sidecar);
  result.failedGets = gets.failed();
  result.failedPosts = posts.failed();
  result.repeatedPosts = repeated(upstreams);
  result.failures = gets.failures() + posts.failures();
  for (const auto& transition : sidecar.series("orders").breakerTransitions) {
    result.breakerTransitions += transition.value();
  }
  return result;
}

class E6b : public testing::TestWithParam<Killing> {};

TEST_P(E6b, NoGetFailsAndTheBreakerStaysClosed) {
  const Killing& killing = GetParam();
  const KillingResult result = kill(killing);
  std::printf(
      "E6b: 1 of %zu killed, service %lld ms, seed %llu: GETs failed %zu of 3000, POSTs failed %zu of 300 (%zu "
      "were in flight), repeated %zu, ejected after %.1f ms, attempts failed %zu, of these after it %zu\n",
      killing.endpoints, static_cast<long long>(wholeMilliseconds(killing.service)),
      static_cast<unsigned long long>(killing.seed), result.failedGets, result.failedPosts, result.postsInFlight,
      result.repeatedPosts, result.secondsToEjection * 1000, result.failedAttempts, result.attemptsAfterEjection);
  EXPECT_EQ(result.failedGets, 0U) << result.failures;
  EXPECT_EQ(result.breakerTransitions, 0U);
  EXPECT_EQ(result.repeatedPosts, 0U);
  EXPECT_LE(result.failedPosts, result.postsInFlight) << result.failures;
  EXPECT_GE(result.secondsToEjection, 0);
  EXPECT_LE(result.secondsToEjection, 0.1);
  EXPECT_EQ(result.attemptsAfterEjection, 0U);
}

std::vector<Killing> killings() {
  std::vector<Killing> all;
  for (const size_t endpoints : {2U, 3U}) {
    for (const Duration service : {Duration(20ms), Duration(50ms)}) {
      for (const uint64_t seed : {1U, 2U, 3U}) all.push_back({endpoints, service, seed});
    }
  }
  return all;
}

std::string nameOf(const testing::TestParamInfo<Killing>& info) {
  return "OneOf" + std::to_string(info.param.endpoints) + "At" + std::to_string(wholeMilliseconds(info.param.service)) +
         "msSeed" + std::to_string(info.param.seed);
}

INSTANTIATE_TEST_SUITE_P(Killed, E6b, testing::ValuesIn(killings()), nameOf);

// The machine is gone instead of the process: nothing refuses, all is silence. Connect and attempt timeouts must find
// out.
class Vanished : public testing::TestWithParam<uint64_t> {};

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

INSTANTIATE_TEST_SUITE_P(Seeds, Vanished, testing::Values(1, 2, 3));

}  // namespace
}  // namespace outrigger::sim
