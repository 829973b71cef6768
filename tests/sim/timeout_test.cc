// Every clock that a request can run against, with the status, the reason and the record that its end leaves.
#include <gtest/gtest.h>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

struct Timed {
  explicit Timed(const std::string& policy, const std::string& more = "") {
    sidecar = &world.sidecar("log: {access: all}\npolicies: {default: {breaker: none, " + policy +
                             "}}\nupstreams: {orders: {endpoints: ['${orders}']}}\n" + more);
  }
  /// How long `act` took.
  Duration span(const std::function<void()>& act) {
    const Instant begun = world.loop().now();
    act();
    return world.loop().now() - begun;
  }
  std::string reason() const { return lastRecord(*sidecar, "reason"); }

  World world;
  Upstream& orders = world.upstream("orders");
  Sidecar* sidecar = nullptr;
};

// A timer fires in the tick behind its instant, and octets take a moment on the way.
void expectAbout(Duration span, Duration expected) {
  EXPECT_GE(span, expected);
  EXPECT_LE(span, expected + 4ms);
}

// ---- request

TEST(RequestTimeout, EndsAnUnansweredRequest) {
  for (const char* method : {"GET", "POST"}) {
    Timed timed("timeout: {request: 1s}, retry: {limit: 0}");
    timed.orders.hangs();
    test::SeenResponse response;
    expectAbout(timed.span([&] { response = timed.sidecar->request(method, "orders", "/"); }), 1s);
    EXPECT_EQ(response.status, 504);
    EXPECT_EQ(response.reason(), "request-timeout");
    EXPECT_EQ(timed.reason(), "request-timeout");
    timed.world.run(1ms);
    EXPECT_EQ(timed.orders.cancelled(), 1U) << "the upstream hears that nobody waits any more";
  }
}

TEST(RequestTimeout, CountsFromTheFirstOctetOfTheRequest) {
  Timed timed("timeout: {request: 1s}, retry: {limit: 0}");
  timed.orders.hangs();
  Client& client = timed.sidecar->connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\n");
  timed.world.run(300ms);
  client.send("content-length: 4\r\n\r\nab");
  timed.world.run(300ms);
  client.send("cd");
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return client.complete() == 1; }); }), 400ms);
  EXPECT_EQ(client.responses()[0].reason(), "request-timeout");
}

TEST(RequestTimeout, CoversAShortAnswerToItsLastOctet) {
  Timed timed("timeout: {request: 1s}, retry: {limit: 0}");
  timed.orders.sends("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
  test::SeenResponse response;
  expectAbout(timed.span([&] { response = timed.sidecar->get("orders", "/"); }), 1s);
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.complete);
  EXPECT_EQ(response.body, "half");
  EXPECT_EQ(timed.reason(), "request-timeout");
  EXPECT_EQ(lastRecord(*timed.sidecar, "status"), "200");
}

TEST(RequestTimeout, EndsAtTheHeadOfAStream) {
  for (const char* framing : {"transfer-encoding: chunked", "content-length: 1048577"}) {
    Timed timed("timeout: {request: 1s, idle: 10s}, retry: {limit: 0}");
    timed.orders.sends("HTTP/1.1 200 OK\r\n" + std::string(framing) + "\r\n\r\n");
    Client& client = timed.sidecar->connect();
    client.ask("GET", "orders");
    timed.world.run(5s);
    EXPECT_FALSE(client.closed()) << framing;
    EXPECT_EQ(client.responses()[0].status, 200);
  }
}

TEST(RequestTimeout, NoneWaitsForEver) {
  Timed timed("timeout: {request: none}, retry: {limit: 0}");
  timed.orders.replies(200).after(50min);
  expectAbout(timed.span([&] { EXPECT_EQ(timed.sidecar->get("orders", "/").status, 200); }), 50min);
}

TEST(RequestTimeout, CoversTheWaitInTheQueue) {
  Timed timed("timeout: {request: 200ms}, limits: {requests: 1, pendingTimeout: none}",
              "routes: [{match: {path: /long}, to: orders, override: {timeout: {request: 10s}}}]");
  timed.orders.hangs();
  timed.sidecar->connect().ask("POST", "orders", "/long");
  timed.world.run(1ms);
  test::SeenResponse waiting;
  expectAbout(timed.span([&] { waiting = timed.sidecar->get("orders", "/"); }), 200ms);
  EXPECT_EQ(waiting.reason(), "request-timeout");
  EXPECT_EQ(timed.orders.hits(), 1U);
}

// ---- attempt

TEST(AttemptTimeout, AnExplicitOneAlwaysCuts) {
  for (const char* method : {"GET", "POST"}) {
    Timed timed("timeout: {attempt: 100ms}, retry: {limit: 0}");
    timed.orders.hangs();
    test::SeenResponse response;
    expectAbout(timed.span([&] { response = timed.sidecar->request(method, "orders", "/"); }), 100ms);
    EXPECT_EQ(response.status, 504);
    EXPECT_EQ(response.reason(), "attempt-timeout");
    EXPECT_EQ(timed.reason(), "attempt-timeout");
  }
}

TEST(AttemptTimeout, EndsAtTheHeadOfTheAnswer) {
  Timed timed("timeout: {attempt: 100ms}");
  timed.orders.sends("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
  timed.world.loop().in(500ms, [&] { timed.orders.push("cd"); });
  EXPECT_EQ(timed.sidecar->get("orders", "/").body, "abcd");
}

TEST(AttemptTimeout, AutoSharesTheTimeAmongTheTries) {
  Timed timed("timeout: {request: 3s}, retry: {limit: 2, backoff: {base: 1ms, max: 1ms}}");
  timed.orders.hangs();
  test::SeenResponse response;
  expectAbout(timed.span([&] { response = timed.sidecar->get("orders", "/"); }), 3s);
  EXPECT_EQ(response.reason(), "request-timeout");
  EXPECT_EQ(timed.orders.hits(), 3U);
  const auto& attempts = timed.sidecar->series("orders").attempts;
  EXPECT_EQ(attempts[static_cast<size_t>(policy::AttemptResult::Timeout)].value(), 3U);
}

TEST(AttemptTimeout, AutoCutsInTimeForTheNextTry) {
  Timed timed("timeout: {request: 3s}, retry: {limit: 2, backoff: {base: 1ms, max: 1ms}}");
  timed.orders.hangs().then(200);
  expectAbout(timed.span([&] { EXPECT_EQ(timed.sidecar->get("orders", "/").status, 200); }), 1s);
}

TEST(AttemptTimeout, AutoLetsATryRunOnWhereNoOtherMayFollow) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"POST", "retry: {limit: 2}"},
      {"GET", "retry: {limit: 0}"},
      {"GET", "retry: {limit: 2, when: [unsent, 503]}"},
  };
  for (const auto& [method, policy] : cases) {
    SCOPED_TRACE(policy);
    Timed timed("timeout: {request: 3s}, " + std::string(policy));
    timed.orders.replies(200).after(2900ms);
    EXPECT_EQ(timed.sidecar->request(method, "orders", "/").status, 200);
    EXPECT_EQ(timed.orders.hits(), 1U);
  }
}

TEST(AttemptTimeout, AutoLetsATryRunOnWhenTheBudgetIsEmpty) {
  Timed timed("timeout: {request: 3s}, retry: {limit: 2, budget: {percent: 0, minPerSecond: 0, burst: 1}}");
  timed.orders.replies(503).then(200, "late").after(2900ms);
  EXPECT_EQ(timed.sidecar->get("orders", "/").body, "late");  // took the only token, and the last try's whole time
  EXPECT_EQ(timed.sidecar->get("orders", "/").body, "late");
  EXPECT_EQ(timed.orders.hits(), 3U);
}

// An endpoint cannot answer what the caller has not said yet (CONTRACT §4).
TEST(AttemptTimeout, DoesNotCountTheCallersSlowness) {
  for (const char* attempt : {"200ms", "auto"}) {
    SCOPED_TRACE(attempt);
    Timed timed("timeout: {request: 3s, attempt: " + std::string(attempt) + "}");
    Client& client = timed.sidecar->connect();
    client.request("PUT", "PUT / HTTP/1.1\r\nhost: orders\r\ncontent-length: 25\r\n\r\n");
    for (int i = 0; i < 25; ++i) {
      timed.world.run(100ms);
      client.send("x");
    }
    timed.world.run(100ms);
    ASSERT_EQ(client.complete(), 1U);
    EXPECT_EQ(client.responses()[0].status, 200);
    EXPECT_EQ(timed.orders.heads(), 1U);
  }
}

TEST(AttemptTimeout, CountsFromTheEndOfTheRequest) {
  Timed timed("timeout: {attempt: 200ms}, retry: {limit: 0}");
  timed.orders.hangs();
  Client& client = timed.sidecar->connect();
  client.request("PUT", "PUT / HTTP/1.1\r\nhost: orders\r\ncontent-length: 2\r\n\r\na");
  timed.world.run(550ms);
  client.send("b");
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return client.complete() == 1; }); }), 200ms);
  EXPECT_EQ(client.responses()[0].reason(), "attempt-timeout");
}

TEST(AttemptTimeout, CountsWhileTheEndpointDoesNotRead) {
  Timed timed("timeout: {attempt: 200ms}, retry: {limit: 0}");
  timed.orders.stall();
  Client& client = timed.sidecar->connect();
  client.ask("PUT", "orders", "/", {}, std::string(2 << 20, 'x'));
  timed.world.run(300ms);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].reason(), "attempt-timeout");
}

TEST(AttemptTimeout, CountsWhileTheEndpointDoesNotSayContinue) {
  Timed timed("timeout: {attempt: 200ms}, retry: {limit: 0}");
  timed.orders.hangs();
  Client& client = timed.sidecar->connect();
  client.request("PUT", "PUT / HTTP/1.1\r\nhost: orders\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return client.complete() == 1; }); }), 200ms);
  EXPECT_EQ(client.responses()[0].reason(), "attempt-timeout");
}

// ---- connect

TEST(ConnectTimeout, EndsAConnectThatNobodyAnswers) {
  Timed timed("timeout: {connect: 300ms}, retry: {limit: 0}");
  timed.world.network().blackhole(timed.orders.address());
  test::SeenResponse response;
  expectAbout(timed.span([&] { response = timed.sidecar->post("orders", "/", "x"); }), 300ms);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.reason(), "connect-timeout");
  const auto& connects = timed.sidecar->series("orders").connects;
  EXPECT_EQ(connects[static_cast<size_t>(metrics::ConnectResult::Timeout)].value(), 1U);
}

TEST(ConnectTimeout, ComesInTheInstantOfTheConnection) {
  Timed timed("timeout: {connect: 300ms}, retry: {limit: 0}");
  timed.world.network().setLatency(150ms);
  const test::SeenResponse response = timed.sidecar->get("orders", "/");
  timed.world.run(5s);
  EXPECT_TRUE(response.status == 200 || response.reason() == "connect-timeout") << response.status;
  EXPECT_EQ(timed.sidecar->series("orders").connects[static_cast<size_t>(metrics::ConnectResult::Ok)].value() +
                timed.sidecar->series("orders").connects[static_cast<size_t>(metrics::ConnectResult::Timeout)].value(),
            1U)
      << "one end of one attempt";
}

TEST(ConnectTimeout, OfOneIsNotTheNextOnes) {
  Timed timed("timeout: {connect: 1s}, retry: {limit: 0}, eject: none");
  timed.world.network().blackhole(timed.orders.address());
  Client& leaves = timed.sidecar->connect();
  leaves.ask("GET", "orders");
  timed.world.run(500ms);
  leaves.reset();
  timed.world.run(400ms);
  Client& stays = timed.sidecar->connect();
  stays.ask("GET", "orders");
  timed.world.run(200ms);  // what the first one began has timed out
  EXPECT_EQ(stays.complete(), 0U);
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return stays.complete() == 1; }); }), 800ms);
  EXPECT_EQ(stays.responses()[0].reason(), "connect-timeout");
}

TEST(ConnectTimeout, AnAttemptThatEndsBeforeItIsTold) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(
      "policies: {default: {timeout: {request: 5s, attempt: 300ms, connect: 1s}, retry: {limit: 0}, eject: none}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  world.network().blackhole(orders.address());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar.get("orders", "/").reason(), "attempt-timeout");
  EXPECT_EQ(sidecar.get("orders", "/").reason(), "breaker-open");
  world.run(10s);
  EXPECT_EQ(sidecar.series("orders").attempts[static_cast<size_t>(policy::AttemptResult::Timeout)].value(), 5U);
}

// ---- idle

TEST(IdleTimeout, CutsAStreamThatHasGoneSilent) {
  Timed timed("timeout: {idle: 1s}");
  timed.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
  test::SeenResponse response;
  expectAbout(timed.span([&] { response = timed.sidecar->get("orders", "/"); }), 1s);
  EXPECT_EQ(response.body, "abc");
  EXPECT_FALSE(response.complete);
  EXPECT_EQ(timed.reason(), "idle-timeout");
}

TEST(IdleTimeout, IsPutOffByEveryOctet) {
  Timed timed("timeout: {idle: 1s}");
  timed.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  for (int i = 1; i <= 10; ++i) {
    timed.world.loop().in(i * 900ms, [&timed, i] { timed.orders.push(i < 10 ? "1\r\nx\r\n" : "0\r\n\r\n"); });
  }
  const auto response = timed.sidecar->get("orders", "/");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body.size(), 9U);
  EXPECT_EQ(timed.reason(), "ok");
}

// The upstream would send, but our caller does not read: nobody blames the upstream.
TEST(IdleTimeout, OfACallerWhoDoesNotReadIsTheCallers) {
  Timed timed("timeout: {idle: 1s}");
  timed.orders.replies(200, std::string(4 << 20, 'x'));
  Client& client = timed.sidecar->connect();
  client.stall();
  client.ask("GET", "orders");
  timed.world.run(3s);
  EXPECT_EQ(timed.reason(), "client-closed");
  EXPECT_EQ(timed.sidecar->worker().activeExchanges(), 0U);
}

// ---- the caller's own slowness

TEST(BodyTimeout, EndsAnUploadThatHasGoneSilent) {
  Timed timed("timeout: {body: 1s}");
  timed.orders.replies(200);
  Client& client = timed.sidecar->connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 9\r\n\r\nabc");
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return client.complete() == 1; }); }), 1s);
  EXPECT_EQ(client.responses()[0].status, 408);
  EXPECT_EQ(client.responses()[0].reason(), "body-timeout");
  EXPECT_EQ(client.responses()[0].header("connection"), "close");
  timed.world.run(10ms);
  EXPECT_EQ(timed.orders.hits(), 0U);
  EXPECT_EQ(timed.orders.connectionsOpen(), 0U) << "the half request is taken back";
}

TEST(BodyTimeout, IsPutOffByEveryOctet) {
  Timed timed("timeout: {body: 1s}");
  Client& client = timed.sidecar->connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 9\r\n\r\n");
  for (int i = 0; i < 9; ++i) {
    timed.world.run(900ms);
    client.send("x");
  }
  timed.world.run(10ms);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].status, 200);
}

// It is the upstream that makes the caller wait.
TEST(BodyTimeout, DoesNotCountBackPressure) {
  Timed timed("timeout: {body: 1s, attempt: none}, retry: {limit: 0}");
  timed.orders.stall();
  Client& client = timed.sidecar->connect();
  client.ask("POST", "orders", "/", {}, std::string(2 << 20, 'x'));
  timed.world.run(5s);
  EXPECT_EQ(client.complete(), 0U);
  EXPECT_FALSE(client.closed());
  timed.orders.goOn();
  timed.world.run(2s);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].status, 200);
}

TEST(BodyTimeout, DoesNotCountTheWaitForContinue) {
  Timed timed("timeout: {request: none, body: 1s}, retry: {limit: 0}");
  timed.orders.early().sends("HTTP/1.1 100 Continue\r\n\r\n").after(3s);
  Client& client = timed.sidecar->connect();
  client.request("PUT", "PUT / HTTP/1.1\r\nhost: orders\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  timed.world.run(2900ms);
  EXPECT_EQ(client.complete(), 0U);
  timed.world.run(1s);
  EXPECT_EQ(client.complete(), 0U) << "told to go on at 3 s: it has a second from there";
  timed.world.run(200ms);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].reason(), "body-timeout");
}

TEST(HeadTimeout, EndsAHeadThatDoesNotBecomeComplete) {
  Timed timed("mode: enforce", "http: {headTimeout: 2s}");
  Client& client = timed.sidecar->connect();
  client.request("GET", "GET / HT");
  const Duration span = timed.span([&] {
    for (int i = 0; i < 100 && client.complete() == 0; ++i) {  // one octet after the other does not help
      timed.world.run(100ms);
      client.send("T");
    }
  });
  EXPECT_GE(span, 1900ms);
  EXPECT_LE(span, 2200ms);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].status, 408);
  EXPECT_EQ(client.responses()[0].reason(), "header-timeout");
  EXPECT_EQ(timed.reason(), "header-timeout");
}

TEST(KeepAlive, AnIdleConnectionIsClosedWithoutAWord) {
  Timed timed("mode: enforce", "http: {keepAlive: 3s}");
  Client& fresh = timed.sidecar->connect();
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return fresh.closed(); }); }), 3s);
  EXPECT_EQ(fresh.octets(), "");
  Client& used = timed.sidecar->connect();
  used.ask("GET", "orders");
  timed.world.runUntil([&] { return used.complete() == 1; });
  const size_t octets = used.octets().size();
  expectAbout(timed.span([&] { timed.world.runUntil([&] { return used.closed(); }); }), 3s - 1ms);
  EXPECT_EQ(used.octets().size(), octets);
  EXPECT_EQ(timed.sidecar->accessLines().size(), 1U);
}

}  // namespace
}  // namespace outrigger::sim
