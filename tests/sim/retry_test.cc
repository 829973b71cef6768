// Retries as a caller sees them: the real worker, scripted upstreams, virtual time. The replay table of POLICIES §1 is
// walked cell by cell: two endpoints, of which the first fails in one way and the second would answer.
#include <gtest/gtest.h>

#include "proxy/policy/retry.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using policy::RetryCause;
using policy::RetryRefusal;

TEST(Retry, A503IsTriedAgain) {
  World world;
  auto& orders = world.upstream("orders").replies(503).then(200);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  const auto response = sidecar.get("orders", "/x");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(response.header("outrigger-attempts"), "2");
  EXPECT_EQ(orders.hits(), 2U);
  EXPECT_EQ(orders.requests()[1].header("outrigger-attempt"), "2");
}

// ---- The replay table

// The columns: what the caller sends, under which policy.
struct Column {
  const char* method;
  bool keyNamed;    // the policy names an idempotency key
  bool keyCarried;  // the request has it
  bool safe;        // the method is one of `retry.methods`
};

constexpr Column kColumns[] = {
    {"GET", false, false, true},   {"HEAD", false, false, true},   {"OPTIONS", false, false, true},
    {"TRACE", false, false, true}, {"PUT", false, false, true},    {"DELETE", false, false, true},
    {"POST", false, false, false}, {"PATCH", false, false, false}, {"POST", false, true, false},
    {"PATCH", false, true, false}, {"POST", true, false, false},   {"PATCH", true, false, false},
    {"POST", true, true, false},   {"PATCH", true, true, false},   {"GET", true, true, true},
};

bool hasBody(const Column& column) {
  return std::string_view(column.method).starts_with("P");
}

// Two endpoints; the weights let the first one be tried first.
struct Pair {
  explicit Pair(const std::string& retry = "", const std::string& timeout = "connect: 50ms, attempt: 200ms") {
    sidecar = &world.sidecar("policies: {default: {breaker: none, eject: none, timeout: {" + timeout +
                             "}, retry: {limit: 2" + (retry.empty() ? "" : ", " + retry) +
                             "}}}\n"
                             "upstreams: {orders: {balance: round-robin, endpoints: "
                             "[{address: '${first}', weight: 1000}, {address: '${second}', weight: 1}]}}");
  }
  metrics::UpstreamSeries& series() { return sidecar->series("orders"); }
  uint64_t retries(RetryCause cause) { return series().retries[static_cast<size_t>(cause)].value(); }
  uint64_t refused(RetryRefusal why) { return series().retriesRefused[static_cast<size_t>(why)].value(); }
  uint64_t retriesOfAnyCause() {
    uint64_t sum = 0;
    for (const auto& retries : series().retries) sum += retries.value();
    return sum;
  }

  World world;
  Upstream& first = world.upstream("first");
  Upstream& second = world.upstream("second");
  Sidecar* sidecar = nullptr;
};

using Sabotage = std::function<void(Pair&)>;

// Asks once and compares with what the cell of the table says.
void expectCell(const Column& column, const Sabotage& sabotage, bool replayed, int statusElse, RetryCause cause) {
  SCOPED_TRACE(std::string(column.method) + (column.keyNamed ? ", key named" : "") +
               (column.keyCarried ? ", key carried" : ""));
  Pair pair(column.keyNamed ? "idempotencyKey: x-key" : "");
  sabotage(pair);
  const test::Headers headers = column.keyCarried ? test::Headers{{"x-key", "k1"}} : test::Headers{};
  const std::string body = hasBody(column) ? "the whole body" : "";
  const auto response = pair.sidecar->request(column.method, "orders", "/x?y=1", headers, body);
  EXPECT_EQ(response.status, replayed ? 200 : statusElse);
  EXPECT_EQ(response.header("outrigger-attempts"), replayed ? "2" : "");
  EXPECT_EQ(pair.retriesOfAnyCause(), replayed ? 1U : 0U);
  EXPECT_EQ(pair.retries(cause), replayed ? 1U : 0U);
  ASSERT_EQ(pair.second.hits(), replayed ? 1U : 0U);
  if (!replayed) return;
  const test::SeenRequest& again = pair.second.requests()[0];
  EXPECT_EQ(again.method, column.method);
  EXPECT_EQ(again.target, "/x?y=1");
  EXPECT_EQ(again.body, body);
  EXPECT_EQ(again.header("x-key"), column.keyCarried ? "k1" : "");
  EXPECT_EQ(again.header("outrigger-attempt"), "2");
}

bool withKey(const Column& column) {
  return column.keyNamed && column.keyCarried;
}

void expectRowUnsent(const Sabotage& sabotage) {
  for (const Column& column : kColumns) expectCell(column, sabotage, true, 0, RetryCause::Unsent);
}

void expectRowSent(const Sabotage& sabotage, int statusElse, RetryCause cause) {
  for (const Column& column : kColumns) {
    expectCell(column, sabotage, column.safe || withKey(column), statusElse, cause);
  }
}

void expectRowStatus(int status) {
  const auto sabotage = [status](Pair& pair) { pair.first.replies(status); };
  for (const Column& column : kColumns) expectCell(column, sabotage, column.safe, status, RetryCause::Status);
}

TEST(ReplayTable, RefusedConnectionIsReplayedForEveryMethod) {
  expectRowUnsent([](Pair& pair) { pair.first.down(); });
}

TEST(ReplayTable, ConnectTimeoutIsReplayedForEveryMethod) {
  expectRowUnsent([](Pair& pair) { pair.world.network().blackhole(pair.first.address()); });
}

TEST(ReplayTable, ResetBehindTheHeadIsReplayedOnlyWhereHarmless) {
  expectRowSent([](Pair& pair) { pair.first.early().resets(); }, 502, RetryCause::Reset);
}

TEST(ReplayTable, ResetBehindTheWholeRequestIsReplayedOnlyWhereHarmless) {
  expectRowSent([](Pair& pair) { pair.first.resets(); }, 502, RetryCause::Reset);
}

TEST(ReplayTable, CloseBeforeTheAnswerIsReplayedOnlyWhereHarmless) {
  expectRowSent([](Pair& pair) { pair.first.closes(); }, 502, RetryCause::Reset);
}

TEST(ReplayTable, CloseInTheMiddleOfTheAnswersHeadIsReplayedOnlyWhereHarmless) {
  const auto sabotage = [](Pair& pair) {
    pair.first.sends("HTTP/1.1 200 OK\r\ncontent-le");
    pair.world.loop().in(5ms, [&pair] { pair.first.closeIdle(); });
  };
  expectRowSent(sabotage, 502, RetryCause::Reset);
}

TEST(ReplayTable, NonsenseInsteadOfAnAnswerIsReplayedOnlyWhereHarmless) {
  expectRowSent([](Pair& pair) { pair.first.sends("ICY 200 OK\r\n\r\n"); }, 502, RetryCause::Reset);
}

TEST(ReplayTable, AttemptTimeoutIsReplayedOnlyWhereHarmless) {
  expectRowSent([](Pair& pair) { pair.first.hangs(); }, 504, RetryCause::Timeout);
}

TEST(ReplayTable, GatewayStatusesOfTheApplicationAreReplayedForSafeMethodsAlone) {
  for (const int status : {502, 503, 504}) {
    SCOPED_TRACE(status);
    expectRowStatus(status);
  }
}

TEST(ReplayTable, OtherStatusesAreTheAnswer) {
  for (const int status : {400, 429, 500, 501, 505}) {
    SCOPED_TRACE(status);
    for (const Column& column : kColumns) {
      expectCell(
          column, [&](Pair& pair) { pair.first.replies(status); }, false, status, RetryCause::Status);
    }
  }
}

TEST(ReplayTable, AStatusThatTheConfigNamesIsTriedAgain) {
  Pair pair("when: [429, 500]");
  pair.first.replies(429);
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 200);
  pair.first.replies(503);
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 503);
}

// Once the head has gone downstream there is nothing to try again, whatever the method.
TEST(ReplayTable, ACutAnswerIsNeverReplayed) {
  for (const Column& column : kColumns) {
    if (std::string_view(column.method) == "HEAD") continue;  // its head is its whole answer
    SCOPED_TRACE(column.method);
    Pair pair(column.keyNamed ? "idempotencyKey: x-key" : "");
    pair.first.sends("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    pair.world.loop().in(5ms, [&pair] { pair.first.closeIdle(); });
    const auto response = pair.sidecar->request(column.method, "orders", "/", {{"x-key", "1"}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "half");
    EXPECT_FALSE(response.complete);
    EXPECT_EQ(pair.second.heads(), 0U);
    EXPECT_EQ(pair.retriesOfAnyCause(), 0U);
  }
}

TEST(ReplayTable, TheRefusalTellsWhetherTheMethodOrTheMissingKeyForbade) {
  Pair withoutPolicy;
  withoutPolicy.first.resets();
  EXPECT_EQ(withoutPolicy.sidecar->post("orders", "/", "x", {{"x-key", "1"}}).reason(), "upstream-reset");
  EXPECT_EQ(withoutPolicy.refused(RetryRefusal::Method), 1U);
  Pair withPolicy("idempotencyKey: x-key");
  withPolicy.first.resets();
  EXPECT_EQ(withPolicy.sidecar->post("orders", "/", "x").reason(), "upstream-reset");
  EXPECT_EQ(withPolicy.refused(RetryRefusal::Key), 1U);
}

// ---- How often, and where

TEST(Retry, EachTryGoesToAnotherEndpointWhileThereIsOne) {
  World world;
  std::vector<Upstream*> all;
  for (const char* name : {"a", "b", "c"}) all.push_back(&world.upstream(name).replies(503));
  auto& sidecar = world.sidecar(
      "policies: {default: {breaker: none, eject: none}}\n"
      "upstreams: {orders: {endpoints: ['${a}', '${b}', '${c}']}}");
  const auto response = sidecar.get("orders", "/");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.reason(), "");
  EXPECT_EQ(response.header("outrigger-attempts"), "3");
  for (const Upstream* one : all) EXPECT_EQ(one->hits(), 1U);
}

TEST(Retry, TheOnlyEndpointIsTriedAgainUpToTheLimit) {
  for (const uint32_t limit : {0U, 1U, 2U, 5U}) {
    World world;
    auto& orders = world.upstream("orders").replies(503);
    auto& sidecar = world.sidecar("policies: {default: {breaker: none, retry: {limit: " + std::to_string(limit) +
                                  "}}}\nupstreams: {orders: {endpoints: ['${orders}']}}");
    EXPECT_EQ(sidecar.get("orders", "/").status, 503);
    EXPECT_EQ(orders.hits(), limit + 1);
    EXPECT_EQ(sidecar.series("orders").retriesRefused[static_cast<size_t>(RetryRefusal::Limit)].value(), 1U);
  }
}

TEST(Retry, AResetIsRetriedOncePerRequest) {
  Pair pair;
  pair.first.resets();
  pair.second.resets();
  const auto response = pair.sidecar->get("orders", "/");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.reason(), "upstream-reset");
  EXPECT_EQ(pair.first.hits() + pair.second.hits(), 2U);
  EXPECT_EQ(pair.refused(RetryRefusal::Limit), 1U);
}

TEST(Retry, OffMeansOneTry) {
  Pair pair("when: []");
  pair.first.down();
  const auto response = pair.sidecar->get("orders", "/");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.reason(), "connect-failed");
  EXPECT_EQ(pair.second.hits(), 0U);
}

// A request that waited in our own queue until its attempt was over was never sent.
TEST(Retry, APostThatNeverLeftTheQueueIsReplayed) {
  World world;
  auto& orders = world.upstream("orders").replies(200).after(150ms);
  auto& sidecar = world.sidecar(
      "policies: {default: {timeout: {attempt: 100ms}, retry: {methods: [GET], when: [unsent]}, "
      "limits: {connections: 1}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}\n"
      "routes: [{match: {host: orders, path: /slow}, to: orders, override: {timeout: {attempt: 1s}}}]");
  Client& busy = sidecar.connect();
  busy.ask("POST", "orders", "/slow", {}, "1");
  world.run(1ms);
  orders.replies(200);
  const auto response = sidecar.post("orders", "/", "2");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("outrigger-attempts"), "2");
  ASSERT_EQ(orders.hits(), 2U);
  EXPECT_EQ(orders.requests()[1].body, "2");
}

// ---- The body

std::string someBytes(size_t size) {
  std::string bytes(size, '\0');
  Rng rng(size);
  for (char& byte : bytes) byte = static_cast<char>(rng.next());
  return bytes;
}

TEST(Replay, TheBodyIsReplayedToTheLastOctet) {
  for (const size_t size : {size_t{1}, size_t{4096}, size_t{16 * 1024 + 1}, size_t{64 * 1024}}) {
    Pair pair;
    pair.first.resets();
    const std::string body = someBytes(size);
    EXPECT_EQ(pair.sidecar->request("PUT", "orders", "/", {}, body).status, 200);
    ASSERT_EQ(pair.second.hits(), 1U);
    EXPECT_TRUE(pair.second.requests()[0].body == body) << size;
  }
}

TEST(Replay, ABodyLargerThanTheBufferGoesOutOnce) {
  for (const char* size : {"1KiB", "64KiB"}) {
    Pair pair("bufferBody: " + std::string(size));
    pair.first.resets();
    const std::string body = someBytes(64 * 1024 + 1);
    const auto response = pair.sidecar->request("PUT", "orders", "/", {}, body);
    EXPECT_EQ(response.reason(), "upstream-reset");
    EXPECT_EQ(pair.refused(RetryRefusal::Body), 1U);
    ASSERT_EQ(pair.first.hits(), 1U);
    EXPECT_TRUE(pair.first.requests()[0].body == body);
    EXPECT_EQ(pair.second.heads(), 0U);
  }
}

// Even then nothing is lost where no octet has left.
TEST(Replay, ABodyLargerThanTheBufferSurvivesARefusedConnection) {
  Pair pair("bufferBody: 1KiB");
  pair.first.down();
  const std::string body = someBytes(40 * 1024);
  EXPECT_EQ(pair.sidecar->post("orders", "/", body).status, 200);
  ASSERT_EQ(pair.second.hits(), 1U);
  EXPECT_TRUE(pair.second.requests()[0].body == body);
}

TEST(Replay, WhatComesWhileTheFirstTryFailsIsNotLost) {
  Pair pair;
  pair.first.early(3).resets();
  Client& client = pair.sidecar->connect();
  client.request("PUT", "PUT / HTTP/1.1\r\nhost: orders\r\ncontent-length: 10\r\n\r\n012");
  pair.world.run(1ms);
  client.send("3456");  // in the middle of the backoff
  pair.world.run(100ms);
  EXPECT_EQ(pair.second.heads(), 1U);
  client.send("789");
  ASSERT_TRUE(pair.world.runUntil([&] { return client.complete() == 1; }));
  EXPECT_EQ(client.responses()[0].status, 200);
  ASSERT_EQ(pair.second.hits(), 1U);
  EXPECT_EQ(pair.second.requests()[0].body, "0123456789");
}

TEST(Replay, AnEarly503IsTriedAgainWithTheWholeBody) {
  Pair pair;
  pair.first.early().replies(503);
  Client& client = pair.sidecar->connect();
  client.request("PUT", "PUT / HTTP/1.1\r\nhost: orders\r\ncontent-length: 6\r\n\r\nabc");
  pair.world.run(200ms);
  client.send("def");
  ASSERT_TRUE(pair.world.runUntil([&] { return client.complete() == 1; }));
  EXPECT_EQ(client.responses()[0].status, 200);
  ASSERT_EQ(pair.second.hits(), 1U);
  EXPECT_EQ(pair.second.requests()[0].body, "abcdef");
}

TEST(Replay, ChunkedBodyAndTrailersAreReplayed) {
  Pair pair;
  pair.first.resets();
  Client& client = pair.sidecar->connect();
  client.request("PUT",
                 "PUT / HTTP/1.1\r\nhost: orders\r\ntransfer-encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\n4\r\ndefg\r\n0\r\nx-sum: 7\r\n\r\n");
  ASSERT_TRUE(pair.world.runUntil([&] { return client.complete() == 1; }));
  EXPECT_EQ(client.responses()[0].status, 200);
  ASSERT_EQ(pair.second.hits(), 1U);
  EXPECT_EQ(pair.second.requests()[0].body, "abcdefg");
  ASSERT_EQ(pair.second.requests()[0].trailers.size(), 1U);
  EXPECT_EQ(pair.second.requests()[0].trailers[0].second, "7");
}

// ---- When

TEST(RetryDelay, ARefusedConnectionIsTriedElsewhereAtOnce) {
  Pair pair;
  pair.first.down();
  const Instant begun = pair.world.loop().now();
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 200);
  EXPECT_LT(pair.world.loop().now() - begun, 2ms);
}

TEST(RetryDelay, AFailureIsFollowedByAJitteredBackoff) {
  Duration least = 1h;
  Duration most{};
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    World world(seed);
    world.upstream("orders").replies(503).then(200);
    auto& sidecar = world.sidecar(
        "policies: {default: {retry: {backoff: {base: 20ms, max: 1s}}}}\n"
        "upstreams: {orders: {endpoints: ['${orders}']}}");
    const Instant begun = world.loop().now();
    EXPECT_EQ(sidecar.get("orders", "/").status, 200);
    least = std::min(least, world.loop().now() - begun);
    most = std::max(most, world.loop().now() - begun);
  }
  EXPECT_GE(least, 20ms);
  EXPECT_LE(most, 65ms);
  EXPECT_GT(most - least, 20ms) << "spread over base to 3 base";
}

TEST(RetryDelay, RetryAfterInSecondsWins) {
  Pair pair;
  pair.first.replies(503, "", {{"retry-after", "2"}});
  const Instant begun = pair.world.loop().now();
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 200);
  EXPECT_GE(pair.world.loop().now() - begun, 2s);
  EXPECT_LT(pair.world.loop().now() - begun, 2100ms);
}

TEST(RetryDelay, RetryAfterAsADateWins) {
  Pair pair;
  pair.first.replies(503, "", {{"retry-after", "Thu, 01 Jan 2026 00:00:03 GMT"}});
  const Instant begun = pair.world.loop().now();
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 200);
  EXPECT_GE(pair.world.loop().now() - begun, 2900ms);
  EXPECT_LT(pair.world.loop().now() - begun, 3100ms);
}

TEST(RetryDelay, RetryAfterBeyondTheTimeLeftMeansNoRetry) {
  Pair pair("", "request: 1s");
  pair.first.replies(503, "busy", {{"retry-after", "5"}});
  const Instant begun = pair.world.loop().now();
  const auto response = pair.sidecar->get("orders", "/");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "busy");
  EXPECT_EQ(response.header("retry-after"), "5");
  EXPECT_LT(pair.world.loop().now() - begun, 10ms);
  EXPECT_EQ(pair.refused(RetryRefusal::Pushback), 1U);
}

TEST(RetryDelay, ABackoffThatDoesNotFitIsNotBegun) {
  Pair pair("backoff: {base: 500ms, max: 500ms}", "request: 300ms");
  pair.first.replies(503);
  const Instant begun = pair.world.loop().now();
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 503);
  EXPECT_LT(pair.world.loop().now() - begun, 10ms);
  EXPECT_EQ(pair.refused(RetryRefusal::Deadline), 1U);
}

// ---- The budget

TEST(RetryBudget, AnEmptyBucketEndsRetriesUntilSuccessesFillIt) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {breaker: none, retry: {limit: 1, budget: {percent: 10, minPerSecond: 0, burst: 2}}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  const auto refused = [&] {
    return sidecar.series("orders").retriesRefused[static_cast<size_t>(RetryRefusal::Budget)].value();
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sidecar.get("orders", "/").header("outrigger-attempts"), "2");
  EXPECT_EQ(refused(), 0U);
  EXPECT_EQ(sidecar.get("orders", "/").header("outrigger-attempts"), "");
  EXPECT_EQ(refused(), 1U);

  orders.replies(200);
  for (int i = 0; i < 9; ++i) sidecar.get("orders", "/");
  orders.replies(503);
  EXPECT_EQ(sidecar.get("orders", "/").header("outrigger-attempts"), "") << "nine tenths are not one";
  orders.replies(200);
  sidecar.get("orders", "/");
  orders.replies(503).then(200);
  EXPECT_EQ(sidecar.get("orders", "/").header("outrigger-attempts"), "2");
}

TEST(RetryBudget, TricklesInWithTime) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {breaker: none, retry: {limit: 1, budget: {percent: 0, minPerSecond: 1, burst: 1}}}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(orders.hits(), 6U);
  world.run(1s);
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  EXPECT_EQ(orders.hits(), 12U);
}

// 1,000 requests a second against an upstream that only fails: the extra load is the budget's, not twice the traffic.
TEST(RetryBudget, AFailingUpstreamGetsHardlyMoreThanTheTraffic) {
  World world;
  auto& orders = world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar(
      "policies: {default: {breaker: none}}\n"
      "upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 300; ++i) {
    sidecar.get("orders", "/");
    world.run(1ms);
  }
  EXPECT_GE(orders.hits(), 310U);
  EXPECT_LE(orders.hits(), 316U);
}

TEST(RetryBudget, ARefusedConnectionCostsNothing) {
  Pair pair("budget: {percent: 0, minPerSecond: 0, burst: 1}");
  pair.first.replies(503);
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 200);  // this one took the only token
  EXPECT_EQ(pair.sidecar->get("orders", "/").status, 503);
  pair.first.down();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pair.sidecar->get("orders", "/").status, 200);
}

// ---- Connections that the upstream closes while they are idle

// The upstream's FIN crosses our request.
test::SeenResponse askWhileItCloses(Pair& pair, const std::string& method) {
  EXPECT_EQ(pair.sidecar->get("orders", "/warm").status, 200);
  pair.world.run(10ms);
  Client& client = pair.sidecar->connect();
  pair.world.run(1ms);
  client.ask(method, "orders", "/x", {}, method == "POST" ? "once" : "");
  pair.world.loop().in(50us, [&pair] { pair.first.closeIdle(); });
  pair.world.runUntil([&] { return client.complete() == 1; });
  return client.responses().empty() ? test::SeenResponse{} : client.responses()[0];
}

TEST(StaleConnection, AGetIsReplayed) {
  Pair pair;
  const auto response = askWhileItCloses(pair, "GET");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(pair.first.hits() + pair.second.hits(), 2U);
  EXPECT_EQ(pair.retries(RetryCause::Reset), 1U);
}

// The upstream may have read it before it closed: nobody can know.
TEST(StaleConnection, APostIsNotSentTwice) {
  Pair pair;
  const auto response = askWhileItCloses(pair, "POST");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.reason(), "upstream-reset");
  EXPECT_EQ(pair.second.heads(), 0U);
  EXPECT_EQ(pair.refused(RetryRefusal::Method), 1U);
}

// A close that has been seen costs no request, whatever its method.
TEST(StaleConnection, APostAfterTheCloseGoesOutOnANewConnection) {
  Pair pair;
  EXPECT_EQ(pair.sidecar->get("orders", "/warm").status, 200);
  pair.first.closeIdle();
  pair.world.run(1ms);
  EXPECT_EQ(pair.sidecar->post("orders", "/x", "once").status, 200);
  EXPECT_EQ(pair.first.connectionsAccepted(), 2U);
  EXPECT_EQ(pair.retriesOfAnyCause(), 0U);
}

TEST(StaleConnection, ClosesItsIdleSiblings) {
  Pair pair;
  pair.first.replies(200).after(10ms);
  for (int i = 0; i < 3; ++i) pair.sidecar->connect().ask("GET", "orders", "/warm");
  pair.world.run(100ms);
  EXPECT_EQ(pair.series().connectionsIdle.value(), 3);
  const auto response = askWhileItCloses(pair, "POST");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(pair.series().connectionsIdle.value(), 0);
}

}  // namespace
}  // namespace outrigger::sim
