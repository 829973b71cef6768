// What is recorded of a request in its trace: one span of its own, one for each attempt, and what they hang under.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using server::TracedRequest;
using server::TrailAttempt;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kParent = "00f067aa0ba902b7";
constexpr const char* kTracing = "tracing: {collector: \"http://collector:4318\"}\n";

std::string traceparent(const std::string& flags = "01") {
  return std::string("00-") + kTrace + "-" + kParent + "-" + flags;
}

std::string hex(uint64_t span) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(span));
  return digits;
}

// What the endpoint was told: the span that its own spans hang under.
std::string parentSeen(const test::SeenRequest& request) {
  return request.header("traceparent").substr(36, 16);
}

class Spans : public ::testing::Test {
 protected:
  // What is kept of the requests so far.
  const std::vector<TracedRequest>& recorded() {
    world_.run(1s);
    return sidecar_->traced();
  }
  const TracedRequest& one() {
    EXPECT_EQ(recorded().size(), 1U);
    return recorded().at(0);
  }
  void sidecar(const std::string& yaml) { sidecar_ = &world_.sidecar(kTracing + yaml); }
  test::SeenResponse get(test::Headers headers = {{"traceparent", traceparent()}}) {
    return sidecar_->get("orders", "/secret?q=secret", std::move(headers));
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(Spans, OfARetriedRequest) {
  auto& orders = world_.upstream("orders").replies(503).then(200);
  sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  EXPECT_EQ(get({{"traceparent", traceparent()}, {"tracestate", "a=b"}}).status, 200);
  const TracedRequest& request = one();
  EXPECT_EQ(request.trail.trace, kTrace);
  EXPECT_EQ(request.parent, kParent);
  EXPECT_EQ(request.spans(), 3U);
  ASSERT_EQ(request.trail.notes.size(), 2U);
  const auto seen = orders.requests();
  ASSERT_EQ(seen.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    const TrailAttempt& attempt = request.trail.notes[i];
    EXPECT_EQ(attempt.number, i + 1);
    EXPECT_EQ(seen[i].header("traceparent"), std::string("00-") + kTrace + "-" + hex(attempt.span) + "-01");
    EXPECT_EQ(seen[i].header("tracestate"), "a=b");
  }
  EXPECT_NE(request.trail.notes[0].span, request.trail.notes[1].span);
  EXPECT_NE(request.span, request.trail.notes[0].span);
  EXPECT_EQ(request.trail.path, "/*") << "as the route names it";
}

TEST_F(Spans, OfAHedgedRequest) {
  auto& slow = world_.upstream("slow").replies(200).after(300us);
  world_.upstream("quick").replies(200).after(300us);
  sidecar(
      "policies: {default: {hedge: {percent: 50}, eject: none}}\n"
      "upstreams: {orders: {endpoints: ['${slow}', '${quick}'], balance: round-robin}}");
  for (int i = 0; i < 40; ++i) get({});  // so that it is known what is slow
  slow.replies(200).after(500ms);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(get().status, 200);
  const auto hedged = std::ranges::find_if(recorded(), [](const TracedRequest& r) { return r.trail.attempts == 2; });
  ASSERT_NE(hedged, sidecar_->traced().end());
  EXPECT_EQ(hedged->trail.trace, kTrace);
  EXPECT_EQ(hedged->spans(), 3U);
  const TrailAttempt& first = hedged->trail.notes.at(0);
  const TrailAttempt& second = hedged->trail.notes.at(1);
  EXPECT_FALSE(first.hedge);
  EXPECT_EQ(first.result, policy::AttemptResult::Cancelled);
  EXPECT_TRUE(second.hedge);
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(first.span, second.span);
  EXPECT_EQ(parentSeen(slow.requests().back()), hex(first.span));
}

TEST_F(Spans, OfARefusedRetry) {
  world_.upstream("orders").replies(503);
  sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  EXPECT_EQ(sidecar_->post("orders", "/", "x", {{"traceparent", traceparent()}}).status, 503);
  ASSERT_EQ(one().trail.notes.size(), 1U);
  EXPECT_EQ(one().trail.notes[0].refusal, policy::RetryRefusal::Method);
}

TEST_F(Spans, WhatTheCallerDoesNotRecordPassesUntouched) {
  auto& orders = world_.upstream("orders").replies(200);
  sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  get({{"traceparent", traceparent("00")}});
  get({{"traceparent", traceparent("02")}});
  EXPECT_EQ(orders.requests()[0].header("traceparent"), traceparent("00"));
  EXPECT_EQ(orders.requests()[1].header("traceparent"), traceparent("02"));
  EXPECT_TRUE(recorded().empty());
}

TEST_F(Spans, TheFlagThatAnIdIsRandomIsKept) {
  auto& orders = world_.upstream("orders").replies(200);
  sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  get({{"traceparent", traceparent("03")}});
  EXPECT_TRUE(orders.requests()[0].header("traceparent").ends_with("-03"));
  EXPECT_EQ(recorded().size(), 1U);
}

TEST_F(Spans, OfTracesThatBeginHereAShareIsRecorded) {
  auto& orders = world_.upstream("orders").replies(200);
  sidecar_ = &world_.sidecar(
      "tracing: {collector: \"http://collector:4318\", sample: 25}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 400; ++i) get({});
  const size_t count = recorded().size();
  EXPECT_NEAR(static_cast<double>(count), 100, 30);
  const auto seen = orders.requests();
  const auto marked = [](const test::SeenRequest& request) { return request.header("traceparent").ends_with("-01"); };
  EXPECT_EQ(static_cast<size_t>(std::ranges::count_if(seen, marked)), count);
  EXPECT_EQ(recorded().front().parent, "") << "a root";
}

TEST_F(Spans, ByTheParentAloneNoTraceBeginsHere) {
  auto& orders = world_.upstream("orders").replies(200);
  sidecar_ = &world_.sidecar(
      "tracing: {collector: \"http://collector:4318\", sample: parent}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 20; ++i) get({});
  EXPECT_TRUE(recorded().empty());
  EXPECT_TRUE(orders.requests().back().header("traceparent").ends_with("-00"));
  get();
  EXPECT_EQ(recorded().size(), 1U);
}

TEST_F(Spans, AB3ParentCountsLikeAnother) {
  auto& orders = world_.upstream("orders").replies(200);
  sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  get({{"b3", std::string(kTrace) + "-" + kParent + "-1"}});
  EXPECT_EQ(one().trail.trace, kTrace);
  EXPECT_EQ(one().parent, kParent);
  EXPECT_EQ(parentSeen(orders.requests()[0]), hex(one().trail.notes[0].span));
  EXPECT_EQ(orders.requests()[0].header("b3"), std::string(kTrace) + "-" + kParent + "-1") << "passes untouched";
}

TEST_F(Spans, WithoutTracingNothingIsRecordedAndNothingChanges) {
  auto& orders = world_.upstream("orders").replies(200);
  sidecar_ = &world_.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  get();
  get({});
  EXPECT_EQ(orders.requests()[0].header("traceparent"), traceparent());
  EXPECT_TRUE(orders.requests()[1].header("traceparent").ends_with("-01"));
  EXPECT_TRUE(recorded().empty());
}

TEST_F(Spans, AReloadTurnsThemOnAndOff) {
  world_.upstream("orders").replies(200);
  const std::string rest = "upstreams: {orders: {endpoints: ['${orders}']}}";
  sidecar(rest);
  get();
  EXPECT_EQ(recorded().size(), 1U);
  EXPECT_EQ(sidecar_->reload(rest), "");
  get();
  EXPECT_EQ(recorded().size(), 1U);
  EXPECT_EQ(sidecar_->reload(kTracing + rest), "");
  get();
  EXPECT_EQ(recorded().size(), 2U);
}

TEST_F(Spans, OfNoAttemptAtAll) {
  sidecar("upstreams: {}");
  EXPECT_EQ(get().status, 404);
  EXPECT_EQ(one().spans(), 1U);
  EXPECT_EQ(one().trail.reason, Reason::NoRoute);
}

// ---- What the log keeps goes by the same bits

std::string withTrace(uint64_t low) {
  return std::string("00-") + "4bf92f3577b34da6" + hex(low) + "-" + kParent + "-00";
}

TEST_F(Spans, TheLogKeepsAShareOfOrdinaryRequestsByTheirTrace) {
  auto& orders = world_.upstream("orders").replies(200);
  const std::string config =
      "log: {access: all, sample: 25}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}";
  sidecar_ = &world_.sidecar(config);
  Sidecar& other = world_.sidecar(config);
  for (uint64_t i = 0; i < 200; ++i) {
    const std::string parent = withTrace(i << 48 | i);
    get({{"traceparent", parent}});
    other.get("orders", "/", {{"traceparent", parent}});
  }
  const auto traces = [](const Sidecar& sidecar) {
    std::vector<std::string> found;
    for (const std::string& line : sidecar.accessLines()) {
      found.push_back(line.substr(line.find("\"trace\":\"") + 9, 32));
    }
    return found;
  };
  EXPECT_EQ(traces(*sidecar_).size(), 64U) << "those whose low 56 bits are in the first quarter";
  EXPECT_EQ(traces(*sidecar_), traces(other)) << "the same at each hop";
  EXPECT_EQ(orders.hits(), 400U);
}

TEST_F(Spans, TheLogKeepsErrorsAndRetriedRequestsAlways) {
  world_.upstream("orders").replies(503).then(200);
  sidecar_ = &world_.sidecar(
      "log: {access: all, sample: 0}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  EXPECT_EQ(get().status, 200);
  EXPECT_EQ(sidecar_->accessLines().size(), 1U) << "it was tried twice";
  EXPECT_EQ(get().status, 200);
  EXPECT_EQ(sidecar_->accessLines().size(), 1U);
  EXPECT_EQ(sidecar_->get("nowhere", "/").status, 404);
  EXPECT_EQ(sidecar_->accessLines().size(), 2U);
}

TEST_F(Spans, ComeSomeAtATime) {
  world_.upstream("orders").replies(200);
  sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 64; ++i) {
    EXPECT_TRUE(sidecar_->traced().empty());
    get();
  }
  EXPECT_EQ(sidecar_->traced().size(), 64U) << "without a wait";
}

}  // namespace
}  // namespace outrigger::sim
