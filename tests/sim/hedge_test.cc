// A second attempt beside a slow one: when, at what cost, who wins, and what becomes of the loser.
#include <gtest/gtest.h>

#include "proxy/policy/mode.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using policy::HedgeResult;

std::string config(const std::string& policy, const std::string& endpoints = "'${a}', '${b}'") {
  return "policies: {default: {" + policy + "}}\nupstreams: {orders: {endpoints: [" + endpoints +
         "], balance: round-robin}}";
}
const std::string kHedged = "hedge: {percent: 50}, eject: none";

/// Two endpoints that answer after a millisecond until told otherwise, and a bucket that has filled.
class HedgeTest : public ::testing::Test {
 protected:
  void begin(const std::string& yaml) {
    a_.replies(200, "a").after(300us);
    b_.replies(200, "b").after(300us);
    sidecar_ = &world_.sidecar(yaml);
    for (int i = 0; i < 40; ++i) sidecar_->get("orders", "/");
    before_ = a_.hits() + b_.hits();
  }
  uint64_t hedges(HedgeResult result) { return sidecar_->series("orders").hedges[static_cast<size_t>(result)].value(); }
  size_t hits() { return a_.hits() + b_.hits() - before_; }
  /// Whichever gets the next request is slow.
  void slowNext(Duration delay) {
    a_.replies(200, "a").after(delay).then(200, "a");
    b_.replies(200, "b").after(delay).then(200, "b");
  }

  World world_;
  Upstream& a_ = world_.upstream("a");
  Upstream& b_ = world_.upstream("b");
  Sidecar* sidecar_ = nullptr;
  size_t before_ = 0;
};

TEST_F(HedgeTest, IsOffByDefault) {
  begin(config("eject: none"));
  a_.replies(200).after(100ms);
  b_.replies(200).after(100ms);
  EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
  EXPECT_EQ(hits(), 1U);
}

TEST_F(HedgeTest, ASlowAnswerIsOvertaken) {
  begin(config(kHedged));
  a_.replies(200, "a").after(500ms);
  const Instant start = world_.loop().now();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sidecar_->get("orders", "/").body, "b");
  EXPECT_LT(world_.loop().now() - start, 20ms);
  EXPECT_EQ(hedges(HedgeResult::Won), 1U);
  EXPECT_EQ(hedges(HedgeResult::Lost), 0U);
  world_.run(10ms);
  EXPECT_EQ(a_.cancelled(), 1U) << "the loser is told";
}

TEST_F(HedgeTest, LeavesATrail) {
  begin(config(kHedged));
  a_.replies(200, "a").after(500ms);
  for (int i = 0; i < 2; ++i) sidecar_->get("orders", "/", {{"x-request-id", "0123456789abcdef"}});
  const auto trails = sidecar_->worker().trails().find("0123456789abcdef");
  ASSERT_EQ(trails.size(), 1U) << "the request that was answered at once leaves none";
  ASSERT_EQ(trails[0].notes.size(), 2U);
  const auto& [first, second] = std::pair(trails[0].notes[0], trails[0].notes[1]);
  EXPECT_FALSE(first.hedge);
  EXPECT_EQ(first.result, policy::AttemptResult::Cancelled);
  EXPECT_EQ(first.next, exchange::AttemptNote::Next::Nothing);
  EXPECT_TRUE(second.hedge);
  EXPECT_EQ(second.result, policy::AttemptResult::Ok);
  EXPECT_EQ(second.next, exchange::AttemptNote::Next::Answered);
  EXPECT_NE(first.endpoint, second.endpoint);
}

TEST_F(HedgeTest, TheFirstMayStillWin) {
  begin(config(kHedged));
  a_.replies(200, "a").after(8ms);
  b_.replies(200, "b").after(100ms);
  for (int i = 0; i < 4 && hedges(HedgeResult::Lost) == 0; ++i) sidecar_->get("orders", "/");
  EXPECT_GE(hedges(HedgeResult::Lost), 1U);
}

TEST_F(HedgeTest, BothAreCountedAndNumbered) {
  begin(config(kHedged));
  a_.replies(200, "a").after(500ms);
  b_.replies(200, "b");
  test::SeenResponse answer = sidecar_->get("orders", "/");
  if (answer.header("outrigger-attempts").empty()) answer = sidecar_->get("orders", "/");
  EXPECT_EQ(answer.header("outrigger-attempts"), "2");
  EXPECT_EQ(b_.requests().back().header("outrigger-attempt"), "2");
}

TEST_F(HedgeTest, OnlyWhatIsSafeOrKeyed) {
  begin(config(kHedged + ", retry: {idempotencyKey: x-key}"));
  a_.replies(200, "a").after(50ms);
  b_.replies(200, "b").after(50ms);
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    before_ = a_.hits() + b_.hits();
    EXPECT_EQ(sidecar_->request(method, "orders", "/").status, 200);
    EXPECT_EQ(hits(), 1U) << method;
  }
  before_ = a_.hits() + b_.hits();
  EXPECT_EQ(sidecar_->request("POST", "orders", "/", {{"x-key", "1"}}, "1 euro").status, 200);
  world_.run(1s);
  EXPECT_EQ(hits(), 2U);
}

TEST_F(HedgeTest, NeverAtTheSameEndpoint) {
  begin("policies: {default: {hedge: {percent: 50}}}\nupstreams: {orders: {endpoints: ['${a}']}}");
  a_.replies(200).after(100ms);
  EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
  EXPECT_EQ(hits(), 1U);
}

TEST_F(HedgeTest, NeverWaitsForAPlace) {
  begin(config(kHedged + ", limits: {requests: 1}"));
  a_.replies(200).after(50ms);
  b_.replies(200).after(50ms);
  EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
  EXPECT_EQ(hits(), 1U);
  EXPECT_EQ(sidecar_->series("orders").limitRejections[1].value(), 0U);
}

TEST_F(HedgeTest, AFailingFirstWaitsForTheSecond) {
  begin(config(kHedged));
  a_.replies(503).after(20ms);
  b_.replies(200, "b").after(40ms);
  for (int i = 0; i < 2; ++i) {
    const auto answer = sidecar_->get("orders", "/");
    EXPECT_EQ(answer.status, 200);
  }
  for (const auto& cause : sidecar_->series("orders").retries) EXPECT_EQ(cause.value(), 0U);
}

TEST_F(HedgeTest, WhenBothFailARetryMayFollow) {
  world_.upstream("c").replies(200, "c");
  begin(config(kHedged, "'${a}', '${b}', '${c}'"));
  a_.replies(503).after(20ms);
  b_.replies(503).after(20ms);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
}

TEST_F(HedgeTest, LosersSayNothingOfTheirEndpoint) {
  begin(config("hedge: {percent: 100}"));
  a_.replies(200, "a").after(30ms);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
    world_.run(5ms);
  }
  EXPECT_GE(a_.cancelled(), 10U);
  const auto consecutive = static_cast<size_t>(policy::EjectCause::Consecutive);
  EXPECT_EQ(sidecar_->series("orders").ejections[consecutive].value(), 0U);
  EXPECT_EQ(sidecar_->series("orders").breakerState.value(), 0);
}

TEST_F(HedgeTest, ACallerThatLeavesEndsBoth) {
  begin(config(kHedged));
  a_.replies(200).after(5s);
  b_.replies(200).after(5s);
  Client& client = sidecar_->connect();
  client.ask("GET", "orders");
  world_.run(100ms);
  ASSERT_EQ(hits(), 2U);
  client.reset();
  world_.run(10ms);
  EXPECT_EQ(a_.cancelled() + b_.cancelled(), 2U);
}

TEST_F(HedgeTest, TheDeadlineEndsBoth) {
  begin(config(kHedged + ", timeout: {request: 200ms}"));
  a_.hangs();
  b_.hangs();
  EXPECT_EQ(sidecar_->get("orders", "/").reason(), "request-timeout");
  world_.run(10ms);
  EXPECT_EQ(a_.cancelled() + b_.cancelled(), 2U);
}

TEST_F(HedgeTest, AFixedAttemptTimeoutCutsTheFirstAndLetsTheSecondGoOn) {
  begin(config(kHedged + ", timeout: {attempt: 100ms}"));
  a_.replies(200, "a").after(1s);
  b_.replies(200, "b").after(60ms);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
}

TEST_F(HedgeTest, ObserveOnlyCounts) {
  begin(config(kHedged + ", mode: observe"));
  a_.replies(200).after(50ms);
  b_.replies(200).after(50ms);
  EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
  EXPECT_EQ(hits(), 1U);
  EXPECT_EQ(sidecar_->series("orders").would[static_cast<size_t>(policy::Would::Hedge)].value(), 1U);
}

TEST_F(HedgeTest, ARouteMayHaveItsOwn) {
  begin(
      "upstreams: {orders: {endpoints: ['${a}', '${b}'], balance: round-robin}}\n"
      "routes: [{match: {host: orders, prefix: /search}, to: orders, override: {hedge: {percent: 50}}}]");
  for (int i = 0; i < 40; ++i) sidecar_->get("orders", "/search");
  a_.replies(200).after(50ms);
  b_.replies(200).after(50ms);
  before_ = a_.hits() + b_.hits();
  sidecar_->get("orders", "/other");
  EXPECT_EQ(hits(), 1U);
  sidecar_->get("orders", "/search");
  world_.run(1s);
  EXPECT_EQ(hits(), 3U);
}

// The budget of retries, only observed.
TEST(Observe, RetriesBeyondTheBudgetAreMadeAndCounted) {
  World world;
  world.upstream("a").replies(503);
  world.upstream("b").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {mode: observe, breaker: none, retry: {budget: {minPerSecond: 0, burst: 1}}}}\n"
      "upstreams: {orders: {endpoints: ['${a}', '${b}']}}");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar.get("orders", "/").header("outrigger-attempts"), "3");
  EXPECT_EQ(sidecar.series("orders").would[static_cast<size_t>(policy::Would::RefuseRetry)].value(), 9U);
}

}  // namespace
}  // namespace outrigger::sim
