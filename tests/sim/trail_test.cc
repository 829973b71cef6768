// What is kept of a request out of the ordinary: each attempt, how it ended, and what followed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/admin/why.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using Next = exchange::AttemptNote::Next;
using control::admin::Rules;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kId = "0123456789abcdef";

// The words about a request of that id; none if nothing is kept of it.
std::vector<std::string> story(Sidecar& sidecar, Bytes id = kId) {
  const auto found = sidecar.worker().trails().find(id);
  return found.empty() ? std::vector<std::string>() : control::admin::wordsOf(found.front(), Rules());
}

TEST(Trail, OfARetriedRequest) {
  World world;
  world.upstream("orders").replies(503).then(200);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  EXPECT_EQ(sidecar.get("orders", "/secret", {{"x-request-id", kId}}).status, 200);
  const auto found = sidecar.worker().trails().find(kId);
  ASSERT_EQ(found.size(), 1U);
  const server::Trail& trail = found.front();
  EXPECT_EQ(trail.status, 200);
  EXPECT_EQ(trail.attempts, 2U);
  ASSERT_EQ(trail.notes.size(), 2U);
  EXPECT_EQ(trail.notes[0].status, 503);
  EXPECT_EQ(trail.notes[0].next, Next::Retried);
  EXPECT_EQ(trail.notes[0].cause, policy::RetryCause::Status);
  EXPECT_EQ(trail.notes[1].status, 200);
  EXPECT_EQ(trail.notes[1].next, Next::Answered);
  EXPECT_GE(trail.notes[1].started, *trail.notes[0].ended + trail.notes[0].backoff);
  EXPECT_THAT(story(sidecar), ElementsAre(StartsWith("GET orders/* came from the app, by the route orders, to orders"),
                                          HasSubstr("answered 503"), HasSubstr("answered 200"),
                                          StartsWith("the caller got 200 after")));
  for (const std::string& words : story(sidecar)) EXPECT_EQ(words.find("secret"), std::string::npos) << words;
}

TEST(Trail, CanBeFoundByTheTraceAsWell) {
  World world;
  world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  sidecar.get("orders", "/", {{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  EXPECT_EQ(sidecar.worker().trails().find(trace).size(), 1U);
}

TEST(Trail, OfARefusedRetry) {
  World world;
  world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  EXPECT_EQ(sidecar.post("orders", "/", "x", {{"x-request-id", kId}}).status, 503);
  const auto found = sidecar.worker().trails().find(kId);
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found.front().notes.size(), 1U);
  EXPECT_EQ(found.front().notes[0].refusal, policy::RetryRefusal::Method);
  EXPECT_THAT(story(sidecar)[1], HasSubstr("not tried again: a request of this method may not be carried out twice"));
}

TEST(Trail, OfNoAttemptAtAll) {
  World world;
  auto& sidecar = world.sidecar("upstreams: {}");
  EXPECT_EQ(sidecar.get("nowhere", "/", {{"x-request-id", kId}}).status, 404);
  EXPECT_THAT(story(sidecar), ElementsAre("GET */* came from the app",
                                          HasSubstr("404 after 0 ms (no-route: no route matches this request)")));
}

TEST(Trail, WhatIsRefusedBeforeItIsSentIsNoTry) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "log: {access: all}\npolicies: {default: {retry: {limit: 0}, breaker: {consecutive: 1}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  const auto ask = [&] { return sidecar.get("orders", "/", {{"x-request-id", kId}}); };
  for (int i = 0; i < 20 && ask().reason() != "breaker-open"; ++i) {
  }
  const size_t hits = orders.hits();
  EXPECT_EQ(ask().reason(), "breaker-open");
  EXPECT_EQ(orders.hits(), hits);
  EXPECT_THAT(sidecar.accessLines().back(), HasSubstr("\"attempts\":0,"));
  const auto isTold = [](const server::Decision& decision) {
    return decision.text.ends_with("breaker of this upstream is open, after 0 ms, nothing was sent");
  };
  EXPECT_TRUE(std::ranges::any_of(sidecar.worker().decisions().all(), isTold));
  EXPECT_THAT(story(sidecar)[1],
              HasSubstr("not sent, 0 ms after the request began: the circuit breaker of this upstream is open"));
}

TEST(Trail, OfATimeoutAndALostConnection) {
  World world;
  world.upstream("orders").hangs().then(200);
  auto& sidecar = world.sidecar(
      "policies: {default: {timeout: {attempt: 100ms}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  EXPECT_EQ(sidecar.get("orders", "/", {{"x-request-id", kId}}).status, 200);
  EXPECT_THAT(story(sidecar)[1], HasSubstr("came to nothing after 100 ms: the upstream did not answer within the "
                                           "attempt timeout (attempt-timeout); tried again after"));
}

TEST(Trail, AnOrdinaryRequestLeavesNone) {
  World world;
  world.upstream("orders").replies(200);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  sidecar.get("orders", "/", {{"x-request-id", kId}});
  EXPECT_TRUE(story(sidecar).empty());
  EXPECT_EQ(sidecar.worker().trails().size(), 0U);
}

TEST(Trail, AStormLeavesASampleAndTheOldestGo) {
  World world;
  auto& sidecar = world.sidecar("upstreams: {}");
  for (int i = 0; i < 200; ++i) sidecar.get("nowhere", "/");
  EXPECT_EQ(sidecar.worker().trails().size(), 50U);
  for (int second = 0; second < 20; ++second) {
    world.run(1s);
    for (int i = 0; i < 60; ++i) sidecar.get("nowhere", "/");
  }
  EXPECT_EQ(sidecar.worker().trails().size(), server::TrailRing::kMost);
}

}  // namespace
}  // namespace outrigger::sim
