// What sidecars tell each other of a refusal, whom they believe, and how long a place before the app is held.
#include <gtest/gtest.h>

#include "tests/support/sim/service.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

const test::Headers kMarked = {{"outrigger-not-forwarded", "1"}, {"outrigger-reason", "limit-pending"}};

std::string pair(const std::string& more) {
  return "upstreams: {orders: {endpoints: ['${a}', '${b}']" + more + "}}";
}

uint64_t retries(Sidecar& sidecar, policy::RetryCause cause) {
  return sidecar.series("orders").retries[static_cast<size_t>(cause)].value();
}

// ---- Believing

TEST(Marks, ARefusalThatABelievedSidecarMarksIsTriedElsewhereWhateverTheMethod) {
  World world;
  auto& a = world.upstream("a").replies(503, "no", kMarked);
  auto& b = world.upstream("b").replies(503, "no", kMarked).then(200);
  auto& sidecar = world.sidecar(pair(", sidecar: true, balance: round-robin"));
  for (int i = 0; i < 4; ++i) {
    const auto answer = sidecar.post("orders", "/", "1 euro");
    EXPECT_TRUE(answer.status == 200 || answer.status == 503);
  }
  EXPECT_GE(retries(sidecar, policy::RetryCause::Unsent), 2U);
  EXPECT_GE(a.hits() + b.hits(), 6U);
}

TEST(Marks, AreNotBelievedOfOthers) {
  World world;
  auto& a = world.upstream("a").replies(503, "no", kMarked);
  auto& b = world.upstream("b").replies(503, "no", kMarked);
  auto& sidecar = world.sidecar(pair(""));
  const auto answer = sidecar.post("orders", "/", "1 euro");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(a.hits() + b.hits(), 1U);
  EXPECT_EQ(answer.header("outrigger-not-forwarded"), "") << "nor passed on";
  EXPECT_EQ(answer.reason(), "");
}

TEST(Marks, ABelievedReasonPassesOn) {
  World world;
  world.upstream("a").replies(503, "no", kMarked);
  world.upstream("b").replies(503, "no", kMarked);
  auto& sidecar = world.sidecar(pair(", sidecar: true"));
  const auto answer = sidecar.post("orders", "/", "1 euro");
  EXPECT_EQ(answer.reason(), "limit-pending");
  EXPECT_EQ(answer.header("outrigger-not-forwarded"), "") << "it is between sidecars";
}

TEST(Marks, AWordThatIsNoReasonOfOursIsDropped) {
  World world;
  world.upstream("a").replies(200, "ok", {{"outrigger-reason", "<script>"}});
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${a}'], sidecar: true}}");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "");
}

TEST(Marks, NoRetryStopsEveryTry) {
  World world;
  auto& a = world.upstream("a").replies(503, "no", {{"outrigger-no-retry", "1"}});
  auto& b = world.upstream("b").replies(503, "no", {{"outrigger-no-retry", "1"}});
  auto& sidecar = world.sidecar(pair(", sidecar: true"));
  EXPECT_EQ(sidecar.get("orders", "/").status, 503);
  EXPECT_EQ(a.hits() + b.hits(), 1U);
  const auto pushback = static_cast<size_t>(policy::RetryRefusal::Pushback);
  EXPECT_EQ(sidecar.series("orders").retriesRefused[pushback].value(), 1U);
}

TEST(Marks, MarkedRefusalsSayNothingOfTheService) {
  World world;
  world.upstream("a").replies(503, "no", kMarked);
  world.upstream("b").replies(503, "no", kMarked);
  auto& sidecar = world.sidecar(pair(", sidecar: true"));
  for (int i = 0; i < 100; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(sidecar.series("orders").breakerState.value(), 0);
  for (const auto& cause : sidecar.series("orders").ejections) EXPECT_EQ(cause.value(), 0U);
}

// The clock of the sidecar below runs a little ahead, so its 504 comes before our own timer.
TEST(Marks, TheCallersDeadlineBelowIsNoFailureEither) {
  const test::Headers late = {{"outrigger-reason", "deadline-exceeded"}, {"outrigger-no-retry", "1"}};
  for (const bool believed : {true, false}) {
    World world;
    world.upstream("a").replies(504, "late", late);
    world.upstream("b").replies(504, "late", late);
    auto& sidecar = world.sidecar(pair(believed ? ", sidecar: true" : ""));
    for (int i = 0; i < 60; ++i) sidecar.get("orders", "/", {{"outrigger-timeout-ms", "200"}});
    EXPECT_EQ(sidecar.series("orders").breakerState.value() == 0, believed);
  }
}

// ---- Giving

constexpr const char* kApp =
    "app: {address: '${app}', policy: tight}\n"
    "policies: {tight: {extends: inbound, limits: {requests: 1, pending: 0}}}";

TEST(Marks, TheInboundSideSaysThatTheAppSawNothing) {
  World world;
  world.upstream("app").hangs();
  auto& sidecar = world.sidecar(kApp);
  Client& first = sidecar.connect(Direction::Inbound);
  first.ask("GET", "me");
  world.run(10ms);
  const auto refused = sidecar.request("GET", "me", "/", {}, "", Direction::Inbound);
  EXPECT_EQ(refused.reason(), "limit-requests");
  EXPECT_EQ(refused.header("outrigger-not-forwarded"), "1");
}

TEST(Marks, AndSaysNothingOfTheKindWhereItMayHave) {
  World world;
  world.upstream("app").resets();
  auto& sidecar = world.sidecar("app: {address: '${app}'}");
  const auto lost = sidecar.request("GET", "me", "/", {}, "", Direction::Inbound);
  EXPECT_EQ(lost.status, 502);
  EXPECT_EQ(lost.header("outrigger-not-forwarded"), "");
}

TEST(Marks, TheAppCannotSetThem) {
  World world;
  world.upstream("app").replies(503, "no", {{"outrigger-not-forwarded", "1"}, {"outrigger-no-retry", "1"}});
  auto& sidecar = world.sidecar("app: {address: '${app}'}");
  const auto answer = sidecar.request("GET", "me", "/", {}, "", Direction::Inbound);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("outrigger-not-forwarded"), "");
  EXPECT_EQ(answer.header("outrigger-no-retry"), "");
}

TEST(Marks, AnExpiredDeadlineIsNotWorthAnotherTry) {
  World world;
  world.upstream("app").hangs();
  auto& sidecar = world.sidecar("app: {address: '${app}'}");
  const auto late = sidecar.request("GET", "me", "/", {{"outrigger-timeout-ms", "30"}}, "", Direction::Inbound);
  EXPECT_EQ(late.reason(), "deadline-exceeded");
  EXPECT_EQ(late.header("outrigger-no-retry"), "1");
}

// A call of the app found the service below overloaded: nobody above should try the whole again.
TEST(Marks, OverloadBelowIsToldAbove) {
  World world;
  world.upstream("orders").replies(503, "no", {{"outrigger-no-retry", "1"}});
  world.upstream("app").replies(503).after(50ms);
  auto& sidecar =
      world.sidecar("app: {address: '${app}'}\nupstreams: {orders: {endpoints: ['${orders}'], sidecar: true}}");
  Client& caller = sidecar.connect(Direction::Inbound);
  caller.ask("GET", "me", "/", {{"x-request-id", "r-1"}});
  world.run(10ms);
  Client& call = sidecar.connect();
  call.ask("GET", "orders", "/", {{"x-request-id", "r-1"}});
  world.run(100ms);
  ASSERT_EQ(caller.complete(), 1U);
  EXPECT_EQ(caller.responses()[0].header("outrigger-no-retry"), "1");
}

TEST(Marks, TheAttemptNumberGoesThroughToTheApp) {
  World world;
  auto& app = world.upstream("app");
  auto& sidecar = world.sidecar("app: {address: '${app}'}\nupstreams: {orders: {endpoints: ['${app}']}}");
  sidecar.request("GET", "me", "/", {{"outrigger-attempt", "3"}}, "", Direction::Inbound);
  sidecar.request("GET", "me", "/", {{"outrigger-attempt", "-3"}}, "", Direction::Inbound);
  sidecar.get("orders", "/", {{"outrigger-attempt", "3"}});
  EXPECT_EQ(app.requests()[0].header("outrigger-attempt"), "3");
  EXPECT_EQ(app.requests()[1].header("outrigger-attempt"), "");
  EXPECT_EQ(app.requests()[2].header("outrigger-attempt"), "") << "the app's own word does not count";
}

// ---- A place before the app

class Place : public ::testing::Test {
 protected:
  Client& ask() {
    Client& client = sidecar_.connect(Direction::Inbound);
    client.ask("GET", "me");
    world_.run(5ms);
    return client;
  }
  bool isFree() {
    Client& client = ask();
    return client.complete() == 0 || client.responses()[0].reason() != "limit-requests";
  }

  World world_;
  Upstream& app_ = world_.upstream("app");
  Sidecar& sidecar_ = world_.sidecar(kApp);
};

TEST(HeldPlace, IsFreeOnlyWhenTheAppHasAnsweredThoughTheCallerHasGone) {
  World world;
  world.service("app").takes(Law::constant(500ms));  // does not notice that a caller has left
  auto& sidecar = world.sidecar(kApp);
  Client& client = sidecar.connect(Direction::Inbound);
  client.ask("GET", "me");
  world.run(5ms);
  client.reset();
  world.run(100ms);
  EXPECT_EQ(sidecar.request("GET", "me", "/", {}, "", Direction::Inbound).reason(), "limit-requests");
  world.run(500ms);
  EXPECT_EQ(sidecar.request("GET", "me", "/", {}, "", Direction::Inbound).status, 200);
}

TEST_F(Place, IsFreeAsSoonAsTheAppGivesUp) {
  app_.hangs();
  ask().reset();
  world_.run(10ms);
  EXPECT_EQ(app_.cancelled(), 1U) << "the app is told by FIN, and this one looks";
  EXPECT_TRUE(isFree());
}

TEST_F(Place, IsFreeAtTheHeadOfAStreamingAnswer) {
  app_.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
  Client& client = ask();
  EXPECT_EQ(client.responses().at(0).status, 200);
  EXPECT_TRUE(isFree());
}

TEST_F(Place, OfARequestThatWasNeverSentIsFreeAtOnce) {
  world_.network().blackhole(app_.address());
  ask().reset();
  world_.run(5ms);
  app_.up();
  EXPECT_EQ(sidecar_.request("GET", "me", "/", {}, "", Direction::Inbound).status, 200);
}

TEST_F(Place, GoesWithTheWorker) {
  app_.replies(200).after(500ms);
  ask().reset();
  world_.run(10ms);
  EXPECT_EQ(sidecar_.reload("app: {address: '${app}'}"), "");
  world_.run(10ms);
}

}  // namespace
}  // namespace outrigger::sim
