// Drain and end (CONTRACT §9): the state machine of control/ over a real worker in virtual time.
#include <gtest/gtest.h>

#include "control/drain.h"
#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

using control::Drain;

// What the program does for a drain, with one worker and no sockets.
class Draining : private control::DrainSteps {
 public:
  Draining() {
    sidecar_ = &world.sidecar(
        "log: {access: all}\napp: {address: '${app}'}\n"
        "upstreams: {orders: {endpoints: ['${orders}']}}");
    drain.configure({.lameDuck = 5s, .grace = 25s});
  }

  Client& callApp(const std::string& target = "/") {
    Client& client = sidecar_->connect(Direction::Inbound);
    client.ask("GET", "app", target);
    return client;
  }
  Client& callOut() {
    Client& client = sidecar_->connect();
    client.ask("GET", "orders");
    return client;
  }
  Sidecar& sidecar() { return *sidecar_; }
  void run(Duration span) { world.run(span); }

  World world;
  Upstream& app = world.upstream("app");
  Upstream& orders = world.upstream("orders");
  bool inboundOpen = true;
  bool appThere = true;
  std::optional<Instant> finishedAt;
  size_t cut = 0;

 private:
  void makeInboundAnswersLast() override { sidecar_->worker().makeAnswersLast(Direction::Inbound); }
  void closeInboundListeners() override { inboundOpen = false; }
  void closeIdleInbound() override { sidecar_->worker().closeIdle(Direction::Inbound); }
  int64_t requestsInFlight() const override { return static_cast<int64_t>(sidecar_->worker().activeExchanges()); }
  int64_t connections(Direction direction) const override {
    return sidecar_->metrics().worker.downstreamConnections[static_cast<size_t>(direction)].value();
  }
  bool appIsThere() override { return appThere; }
  void finish() override {
    finishedAt = world.loop().now();
    cut = sidecar_->worker().cutAll();
  }

  Sidecar* sidecar_ = nullptr;

 public:
  Drain drain{world.loop().turn(), *this};
};

TEST(Draining, EveryInboundAnswerSaysCloseAndCloses) {
  Draining d;
  Client& warm = d.callApp();
  d.run(5ms);
  EXPECT_EQ(warm.responses()[0].header("connection"), "");
  d.drain.begin();
  for (int i = 0; i < 3; ++i) {
    Client& fresh = d.callApp();
    d.run(5ms);
    ASSERT_EQ(fresh.complete(), 1U) << "it goes on accepting and serving";
    EXPECT_EQ(fresh.responses()[0].status, 200);
    EXPECT_EQ(fresh.responses()[0].header("connection"), "close");
    EXPECT_TRUE(fresh.closed());
  }
  warm.ask("GET", "app");
  d.run(5ms);
  ASSERT_EQ(warm.complete(), 2U);
  EXPECT_EQ(warm.responses()[1].header("connection"), "close");
  EXPECT_TRUE(warm.closed());
}

TEST(Draining, TheOutboundSideServesTheAppAsBefore) {
  Draining d;
  d.drain.begin();
  Client& client = d.callOut();
  for (int i = 0; i < 5; ++i) {
    d.run(1s);
    client.ask("GET", "orders");
  }
  d.run(1s);
  EXPECT_EQ(client.complete(), 6U);
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(client.responses().back().header("connection"), "");
}

TEST(Draining, AloneDoesNotEnd) {
  Draining d;
  d.drain.begin();
  d.drain.begin();
  d.run(1h);
  EXPECT_EQ(d.drain.state(), Drain::State::Draining);
  EXPECT_FALSE(d.finishedAt);
  EXPECT_TRUE(d.inboundOpen);
}

TEST(Draining, SurvivesAReload) {
  Draining d;
  d.drain.begin();
  ASSERT_EQ(d.sidecar().reload("app: {address: '${app}'}"), "");
  Client& client = d.callApp();
  d.run(5ms);
  EXPECT_EQ(client.responses()[0].header("connection"), "close");
}

TEST(Ending, InTheLameDuckTimeNewRequestsAreServed) {
  Draining d;
  Client& stays = d.callOut();
  const Instant begun = d.world.loop().now();
  d.drain.end();
  for (int i = 0; i < 4; ++i) {
    d.run(1s);
    Client& fresh = d.callApp();
    d.run(5ms);
    EXPECT_EQ(fresh.responses()[0].status, 200);
    EXPECT_TRUE(d.inboundOpen);
  }
  d.world.runUntil([&] { return !d.inboundOpen; }, 10s);
  EXPECT_GE(d.world.loop().now() - begun, 5s);
  EXPECT_LE(d.world.loop().now() - begun, 5050ms);
  EXPECT_FALSE(stays.closed());
}

TEST(Ending, AfterTheLameDuckIdleInboundConnectionsClose) {
  Draining d;
  d.callOut();
  Client& idle = d.callApp();
  d.run(5ms);
  d.drain.end();
  d.run(4900ms);
  EXPECT_FALSE(idle.closed());
  d.run(200ms);
  EXPECT_TRUE(idle.closed());
  EXPECT_EQ(idle.complete(), 1U);
}

TEST(Ending, WhatRunsFinishes) {
  Draining d;
  d.app.replies(200, "long").after(12s);
  Client& running = d.callApp();
  d.run(5ms);
  d.drain.end();
  d.run(11s);
  EXPECT_FALSE(d.finishedAt);
  d.run(2s);
  ASSERT_EQ(running.complete(), 1U);
  EXPECT_EQ(running.responses()[0].body, "long");
  ASSERT_TRUE(d.finishedAt);
  EXPECT_EQ(d.cut, 0U);
}

// The exchange is over once its answer is in our hands; the caller has it when it has read it.
TEST(Ending, AnAnswerIsSentToItsLastOctet) {
  Draining d;
  const std::string body(MemoryTransport::kWindow + 32 * 1024, 'a');
  d.app.replies(200, body);
  d.drain.begin();
  Client& slow = d.callApp();
  slow.stall();
  d.run(5ms);
  ASSERT_EQ(d.sidecar().worker().activeExchanges(), 0U);
  ASSERT_GT(slow.heldBack(), 0U);
  d.appThere = false;
  d.drain.end();
  d.run(10s);
  EXPECT_FALSE(d.finishedAt);
  slow.goOn();
  d.run(3s);
  ASSERT_EQ(slow.complete(), 1U);
  EXPECT_EQ(slow.responses()[0].body.size(), body.size());
  EXPECT_TRUE(d.finishedAt);
}

TEST(Ending, WhoNeverReadsIsCutAtTheEndOfTheGrace) {
  Draining d;
  d.app.replies(200, std::string(MemoryTransport::kWindow + 32 * 1024, 'a'));
  d.drain.begin();
  Client& deaf = d.callApp();
  deaf.stall();
  d.run(5ms);
  const Instant begun = d.world.loop().now();
  d.drain.end();
  d.run(30s);
  ASSERT_TRUE(d.finishedAt);
  EXPECT_GE(*d.finishedAt - begun, 25s);
  EXPECT_LE(*d.finishedAt - begun, 25050ms);
}

TEST(Ending, WaitsForTheAppsOwnCalls) {
  Draining d;
  Client& client = d.callOut();
  d.run(5ms);
  d.drain.end();
  d.run(15s);
  EXPECT_FALSE(d.finishedAt);
  client.ask("GET", "orders");
  d.run(5ms);
  EXPECT_EQ(client.complete(), 2U);
  client.leave();
  d.run(100ms);
  EXPECT_TRUE(d.finishedAt);
}

TEST(Ending, TheGraceCutsWhatIsLeft) {
  Draining d;
  d.app.replies(200, "too long").after(1min);
  Client& running = d.callApp();
  d.run(5ms);
  const Instant begun = d.world.loop().now();
  d.drain.end();
  d.run(30s);
  ASSERT_TRUE(d.finishedAt);
  EXPECT_GE(*d.finishedAt - begun, 25s);
  EXPECT_LE(*d.finishedAt - begun, 25050ms);
  EXPECT_EQ(d.cut, 1U);
  EXPECT_TRUE(running.closed());
  EXPECT_EQ(running.complete(), 0U);
  EXPECT_EQ(d.app.cancelled(), 1U);
  EXPECT_EQ(lastRecord(d.sidecar(), "reason"), "draining");
  EXPECT_EQ(d.sidecar().accessLines().size(), 1U);
}

TEST(Ending, NothingInFlightAndTheAppGoneEndsAtOnce) {
  Draining d;
  d.appThere = false;
  const Instant begun = d.world.loop().now();
  d.drain.end();
  d.run(100ms);
  ASSERT_TRUE(d.finishedAt);
  EXPECT_LE(*d.finishedAt - begun, 50ms);
}

TEST(Ending, ASecondCallEndsAtOnce) {
  Draining d;
  d.app.hangs();
  Client& running = d.callApp();
  d.run(5ms);
  d.drain.end();
  d.run(100ms);
  EXPECT_FALSE(d.finishedAt);
  d.drain.end();
  EXPECT_TRUE(d.finishedAt);
  EXPECT_EQ(d.cut, 1U);
  d.run(5ms);
  EXPECT_TRUE(running.closed());
}

}  // namespace
}  // namespace outrigger::sim
