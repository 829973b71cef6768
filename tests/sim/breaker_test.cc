// The circuit breaker as traffic sees it: when it opens, that the upstream is left alone then, how it closes again.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

using State = policy::Breaker::State;

std::string config(const std::string& policy) {
  return "policies: {default: {" + policy + "}}\nupstreams: {orders: {endpoints: ['${orders}']}}";
}
constexpr const char* kNoRetry = "retry: {limit: 0}";

State stateOf(Sidecar& sidecar) {
  return static_cast<State>(sidecar.series("orders").breakerState.value());
}

uint64_t transitionsTo(Sidecar& sidecar, State state) {
  return sidecar.series("orders").breakerTransitions[static_cast<size_t>(state)].value();
}

// Lets a healthy-again upstream be found open, right at the end of that time.
void openAndWait(World& world, Sidecar& sidecar, Upstream& orders) {
  orders.replies(503);
  while (stateOf(sidecar) != State::Open) sidecar.get("orders", "/");
  world.run(500ms);
}

TEST(Breaker, OpensAfterARunOfFailures) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config(kNoRetry));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar.get("orders", "/").reason(), "");
  EXPECT_EQ(stateOf(sidecar), State::Open);
  EXPECT_EQ(transitionsTo(sidecar, State::Open), 1U);
  EXPECT_EQ(orders.hits(), 5U);
}

TEST(Breaker, ASuccessEndsTheRun) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(config("retry: {limit: 0}, breaker: {errorPercent: none}"));
  for (int round = 0; round < 5; ++round) {
    orders.replies(503);
    for (int i = 0; i < 4; ++i) sidecar.get("orders", "/");
    orders.replies(200);
    EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  }
  EXPECT_EQ(stateOf(sidecar), State::Closed);
}

TEST(Breaker, OpensByTheShareOfFailuresInItsWindow) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar =
      world.sidecar(config("retry: {limit: 0}, breaker: {consecutive: none, minRequests: 20, errorPercent: 50}"));
  for (int i = 0; i < 19; ++i) {
    orders.replies(i % 2 == 0 ? 200 : 503);
    sidecar.get("orders", "/");
    EXPECT_EQ(stateOf(sidecar), State::Closed) << i;
  }
  orders.replies(503);
  sidecar.get("orders", "/");
  EXPECT_EQ(stateOf(sidecar), State::Open);
}

TEST(Breaker, FailuresOutsideOfTheWindowAreForgotten) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      config("retry: {limit: 0}, breaker: {consecutive: none, window: 1s, minRequests: 20, errorPercent: 50}"));
  for (int i = 0; i < 19; ++i) sidecar.get("orders", "/");
  world.run(1200ms);
  orders.replies(200);
  for (int i = 0; i < 11; ++i) sidecar.get("orders", "/");
  orders.replies(503);
  for (int i = 0; i < 9; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(stateOf(sidecar), State::Closed);
}

TEST(Breaker, WhileOpenTheUpstreamIsNotTouched) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config(kNoRetry));
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  const size_t connections = orders.connectionsAccepted();
  const size_t octets = orders.octets().size();
  const Instant opened = world.loop().now();
  while (world.loop().now() - opened < 390ms) {
    const auto response = sidecar.get("orders", "/");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.reason(), "breaker-open");
    EXPECT_EQ(response.header("outrigger-attempts"), "");
    world.run(10ms);
  }
  EXPECT_EQ(orders.octets().size(), octets);
  EXPECT_EQ(orders.connectionsAccepted(), connections);
  EXPECT_EQ(sidecar.series("orders").retries[0].value(), 0U);
}

TEST(Breaker, ARetryIsNotMadeAgainstAnOpenBreaker) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config("retry: {limit: 10, backoff: {base: 1ms, max: 1ms}}"));
  const auto response = sidecar.get("orders", "/");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.reason(), "") << "the last answer is better than a refusal of our own";
  EXPECT_EQ(response.header("outrigger-attempts"), "5");
  EXPECT_EQ(orders.hits(), 5U);
  const auto why = static_cast<size_t>(policy::RetryRefusal::Breaker);
  EXPECT_EQ(sidecar.series("orders").retriesRefused[why].value(), 1U);
}

TEST(Breaker, LetsOneTwoFourProbesThroughAndCloses) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(config(kNoRetry));
  openAndWait(world, sidecar, orders);
  orders.replies(200).after(10ms);
  for (const size_t probes : {1U, 2U, 4U, 8U}) {
    const size_t before = orders.hits();
    for (int i = 0; i < 20; ++i) sidecar.connect().ask("GET", "orders");
    world.run(5ms);
    EXPECT_EQ(orders.hits() - before, probes);
    EXPECT_EQ(stateOf(sidecar), State::HalfOpen);
    world.run(50ms);
  }
  EXPECT_EQ(stateOf(sidecar), State::Closed);
  const size_t before = orders.hits();
  for (int i = 0; i < 20; ++i) sidecar.connect().ask("GET", "orders");
  world.run(50ms);
  EXPECT_EQ(orders.hits() - before, 20U);
  EXPECT_EQ(transitionsTo(sidecar, State::HalfOpen), 1U);
  EXPECT_EQ(transitionsTo(sidecar, State::Closed), 1U);
}

TEST(Breaker, AFailedProbeOpensItForTwiceAsLongUpToTheMost) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config("retry: {limit: 0}, breaker: {open: 500ms, maxOpen: 2s}"));
  Traffic traffic(world, sidecar, {.host = "orders"});
  traffic.start(500, 12s);
  std::vector<Instant> hits;
  while (hits.size() < 10) {
    ASSERT_TRUE(world.runUntil([&] { return orders.hits() > hits.size(); }, 5s));
    hits.push_back(world.loop().now());
  }
  const Duration longest[] = {500ms, 1s, 2s, 2s, 2s};
  for (size_t i = 0; i < 5; ++i) {
    const Duration pause = hits[5 + i] - hits[4 + i];
    EXPECT_LE(pause, longest[i] + 4ms) << i;
    EXPECT_GE(pause, longest[i] * 8 / 10) << i;
  }
  traffic.finish();
}

// A probe whose caller leaves has proved nothing, and must not block the next one for ever.
TEST(Breaker, AProbeThatHangsDoesNotKeepItHalfOpen) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(config("retry: {limit: 0}, timeout: {request: none}, breaker: {maxOpen: 2s}"));
  openAndWait(world, sidecar, orders);
  orders.hangs();
  Client& caller = sidecar.connect();
  caller.ask("GET", "orders");
  world.run(1900ms);
  orders.replies(200);
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "breaker-open");
  world.run(100ms);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(stateOf(sidecar), State::Closed);
  EXPECT_EQ(caller.complete(), 0U);
}

TEST(Breaker, AnUnfinishedProbeIsHandedBack) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(config(kNoRetry));
  openAndWait(world, sidecar, orders);
  orders.hangs();
  Client& leaver = sidecar.connect();
  leaver.ask("GET", "orders");
  world.run(5ms);
  EXPECT_EQ(stateOf(sidecar), State::HalfOpen);
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "breaker-open") << "the one probe is out";
  leaver.reset();
  world.run(5ms);
  orders.replies(200);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(stateOf(sidecar), State::Closed);
}

// They were let in while it was closed, but have not been sent yet.
TEST(Breaker, WhoWaitsInTheQueueIsNotSentToAnUpstreamThatHasFailedSince) {
  World world;
  auto& orders = world.upstream("orders").replies(503).after(20ms);
  auto& sidecar = world.sidecar(config("retry: {limit: 0}, limits: {requests: 5, pendingTimeout: 10s}"));
  std::vector<Client*> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(&sidecar.connect());
    clients.back()->ask("GET", "orders");
  }
  world.run(100ms);
  EXPECT_EQ(orders.hits(), 9U) << "five, and four in the places of those that failed before the fifth";
  const auto refused = std::ranges::count_if(clients, [](const Client* client) {
    return client->complete() == 1 && client->responses()[0].reason() == "breaker-open";
  });
  EXPECT_EQ(refused, 41);
}

TEST(Breaker, NoneNeverRefuses) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config("retry: {limit: 0}, breaker: none"));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sidecar.get("orders", "/").reason(), "");
  EXPECT_EQ(orders.hits(), 100U);
}

TEST(Breaker, IsPerUpstream) {
  World world;
  world.upstream("orders").replies(503);
  world.upstream("users");
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}, users: {endpoints: ['${users}']}}");
  for (int i = 0; i < 10; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "breaker-open");
  EXPECT_EQ(sidecar.get("users", "/").status, 200);
}

TEST(Breaker, TheDecisionTellsWhyAndForHowLong) {
  World world;
  world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(config(kNoRetry));
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  ASSERT_FALSE(sidecar.decisions().empty());
  EXPECT_TRUE(sidecar.decisions().front().text.starts_with(
      "breaker of orders: closed -> open: 5 failures in a row, refuses for 4"))
      << sidecar.decisions().front().text;
}

TEST(Breaker, ErrorsOfTheApplicationAreNoFailures) {
  for (const int status : {400, 404, 429, 500}) {
    World world;
    world.upstream("orders").replies(status);
    auto& sidecar = world.sidecar(config(kNoRetry));
    for (int i = 0; i < 40; ++i) sidecar.get("orders", "/");
    EXPECT_EQ(stateOf(sidecar), State::Closed) << status;
  }
}

}  // namespace
}  // namespace outrigger::sim
