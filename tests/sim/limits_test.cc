// What an upstream may be asked at once, who waits, and how connections are kept.
#include <gtest/gtest.h>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

struct Limited {
  explicit Limited(const std::string& limits, const std::string& endpoint = "'${orders}'") {
    sidecar = &world.sidecar("log: {access: all}\npolicies: {default: {retry: {limit: 0}, limits: {" + limits +
                             "}}}\nupstreams: {orders: {endpoints: [" + endpoint + "]}}");
  }
  std::vector<Client*> ask(size_t count) {
    std::vector<Client*> clients;
    for (size_t i = 0; i < count; ++i) {
      clients.push_back(&sidecar->connect());
      clients.back()->ask("POST", "orders", "/" + std::to_string(i), {}, "x");
    }
    return clients;
  }
  uint64_t rejections(metrics::Limit limit) {
    return sidecar->series("orders").limitRejections[static_cast<size_t>(limit)].value();
  }
  void expectQuiet() {
    world.run(1s);
    EXPECT_EQ(sidecar->worker().activeExchanges(), 0U);
    sidecar->worker().forEachCluster([](const upstream::Cluster& cluster) {
      EXPECT_EQ(cluster.pending(), 0U);
      EXPECT_EQ(cluster.settings().requests->taken(), 0U);
    });
  }

  World world;
  Upstream& orders = world.upstream("orders");
  Sidecar* sidecar = nullptr;
};

size_t answered(const std::vector<Client*>& clients, int status, const std::string& reason = "") {
  size_t count = 0;
  for (const Client* client : clients) {
    if (client->complete() == 0) continue;
    count += client->responses()[0].status == status && client->responses()[0].reason() == reason;
  }
  return count;
}

TEST(RequestLimit, IsExact) {
  Limited limited("requests: 3, pending: 0");
  limited.orders.replies(200).after(100ms);
  const auto clients = limited.ask(10);
  limited.world.run(50ms);
  EXPECT_EQ(limited.orders.heads(), 3U);
  EXPECT_EQ(answered(clients, 503, "limit-requests"), 7U);
  EXPECT_EQ(limited.rejections(metrics::Limit::Requests), 7U);
  limited.world.run(100ms);
  EXPECT_EQ(answered(clients, 200), 3U);
  limited.expectQuiet();
  EXPECT_EQ(limited.sidecar->get("orders", "/").status, 200);
}

TEST(RequestLimit, WhoDoesNotFitWaitsInTheOrderOfArrival) {
  Limited limited("requests: 2, pending: 100");
  limited.orders.replies(200).after(10ms);
  const auto clients = limited.ask(20);
  limited.world.run(200ms);
  EXPECT_EQ(answered(clients, 200), 20U);
  ASSERT_EQ(limited.orders.hits(), 20U);
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(limited.orders.requests()[i].target, "/" + std::to_string(i));
  limited.expectQuiet();
}

TEST(ConnectionLimit, IsNeverPassed) {
  Limited limited("connections: 3");
  limited.orders.replies(200).after(10ms);
  const auto clients = limited.ask(30);
  for (int i = 0; i < 150; ++i) {
    limited.world.run(1ms);
    EXPECT_LE(limited.orders.connectionsOpen(), 3U);
  }
  EXPECT_EQ(answered(clients, 200), 30U);
  EXPECT_EQ(limited.orders.connectionsAccepted(), 3U);
  for (size_t i = 0; i < 30; ++i) EXPECT_EQ(limited.orders.requests()[i].target, "/" + std::to_string(i)) << "FIFO";
  limited.expectQuiet();
}

TEST(ConnectionLimit, WithoutAQueueItRefuses) {
  Limited limited("connections: 2, pending: 0");
  limited.orders.replies(200).after(100ms);
  const auto clients = limited.ask(5);
  limited.world.run(50ms);
  EXPECT_EQ(answered(clients, 503, "limit-connections"), 3U);
  EXPECT_EQ(limited.rejections(metrics::Limit::Connections), 3U);
}

// A connection that lies idle at another endpoint makes room.
TEST(ConnectionLimit, AnIdleConnectionElsewhereIsGivenUp) {
  World world;
  auto& a = world.upstream("a");
  auto& b = world.upstream("b");
  auto& sidecar = world.sidecar(
      "policies: {default: {limits: {connections: 1, pending: 0}}}\n"
      "upstreams: {a: {endpoints: ['${a}', '${b}'], balance: round-robin}}");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(sidecar.get("a", "/").status, 200);
    EXPECT_LE(a.connectionsOpen() + b.connectionsOpen(), 2U);  // one of them may still hear of its end
    world.run(1ms);
  }
  EXPECT_EQ(a.hits() + b.hits(), 6U);
}

TEST(PendingLimit, IsExactAndRefusesAtOnce) {
  Limited limited("requests: 1, pending: 4");
  limited.orders.replies(200).after(10ms);
  const auto clients = limited.ask(10);
  limited.world.run(5ms);
  EXPECT_EQ(answered(clients, 503, "limit-pending"), 5U);
  EXPECT_EQ(limited.rejections(metrics::Limit::Pending), 5U);
  limited.world.run(100ms);
  EXPECT_EQ(answered(clients, 200), 5U);
  limited.expectQuiet();
}

TEST(PendingLimit, NobodyWaitsLongerThanThePendingTimeout) {
  Limited limited("requests: 1, pendingTimeout: 200ms");
  limited.orders.replies(200).after(1s);
  const auto clients = limited.ask(3);
  limited.world.run(195ms);
  EXPECT_EQ(answered(clients, 503, "pending-timeout"), 0U);
  limited.world.run(10ms);
  EXPECT_EQ(answered(clients, 503, "pending-timeout"), 2U);
  EXPECT_EQ(lastRecord(*limited.sidecar, "reason"), "pending-timeout");
  limited.world.run(1s);
  EXPECT_EQ(answered(clients, 200), 1U);
  EXPECT_EQ(limited.orders.heads(), 1U) << "what has expired is never sent";
  limited.expectQuiet();
}

TEST(PendingLimit, WhoLeavesMakesRoomInTheQueue) {
  Limited limited("requests: 1, pending: 1");
  limited.orders.replies(200).after(100ms);
  const auto clients = limited.ask(2);
  limited.world.run(5ms);
  clients[1]->reset();
  limited.world.run(5ms);
  EXPECT_EQ(limited.sidecar->get("orders", "/late").status, 200);
  ASSERT_EQ(limited.orders.hits(), 2U);
  EXPECT_EQ(limited.orders.requests()[1].target, "/late");
  limited.expectQuiet();
}

// A place comes free not only by an answer.
TEST(PendingLimit, AFailureOrACallerWhoLeavesServesTheNextInTheQueue) {
  for (const bool leaves : {true, false}) {
    Limited limited("requests: 1");
    limited.orders.hangs().then(200);
    const auto clients = limited.ask(2);
    limited.world.run(5ms);
    if (leaves) {
      clients[0]->reset();
    } else {
      limited.orders.down();
      limited.orders.up();
    }
    limited.world.run(20ms);
    EXPECT_EQ(answered(clients, 200), 1U) << leaves;
    limited.expectQuiet();
  }
}

// ---- Connections

TEST(Connections, TheOneUsedLastIsUsedNext) {
  Limited limited("connections: 10");
  limited.orders.replies(200).after(10ms);
  limited.ask(5);
  limited.world.run(100ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 5U);
  limited.orders.replies(200);
  // One at a time keeps one connection busy; the other four age and go.
  for (int i = 0; i < 100; ++i) {
    limited.sidecar->get("orders", "/");
    limited.world.run(100ms);
  }
  EXPECT_EQ(limited.orders.connectionsAccepted(), 5U);
  EXPECT_EQ(limited.orders.connectionsOpen(), 1U);
}

TEST(Connections, AreClosedBeforeTheUpstreamsKeepAliveHintRunsOut) {
  Limited limited("idle: auto");
  limited.orders.replies(200, "ok", {{"keep-alive", "timeout=3"}});
  limited.sidecar->get("orders", "/");
  limited.world.run(1900ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 1U);
  limited.world.run(200ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 0U);
}

// Nothing is known at first: 4 s. Each survival shows that more is possible, up to 30 s.
TEST(Connections, IdleTimeGrowsBySurvival) {
  Limited limited("idle: auto");
  std::vector<Duration> kept;
  for (int i = 0; i < 12; ++i) {
    limited.sidecar->get("orders", "/");
    const Instant begun = limited.world.loop().now();
    ASSERT_TRUE(limited.world.runUntil([&] { return limited.orders.connectionsOpen() == 0; }, 1min));
    kept.push_back(limited.world.loop().now() - begun);
  }
  EXPECT_NEAR(seconds(kept.front()), 4, 0.01);
  for (size_t i = 1; i < kept.size(); ++i) EXPECT_GE(kept[i], kept[i - 1] - 2ms);
  EXPECT_NEAR(seconds(kept.back()), 30, 0.1);
}

// The upstream closes after 2 s: from then on we are the first to close.
TEST(Connections, IdleTimeShrinksWhenTheUpstreamCloses) {
  Limited limited("idle: auto");
  limited.sidecar->get("orders", "/");
  limited.world.run(2s);
  limited.orders.closeIdle();
  limited.world.run(1ms);
  limited.sidecar->get("orders", "/");
  limited.world.run(900ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 1U);
  limited.world.run(200ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 0U);
}

TEST(Connections, AFixedIdleTimeIsKept) {
  Limited limited("idle: 10s");
  limited.orders.replies(200, "ok", {{"keep-alive", "timeout=3"}});
  limited.sidecar->get("orders", "/");
  limited.world.run(9900ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 1U);
  limited.world.run(200ms);
  EXPECT_EQ(limited.orders.connectionsOpen(), 0U);
}

TEST(Connections, OldOnesAreNotUsedAgain) {
  Limited limited("maxAge: 5s");
  for (int i = 0; i < 10; ++i) {
    limited.sidecar->get("orders", "/");
    limited.world.run(1s);
  }
  EXPECT_EQ(limited.orders.connectionsAccepted(), 2U);
  EXPECT_EQ(limited.orders.hits(), 10U);
}

TEST(Connections, OneThatSaidCloseIsNotUsedAgain) {
  Limited limited("connections: 10");
  limited.orders.replies(200, "ok", {{"connection", "close"}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limited.sidecar->post("orders", "/", "x").status, 200);
  EXPECT_EQ(limited.orders.connectionsAccepted(), 3U);
}

TEST(Connections, OneThatSpeaksOutOfTurnIsNotUsedAgain) {
  Limited limited("connections: 10");
  limited.sidecar->get("orders", "/");
  limited.orders.push("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison");
  limited.world.run(1ms);
  EXPECT_EQ(limited.sidecar->get("orders", "/").body, "ok");
  EXPECT_EQ(limited.orders.connectionsAccepted(), 2U);
}

}  // namespace
}  // namespace outrigger::sim
