// Upgrades inside the exchange (RFC 9110 §7.8): granted, refused, early octets, half-closed, idle, drained, reloaded.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using test::Headers;

const Headers kAsks{{"Connection", "keep-alive, Upgrade"},
                    {"Upgrade", "websocket"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"HTTP2-Settings", "AAMAAABk"}};

class Upgrading : public ::testing::Test {
 protected:
  Sidecar& start(const std::string& more = "") {
    sidecar_ = &world.sidecar("log: {access: all}\napp: {address: '${app}'}\n" + more +
                              "\nupstreams: {orders: {endpoints: ['${orders}']}}");
    return *sidecar_;
  }
  Client& ask(Direction direction = Direction::Outbound) {
    Client& client = sidecar_->connect(direction);
    client.upgradeTo("websocket");
    client.ask("GET", "orders", "/chat", kAsks);
    return client;
  }
  /// One for whom it was granted.
  Client& open(Direction direction = Direction::Outbound) {
    Client& client = ask(direction);
    world.run(10ms);
    EXPECT_EQ(statusOf(client), 101);
    return client;
  }
  static int statusOf(const Client& client) { return client.responses().empty() ? 0 : client.responses()[0].status; }
  static std::string heard(const Client& client) { return client.responses()[0].body; }
  std::string record(size_t number = 0) const {
    const auto& lines = sidecar_->accessLines();
    return lines.size() > number ? lines[number] : "none";
  }
  bool recorded(const std::string& part, size_t number = 0) const {
    return record(number).find(part) != std::string::npos;
  }

  World world;
  Upstream& orders = world.upstream("orders").upgrades();
  Upstream& app = world.upstream("app").upgrades();
  Sidecar* sidecar_ = nullptr;
};

TEST_F(Upgrading, GrantedItCarriesOctetsBothWays) {
  start();
  Client& client = open();
  const auto& answer = client.responses()[0];
  EXPECT_EQ(answer.header("upgrade"), "websocket");
  EXPECT_EQ(answer.header("connection"), "upgrade");
  EXPECT_EQ(answer.header("transfer-encoding"), "");
  EXPECT_EQ(answer.header("content-length"), "");
  EXPECT_EQ(orders.requests()[0].header("upgrade"), "websocket");
  EXPECT_EQ(orders.requests()[0].header("connection"), "upgrade");
  EXPECT_EQ(orders.requests()[0].header("http2-settings"), "");
  EXPECT_EQ(orders.requests()[0].header("sec-websocket-key"), "dGhlIHNhbXBsZSBub25jZQ==");
  client.send("hello");
  world.run(1s);
  EXPECT_EQ(heard(client), "hello");
  orders.push("GET / HTTP/1.1\r\n\r\n");
  client.send("HTTP/1.1 200 OK\r\n\r\n");
  world.run(1s);
  EXPECT_EQ(heard(client), "helloGET / HTTP/1.1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(orders.hits(), 1U);
  EXPECT_EQ(sidecar_->worker().activeExchanges(), 1U);
}

TEST_F(Upgrading, IsRecordedOnceItHasEnded) {
  start();
  Client& client = open();
  client.send("12345");
  world.run(5s);
  EXPECT_TRUE(sidecar_->accessLines().empty());
  client.finish();
  world.run(1s);
  ASSERT_EQ(sidecar_->accessLines().size(), 1U);
  for (const char* part : {"\"status\":101", "\"reason\":\"ok\"", "\"request_bytes\":5", "\"response_bytes\":5",
                           "\"attempts\":1", "\"protocol\":\"HTTP/1.1\""}) {
    EXPECT_TRUE(recorded(part)) << part << " in " << record();
  }
  EXPECT_EQ(sidecar_->worker().activeExchanges(), 0U);
  EXPECT_EQ(orders.connectionsOpen(), 0U) << "it is not used again";
}

TEST_F(Upgrading, EarlyOctetsOfBothSidesArriveInOrder) {
  orders.upgrades("welcome ").after(1s);
  start();
  Client& client = ask();
  client.send("early ");
  world.run(100ms);
  client.send("earlier");
  world.run(500ms);
  EXPECT_EQ(orders.octets().find("early"), std::string::npos) << "before it was granted";
  world.run(1s);
  EXPECT_EQ(heard(client), "welcome early earlier");
}

TEST_F(Upgrading, EarlyOctetsAndTheEndBehindThem) {
  orders.upgrades("", " farewell").after(1s);
  start();
  Client& client = ask();
  client.send("early");
  client.finish();
  world.run(3s);
  EXPECT_EQ(heard(client), "early farewell");
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(recorded("\"reason\":\"ok\"")) << record();
}

TEST_F(Upgrading, RefusedItIsAnOrdinaryAnswerAndBothConnectionsGoOn) {
  orders.replies(403, "not you").then(200, "fine");
  start();
  Client& client = ask();
  world.run(10ms);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].status, 403);
  EXPECT_EQ(client.responses()[0].body, "not you");
  client.ask("GET", "orders", "/next");
  world.run(10ms);
  ASSERT_EQ(client.complete(), 2U);
  EXPECT_EQ(client.responses()[1].body, "fine");
  EXPECT_EQ(orders.connectionsAccepted(), 1U);
}

TEST_F(Upgrading, RefusedWhatCameEarlyIsTheNextRequest) {
  orders.replies(403, "not you").then(200, "fine");
  start();
  Client& client = ask();
  client.ask("GET", "orders", "/next");
  world.run(10ms);
  ASSERT_EQ(client.complete(), 2U);
  EXPECT_EQ(client.responses()[1].body, "fine");
  EXPECT_EQ(orders.requests()[1].target, "/next");
  EXPECT_EQ(orders.requests()[1].header("upgrade"), "");
}

TEST_F(Upgrading, NobodyGetsA101ThatWasNotAskedFor) {
  start();
  Client& plain = sidecar_->connect();
  plain.ask("GET", "orders", "/", {{"Upgrade", "websocket"}});
  world.run(1s);
  ASSERT_EQ(statusOf(plain), 502);
  EXPECT_EQ(plain.responses()[0].reason(), "upstream-malformed");
  orders.sends("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n");
  Client& other = ask();
  world.run(1s);
  ASSERT_EQ(statusOf(other), 502);
  EXPECT_EQ(other.responses()[0].reason(), "upstream-malformed");
}

TEST_F(Upgrading, H2cNeverTunnels) {
  start();
  orders.replies(200);
  Client& client = sidecar_->connect();
  client.ask("GET", "orders", "/",
             {{"Connection", "Upgrade, HTTP2-Settings"}, {"Upgrade", "h2c"}, {"HTTP2-Settings", "AAMAAABk"}});
  world.run(10ms);
  EXPECT_EQ(statusOf(client), 200);
  EXPECT_EQ(orders.requests()[0].header("upgrade"), "");
  EXPECT_EQ(orders.requests()[0].header("connection"), "");
  EXPECT_EQ(orders.requests()[0].header("http2-settings"), "");
}

TEST_F(Upgrading, ABodyIsSentFirst) {
  start();
  Client& client = sidecar_->connect();
  client.upgradeTo("tcp");
  client.ask("POST", "orders", "/exec", {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}}, "{\"tty\":1}");
  client.send("ls\n");
  world.run(10ms);
  EXPECT_EQ(statusOf(client), 101);
  EXPECT_EQ(orders.requests()[0].body, "{\"tty\":1}");
  EXPECT_EQ(heard(client), "ls\n");
}

TEST_F(Upgrading, GrantedBeforeTheBodyIsThereItIsMalformed) {
  orders.early();
  start();
  Client& client = sidecar_->connect();
  client.upgradeTo("tcp");
  client.request(
      "POST", "POST / HTTP/1.1\r\nhost: orders\r\nconnection: upgrade\r\nupgrade: tcp\r\ncontent-length: 9\r\n\r\n1");
  world.run(10ms);
  EXPECT_EQ(statusOf(client), 502);
}

TEST_F(Upgrading, TheCallersEndIsPassedOnAndTheOtherSideGoesOn) {
  orders.upgrades("", "and still here");
  start();
  Client& client = open();
  client.finish();
  world.run(1s);
  EXPECT_EQ(heard(client), "and still here");
  EXPECT_TRUE(client.closed());
}

TEST_F(Upgrading, TheUpstreamsEndIsPassedOnAndTheCallerGoesOn) {
  start();
  Client& client = open();
  orders.finish();
  world.run(1s);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(sidecar_->accessLines().empty()) << record();
  client.send("I am still here");
  world.run(1s);
  EXPECT_TRUE(orders.octets().ends_with("I am still here"));
  client.finish();
  world.run(1s);
  EXPECT_TRUE(recorded("\"reason\":\"ok\"")) << record();
  EXPECT_EQ(orders.connectionsOpen(), 0U);
}

TEST_F(Upgrading, AResetOfOneSideEndsTheOther) {
  start();
  Client& left = open();
  left.reset();
  world.run(1s);
  EXPECT_EQ(orders.connectionsOpen(), 0U);
  EXPECT_TRUE(recorded("\"reason\":\"client-closed\"")) << record();
  Client& stays = open();
  orders.down();
  world.run(1s);
  EXPECT_TRUE(stays.closed());
  EXPECT_FALSE(stays.responses()[0].error.empty()) << "as a reset, not as an end";
  EXPECT_TRUE(recorded("\"reason\":\"upstream-reset\"", 1)) << record(1);
  EXPECT_TRUE(recorded("\"status\":101", 1)) << record(1);
}

TEST_F(Upgrading, IdleTimeCountsBothDirections) {
  start("policies: {default: {timeout: {request: 2s, idle: 10s}}}");
  Client& client = open();
  for (int i = 0; i < 5; ++i) {
    world.run(8s);
    orders.push(".");
  }
  orders.stall();  // so that nothing comes back
  for (int i = 0; i < 5; ++i) {
    world.run(8s);
    client.send("x");
  }
  EXPECT_FALSE(client.closed());
  world.run(9s);
  EXPECT_FALSE(client.closed());
  world.run(2s);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(recorded("\"reason\":\"idle-timeout\"")) << record();
}

TEST_F(Upgrading, BackPressureHoldsBothWays) {
  start();
  Client& client = open();
  orders.stall();
  for (int i = 0; i < 100; ++i) client.send(std::string(64 * 1024, 'x'));
  world.run(1s);
  EXPECT_GT(client.unsent(), 4U << 20);
  orders.goOn();
  client.stall();
  world.run(1s);
  EXPECT_GT(client.heldBack(), 0U);
  EXPECT_LT(client.heldBack(), 512U * 1024);
  client.goOn();
  world.run(10s);
  EXPECT_EQ(heard(client).size(), 100U * 64 * 1024);
}

TEST_F(Upgrading, BeforeItIsGrantedTheReplayTableHolds) {
  orders.resets().thenUpgrades();
  start();
  Client& client = ask();
  client.send("early");
  world.run(1s);
  EXPECT_EQ(statusOf(client), 101);
  EXPECT_EQ(heard(client), "early");
  EXPECT_EQ(orders.heads(), 2U);
  EXPECT_EQ(orders.requests().back().header("outrigger-attempt"), "2");
}

TEST_F(Upgrading, NothingIsTriedAgainOnceItWasGranted) {
  start();
  Client& client = open();
  client.send("x");
  orders.down();
  orders.up();
  world.run(1s);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(orders.heads(), 1U);
}

TEST_F(Upgrading, AnAnswerTooLateIsTheDeadlines) {
  orders.upgrades().after(5s);
  start("policies: {default: {timeout: {request: 2s}, retry: {limit: 0}}}");
  Client& client = ask();
  world.run(3s);
  EXPECT_EQ(statusOf(client), 504);
}

TEST_F(Upgrading, InboundItLeavesItsPlaceAtTheHead) {
  start("policies: {inbound: {limits: {requests: 1, pending: 0}}}");
  open(Direction::Inbound);
  open(Direction::Inbound);
  EXPECT_EQ(sidecar_->worker().activeExchanges(), 2U);
}

TEST_F(Upgrading, OutboundItHoldsItsPlace) {
  start("policies: {default: {limits: {requests: 1, pending: 0}, retry: {limit: 0}}}");
  open();
  Client& second = ask();
  world.run(1s);
  EXPECT_EQ(statusOf(second), 503);
  EXPECT_EQ(second.responses()[0].reason(), "limit-requests");
}

TEST_F(Upgrading, GoesOnWhileDrainingAndIsCutAtItsEnd) {
  start();
  Client& client = open(Direction::Inbound);
  EXPECT_EQ(client.responses()[0].header("connection"), "upgrade");
  sidecar_->worker().makeAnswersLast(Direction::Inbound);
  Client& later = open(Direction::Inbound);
  EXPECT_EQ(later.responses()[0].header("connection"), "upgrade");
  sidecar_->worker().closeIdle(Direction::Inbound);
  client.send("still");
  world.run(20s);
  EXPECT_EQ(heard(client), "still");
  EXPECT_EQ(sidecar_->worker().cutAll(), 2U);
  world.run(1s);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(app.connectionsOpen(), 0U);
  EXPECT_TRUE(recorded("\"reason\":\"draining\"")) << record();
}

TEST_F(Upgrading, LivesThroughReloads) {
  Sidecar& sidecar = start();
  Client& client = open();
  std::string sent;
  for (int i = 0; i < 20; ++i) {
    const bool stays = i % 2 == 1;
    ASSERT_EQ(sidecar.reload(stays ? "upstreams: {orders: {endpoints: ['${orders}']}}" : "app: {address: '${app}'}"),
              "");
    client.send(std::to_string(i) + " ");
    sent += std::to_string(i) + " ";
    world.run(1s);
    ASSERT_EQ(heard(client), sent);
  }
  client.finish();
  world.run(1s);
  EXPECT_EQ(sidecar.worker().activeExchanges(), 0U);
  EXPECT_EQ(orders.connectionsOpen(), 0U);
}

TEST_F(Upgrading, FiltersSeeBothHeads) {
  start(
      "routes: [{match: {host: orders}, to: orders, filters: [{headers: {request: {set: {x-in: '1'}}, response: {set: "
      "{x-out: '2'}}}}]}]");
  Client& client = open();
  EXPECT_EQ(orders.requests()[0].header("x-in"), "1");
  EXPECT_EQ(client.responses()[0].header("x-out"), "2");
}

TEST_F(Upgrading, Http10AsksForNothing) {
  orders.replies(200);
  start();
  Client& client = sidecar_->connect();
  client.request("GET", "GET / HTTP/1.0\r\nhost: orders\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  world.run(10ms);
  EXPECT_EQ(statusOf(client), 200);
  EXPECT_EQ(orders.requests()[0].header("upgrade"), "");
}

// ---- CONNECT

class Connecting : public Upgrading {
 protected:
  Client& connect(const std::string& target, bool offered = true) {
    sidecar_ = &world.sidecar(std::string("log: {access: all}\nhttp: {connect: ") + (offered ? "true" : "false") +
                              "}\nupstreams: {orders: {endpoints: ['${orders}']}, db: {endpoints: ['${db}'], protocol: "
                              "tcp}}");
    Client& client = sidecar_->connect();
    client.send("CONNECT " + target + " HTTP/1.1\r\nhost: " + target + "\r\n\r\n");
    return client;
  }
  static bool begins(const Client& client, const std::string& text) { return client.octets().starts_with(text); }
  std::string ownPort() { return "db:" + std::to_string(world.address("db").port()); }

  Upstream& db = world.upstream("db").sends("ready");
};

const std::string kAskDb = "GET / HTTP/1.1\r\nhost: any\r\n\r\n";

TEST_F(Connecting, ATunnelLeadsToAKnownUpstream) {
  Client& client = connect(ownPort());
  world.run(1s);
  ASSERT_TRUE(begins(client, "HTTP/1.1 200 OK\r\n")) << client.octets();
  EXPECT_EQ(client.octets().find("content-length"), std::string::npos);
  EXPECT_EQ(client.octets().find("transfer-encoding"), std::string::npos);
  client.send(kAskDb);
  world.run(1s);
  EXPECT_EQ(db.octets(), kAskDb);
  EXPECT_TRUE(client.octets().ends_with("\r\n\r\nready")) << client.octets();
  client.finish();
  world.run(1s);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(db.connectionsOpen(), 0U);
  EXPECT_TRUE(recorded("\"method\":\"CONNECT\"")) << record();
  EXPECT_TRUE(recorded("\"status\":200")) << record();
  EXPECT_TRUE(recorded("\"reason\":\"ok\"")) << record();
}

TEST_F(Connecting, EarlyOctetsWait) {
  Client& client = connect(ownPort());
  client.send(kAskDb);
  world.run(1s);
  EXPECT_EQ(db.octets(), kAskDb);
  EXPECT_TRUE(client.octets().ends_with("ready"));
}

TEST_F(Connecting, ElsewhereLeadsNoTunnel) {
  EXPECT_TRUE([&] {
    Client& client = connect("elsewhere:443");
    world.run(1s);
    return begins(client, "HTTP/1.1 404 ");
  }());
  EXPECT_TRUE([&] {
    Client& client = connect("orders:80");
    world.run(1s);
    return begins(client, "HTTP/1.1 404 ");  // not its port
  }());
  EXPECT_TRUE([&] {
    Client& client = connect("orders:" + std::to_string(world.address("orders").port()));
    world.run(1s);
    return begins(client, "HTTP/1.1 501 ");  // it speaks HTTP
  }());
  EXPECT_TRUE([&] {
    Client& client = connect(ownPort(), false);
    world.run(1s);
    return begins(client, "HTTP/1.1 501 ");
  }());
  EXPECT_EQ(db.connectionsAccepted(), 0U);
}

TEST_F(Connecting, NobodyThereIsAnAnswer) {
  db.down();
  Client& client = connect(ownPort());
  world.run(5s);
  EXPECT_TRUE(begins(client, "HTTP/1.1 503 ")) << client.octets();
  EXPECT_NE(client.octets().find("connect-failed"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::sim
