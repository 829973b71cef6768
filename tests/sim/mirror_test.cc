// Copies of requests for another upstream: what they hold, and that nobody feels them.
#include <gtest/gtest.h>

#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

using policy::AttemptResult;

struct Mirrored {
  explicit Mirrored(const std::string& mirror = "shadow", const std::string& policies = "") {
    sidecar = &world.sidecar(config(mirror, policies));
  }

  static std::string config(const std::string& mirror, const std::string& policies = "") {
    return "log: {access: all}\npolicies: {" + policies +
           "}\nupstreams: {orders: {endpoints: ['${orders}']}, shadow: {endpoints: ['${shadow}']}}\n"
           "routes: [{name: orders, match: {host: orders}, to: orders, mirror: " +
           mirror + "}]";
  }

  uint64_t attempts(const std::string& upstream, AttemptResult result) {
    return sidecar->series(upstream).attempts[static_cast<size_t>(result)].value();
  }
  uint64_t attempts(const std::string& upstream) {
    uint64_t all = 0;
    for (const auto& cell : sidecar->series(upstream).attempts) all += cell.value();
    return all;
  }
  void expectQuiet() {
    EXPECT_EQ(sidecar->worker().mirrored(), 0U);
    EXPECT_EQ(sidecar->worker().activeExchanges(), 0U);
    sidecar->worker().forEachCluster([](const upstream::Cluster& cluster) {
      EXPECT_EQ(cluster.settings().requests->taken(), 0U) << cluster.name();
    });
  }

  World world;
  Upstream& orders = world.upstream("orders").replies(200, "the answer");
  Upstream& shadow = world.upstream("shadow").replies(200, "of the shadow");
  Sidecar* sidecar = nullptr;
};

// ---- What a copy is

TEST(Mirror, SeesTheRequestAsItsUpstreamDoes) {
  World world;
  auto& orders = world.upstream("orders");
  auto& shadow = world.upstream("shadow");
  auto& sidecar = world.sidecar(
      "upstreams: {orders: {endpoints: ['${orders}']}, shadow: {endpoints: ['${shadow}']}}\n"
      "routes: [{match: {host: shop, prefix: /v1}, to: orders, rewrite: {prefix: /v2, host: orders.internal}, "
      "mirror: shadow, filters: [{headers: {request: {set: {x-team: pay}}}}]}]");
  EXPECT_EQ(sidecar.get("shop", "/v1/items?page=2", {{"x-user", "7"}, {"outrigger-timeout-ms", "800"}}).status, 200);
  world.run(10ms);
  ASSERT_EQ(orders.hits(), 1U);
  ASSERT_EQ(shadow.hits(), 1U);
  const test::SeenRequest& request = orders.requests()[0];
  const test::SeenRequest& copy = shadow.requests()[0];
  EXPECT_EQ(copy.method, "GET");
  EXPECT_EQ(copy.target, "/v2/items?page=2");
  for (const char* name : {"host", "x-user", "x-team", "x-request-id", "traceparent", "via"}) {
    EXPECT_FALSE(copy.header(name).empty()) << name;
    EXPECT_EQ(copy.header(name), request.header(name)) << name;
  }
  EXPECT_EQ(copy.header("host"), "orders.internal");
  EXPECT_EQ(copy.header("outrigger-timeout-ms"), "") << "the caller does not wait for it";
  EXPECT_EQ(copy.header("outrigger-attempt"), "");
}

TEST(Mirror, RetriesAreNotCopied) {
  Mirrored m;
  m.orders.replies(503).then(503).then(200);
  EXPECT_EQ(m.sidecar->get("orders", "/").status, 200);
  m.world.run(10ms);
  EXPECT_EQ(m.orders.hits(), 3U);
  EXPECT_EQ(m.shadow.hits(), 1U);
}

TEST(Mirror, ThePercentageIsRespected) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    World world(seed);
    auto& orders = world.upstream("orders");
    auto& shadow = world.upstream("shadow");
    auto& sidecar = world.sidecar(Mirrored::config("{to: shadow, percent: 10}"));
    Traffic gets(world, sidecar, {.host = "orders"});
    gets.start(1000, 4s);
    ASSERT_TRUE(gets.finish());
    world.run(100ms);
    EXPECT_EQ(orders.hits(), 4000U);
    EXPECT_NEAR(static_cast<double>(shadow.hits()), 400, 5 * 19);  // 5 sigma
  }
}

TEST(Mirror, NoPercentIsNoCopy) {
  Mirrored m("{to: shadow, percent: 0}");
  for (int i = 0; i < 100; ++i) m.sidecar->get("orders", "/");
  m.world.run(10ms);
  EXPECT_EQ(m.shadow.connectionsAccepted(), 0U);
}

// ---- Bodies

TEST(Mirror, BodiesArriveWhole) {
  Mirrored m;
  const std::string large = std::string(30'000, 'a') + std::string(35'536, 'b');  // exactly bufferBody
  for (const std::string& body : {std::string("x"), std::string(20'000, 'c'), large}) {
    ASSERT_EQ(m.sidecar->post("orders", "/", body).status, 200);
    m.world.run(10ms);
    ASSERT_FALSE(m.shadow.requests().empty());
    EXPECT_EQ(m.shadow.requests().back().body, body);
    EXPECT_EQ(m.shadow.requests().back().header("content-length"), std::to_string(body.size()));
  }
  EXPECT_EQ(m.shadow.hits(), 3U);
  m.expectQuiet();
}

TEST(Mirror, ChunksAndTrailersArriveAsTheyCame) {
  Mirrored m;
  Client& client = m.sidecar->connect();
  client.request("POST", "POST / HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  m.world.run(50ms);
  EXPECT_EQ(m.shadow.heads(), 0U) << "nothing is sent before the body is complete";
  client.send("6\r\n world\r\n0\r\nx-sum: 11\r\n\r\n");
  m.world.run(50ms);
  ASSERT_EQ(m.shadow.hits(), 1U);
  EXPECT_EQ(m.shadow.requests()[0].body, "hello world");
  EXPECT_EQ(m.shadow.requests()[0].trailers, (test::Headers{{"x-sum", "11"}}));
  EXPECT_EQ(client.responses()[0].body, "the answer");
}

TEST(Mirror, ABodyThatIsTooLargeIsNotCopied) {
  Mirrored m;
  EXPECT_EQ(m.sidecar->post("orders", "/", std::string(65'537, 'x')).status, 200);
  EXPECT_EQ(m.orders.requests()[0].body.size(), 65'537U);
  m.world.run(1s);
  EXPECT_EQ(m.shadow.connectionsAccepted(), 0U);
  m.expectQuiet();
}

TEST(Mirror, NorOneThatCameWhileNoConnectionWasThere) {
  Mirrored m("shadow", "default: {limits: {connections: 1}}");
  m.orders.replies(200).after(100ms);
  Client& first = m.sidecar->connect();
  Client& second = m.sidecar->connect();
  first.ask("GET", "orders");
  second.ask("POST", "orders", "/", {}, std::string(70'000, 'x'));  // waits for the connection, and is kept meanwhile
  m.world.run(1s);
  EXPECT_EQ(m.orders.hits(), 2U);
  EXPECT_EQ(m.shadow.hits(), 1U);
  EXPECT_EQ(m.shadow.requests()[0].method, "GET");
}

TEST(Mirror, ABodyThatIsNotWantedAnyMoreIsNotCopied) {
  Mirrored m;
  m.orders.early();
  Client& client = m.sidecar->connect();
  client.request("POST", "POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 10\r\n\r\nhello");
  m.world.run(50ms);
  ASSERT_EQ(client.complete(), 1U) << "answered before the rest was here";
  client.send("world");
  m.world.run(1s);
  EXPECT_EQ(m.shadow.heads(), 0U);
  m.expectQuiet();
}

// ---- Nobody feels it

void expectUnfelt(const std::function<void(Upstream&)>& misbehave, const std::string& what) {
  Mirrored m;
  misbehave(m.shadow);
  for (int i = 0; i < 20; ++i) {
    const auto answer = i % 2 == 0 ? m.sidecar->get("orders", "/") : m.sidecar->post("orders", "/", "body");
    EXPECT_EQ(answer.status, 200) << what;
    EXPECT_EQ(answer.body, "the answer") << what;
    EXPECT_EQ(answer.reason(), "") << what;
    EXPECT_EQ(answer.header("outrigger-attempts"), "") << what;
  }
  EXPECT_EQ(m.orders.hits(), 20U) << what;
  ASSERT_EQ(m.sidecar->accessLines().size(), 20U) << what;
  for (const std::string& line : m.sidecar->accessLines()) {
    EXPECT_NE(line.find("\"upstream\":\"orders\""), std::string::npos) << line;
    EXPECT_NE(line.find("\"attempts\":1"), std::string::npos) << line;
  }
  EXPECT_TRUE(m.sidecar->decisions().empty()) << what;
  m.world.run(16s);
  m.expectQuiet();
}

TEST(Mirror, ThatFailsChangesNoAnswer) {
  expectUnfelt([](Upstream& shadow) { shadow.hangs(); }, "hangs");
  expectUnfelt([](Upstream& shadow) { shadow.down(); }, "refuses");
  expectUnfelt([](Upstream& shadow) { shadow.resets(); }, "resets");
  expectUnfelt([](Upstream& shadow) { shadow.closes(); }, "closes");
  expectUnfelt([](Upstream& shadow) { shadow.replies(500); }, "answers 500");
  expectUnfelt([](Upstream& shadow) { shadow.replies(503, "no", {{"outrigger-no-retry", "1"}}); }, "answers 503");
  expectUnfelt([](Upstream& shadow) { shadow.sends("HTTP/1.1 banana\r\n\r\n").andCloses(); }, "makes no sense");
  expectUnfelt([](Upstream& shadow) { shadow.sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12"); },
               "stops midway");
  expectUnfelt([](Upstream& shadow) { shadow.replies(200).after(60s); }, "is slow");
  expectUnfelt([](Upstream& shadow) { shadow.stall(); }, "does not read");
}

TEST(Mirror, EndsWithItsOwnTimeout) {
  Mirrored m("shadow", "default: {timeout: {request: 2s}}");
  m.shadow.hangs();
  EXPECT_EQ(m.sidecar->get("orders", "/").status, 200);
  m.world.run(1900ms);
  EXPECT_EQ(m.sidecar->worker().mirrored(), 1U);
  EXPECT_EQ(m.shadow.cancelled(), 0U);
  m.world.run(200ms);
  EXPECT_EQ(m.shadow.cancelled(), 1U);
  EXPECT_EQ(m.attempts("mirror:shadow", AttemptResult::Timeout), 1U);
  m.expectQuiet();
}

TEST(Mirror, EndsWithoutATimeoutAsWell) {
  Mirrored m("shadow", "default: {timeout: {request: none}}");
  m.shadow.hangs();
  EXPECT_EQ(m.sidecar->get("orders", "/").status, 200);
  m.world.run(14s);
  EXPECT_EQ(m.shadow.cancelled(), 0U);
  m.world.run(2s);
  EXPECT_EQ(m.shadow.cancelled(), 1U);
  m.expectQuiet();
}

TEST(Mirror, OutlivesTheRequestAndItsCaller) {
  Mirrored m;
  m.shadow.replies(200).after(3s);
  m.orders.hangs();
  Client& client = m.sidecar->connect();
  client.ask("POST", "orders", "/", {}, "body");
  m.world.run(10ms);
  client.reset();
  m.world.run(1s);
  EXPECT_EQ(m.orders.cancelled(), 1U);
  EXPECT_EQ(m.shadow.cancelled(), 0U);
  EXPECT_EQ(m.sidecar->worker().mirrored(), 1U);
  m.world.run(3s);
  EXPECT_EQ(m.shadow.hits(), 1U);
  EXPECT_EQ(m.shadow.requests()[0].body, "body");
  EXPECT_EQ(m.attempts("mirror:shadow", AttemptResult::Ok), 1U);
  m.expectQuiet();
}

TEST(Mirror, TakesNoMoreThanItsOwnLimits) {
  Mirrored m;
  m.shadow.hangs();
  std::vector<Client*> clients;
  for (int i = 0; i < 150; ++i) {
    clients.push_back(&m.sidecar->connect());
    clients.back()->ask("GET", "orders");
  }
  m.world.run(1s);
  for (const Client* client : clients) EXPECT_EQ(client->responses()[0].status, 200);
  EXPECT_EQ(m.shadow.heads(), 100U);
  EXPECT_EQ(m.sidecar->worker().mirrored(), 100U);
  const auto& series = m.sidecar->series("mirror:shadow");
  EXPECT_EQ(series.limitRejections[static_cast<size_t>(metrics::Limit::Requests)].value(), 50U);
  m.shadow.replies(200, "fine");
  EXPECT_EQ(m.sidecar->get("shadow", "/").body, "fine") << "the upstream itself has all its places";
  m.world.run(16s);
  m.expectQuiet();
}

// ---- Never a policy input

TEST(Mirror, TellsNothingOfItsUpstream) {
  Mirrored m;
  m.shadow.replies(503);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(m.sidecar->get("orders", "/").status, 200);
  m.world.run(1s);
  EXPECT_EQ(m.shadow.hits(), 200U);
  EXPECT_EQ(m.attempts("mirror:shadow", AttemptResult::Status), 200U);
  EXPECT_EQ(m.attempts("shadow"), 0U);
  EXPECT_EQ(m.attempts("orders", AttemptResult::Ok), 200U);
  EXPECT_TRUE(m.sidecar->decisions().empty());
  for (const char* upstream : {"shadow", "mirror:shadow"}) {
    const auto& series = m.sidecar->series(upstream);
    for (const auto& opened : series.breakerTransitions) EXPECT_EQ(opened.value(), 0U) << upstream;
    for (const auto& ejected : series.ejections) EXPECT_EQ(ejected.value(), 0U) << upstream;
  }
  m.sidecar->worker().forEachCluster([](const upstream::Cluster& cluster) {
    if (cluster.name() != "shadow") return;
    EXPECT_EQ(cluster.median(), policy::RunningMedian().value()) << "nothing was learned of it";
    EXPECT_EQ(cluster.connections(), 0U);
  });
  m.shadow.replies(200, "fine");
  EXPECT_EQ(m.sidecar->get("shadow", "/").body, "fine");
  EXPECT_EQ(m.attempts("shadow", AttemptResult::Ok), 1U);
}

TEST(Mirror, TakesNoConnectionOfItsUpstream) {
  Mirrored m;
  m.sidecar->get("shadow", "/");
  EXPECT_EQ(m.shadow.connectionsAccepted(), 1U);
  m.shadow.hangs();
  m.sidecar->get("orders", "/");
  m.world.run(10ms);
  EXPECT_EQ(m.shadow.connectionsAccepted(), 2U);
}

// ---- Reload and the end

TEST(Mirror, FinishesOnItsSnapshot) {
  Mirrored m;
  m.shadow.replies(200).after(3s);
  m.sidecar->get("orders", "/");
  m.world.run(10ms);
  ASSERT_EQ(m.sidecar->reload("upstreams: {orders: {endpoints: ['${orders}']}}"), "");
  EXPECT_EQ(m.sidecar->get("orders", "/").status, 200);
  m.world.run(2s);
  EXPECT_EQ(m.sidecar->worker().mirrored(), 1U);
  EXPECT_EQ(m.sidecar->worker().generations(), 2U);
  EXPECT_EQ(m.shadow.cancelled(), 0U);
  m.world.run(3s);
  EXPECT_EQ(m.sidecar->worker().generations(), 1U);
  EXPECT_EQ(m.sidecar->retired(), 1U);
  EXPECT_EQ(m.shadow.hits(), 1U);
  m.expectQuiet();
}

TEST(Mirror, ReloadsUnderTrafficFailNothing) {
  World world;
  world.upstream("orders").replies(200).after(5ms);
  world.upstream("shadow").replies(200).after(40ms);
  auto& sidecar = world.sidecar(Mirrored::config("shadow"));
  Traffic gets(world, sidecar, {.host = "orders"});
  Traffic posts(world, sidecar, {.method = "POST", .host = "orders", .body = std::string(5000, 'x')});
  gets.start(400, 2s);
  posts.start(200, 2s);
  for (int i = 1; i <= 100; ++i) {
    world.run(20ms);
    ASSERT_EQ(sidecar.reload(Mirrored::config(i % 3 == 0   ? "none"
                                              : i % 3 == 1 ? "shadow"
                                                           : "{to: orders, percent: 50}")),
              "");
  }
  EXPECT_TRUE(gets.finish());
  EXPECT_TRUE(posts.finish());
  EXPECT_EQ(gets.failed(), 0U) << gets.failures();
  EXPECT_EQ(posts.failed(), 0U) << posts.failures();
  world.run(3s);
  EXPECT_EQ(sidecar.worker().mirrored(), 0U);
  EXPECT_EQ(sidecar.worker().generations(), 1U);
}

TEST(Mirror, EndsWithItsWorker) {
  for (const bool reloaded : {false, true}) {
    auto m = std::make_unique<Mirrored>();
    m->shadow.hangs();
    for (int i = 0; i < 5; ++i) m->sidecar->post("orders", "/", "body");
    m->world.run(10ms);
    if (reloaded) m->sidecar->reload("upstreams: {orders: {endpoints: ['${orders}']}}");
    EXPECT_EQ(m->sidecar->worker().mirrored(), 5U);
    m.reset();  // the sanitizers would tell of what is left behind
  }
}

}  // namespace
}  // namespace outrigger::sim
