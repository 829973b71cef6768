// How octets flow through: back-pressure both ways, what HTTP/1 allows besides a plain request and its answer, and
// what becomes of either side when the other one leaves.
#include <gtest/gtest.h>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

struct Flow {
  explicit Flow(const std::string& more = "") {
    sidecar = &world.sidecar("log: {access: all}\nupstreams: {orders: {endpoints: ['${orders}']}}\n" + more);
  }
  Client& connect() { return sidecar->connect(); }
  /// Waits for so many answers.
  ::testing::AssertionResult answers(Client& client, size_t count = 1) {
    if (world.runUntil([&] { return client.complete() >= count; }, 1min)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << client.complete() << " answers in " << client.octets().substr(0, 300);
  }
  std::string record(const std::string& name) const { return lastRecord(*sidecar, name); }

  World world;
  Upstream& orders = world.upstream("orders");
  Sidecar* sidecar = nullptr;
};

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

std::string chunked(const std::string& body, const std::string& trailers = "") {
  std::string out;
  constexpr size_t kPiece = 1000;
  for (size_t at = 0; at < body.size(); at += kPiece) {
    const std::string piece = body.substr(at, kPiece);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out += size + piece + "\r\n";
  }
  return out + "0\r\n" + trailers + "\r\n";
}

constexpr size_t kLarge = 8 << 20;
// What may lie in the sidecar: the high-water mark, and one read that came when it was not reached yet.
constexpr size_t kMostHeld = kHighWater + 64 * 1024 + 1024;

// ---- Back-pressure

TEST(BackPressure, ASlowReaderHoldsTheUpstreamUp) {
  for (const bool inChunks : {false, true}) {
    Flow flow;
    const std::string body = pattern(kLarge);
    if (inChunks) {
      flow.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(body));
    } else {
      flow.orders.replies(200, body);
    }
    Client& client = flow.connect();
    client.ask("GET", "orders");
    flow.world.run(1ms);
    client.stall();
    size_t most = 0;
    for (int i = 0; i < 1000; ++i) {
      flow.world.run(1ms);
      most = std::max(most, client.heldBack());
    }
    EXPECT_GT(most, kHighWater);
    EXPECT_LE(most, kMostHeld + (inChunks ? 8192 : 0));
    EXPECT_FALSE(client.closed());
    client.goOn();
    ASSERT_TRUE(flow.answers(client));
    EXPECT_TRUE(client.responses()[0].body == body);
    EXPECT_EQ(flow.record("response_bytes"), std::to_string(kLarge));
  }
}

// It reads now and then: everything comes, in order, and the sidecar never holds more than its share.
TEST(BackPressure, AReaderThatStumblesGetsEveryOctet) {
  Flow flow;
  const std::string body = pattern(kLarge);
  flow.orders.replies(200, body);
  Client& client = flow.connect();
  client.ask("GET", "orders");
  size_t most = 0;
  for (int i = 0; client.complete() == 0 && i < 10000; ++i) {
    client.stall();
    flow.world.run(500us);
    most = std::max(most, client.heldBack());
    client.goOn();
    flow.world.run(300us);
  }
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_TRUE(client.responses()[0].body == body);
  EXPECT_LE(most, kMostHeld);
}

TEST(BackPressure, ASlowUpstreamHoldsTheCallerUp) {
  for (const bool inChunks : {false, true}) {
    Flow flow("policies: {default: {timeout: {request: none, attempt: none}}}");
    flow.orders.stall();
    const std::string body = pattern(kLarge);
    Client& client = flow.connect();
    if (inChunks) {
      client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(body));
    } else {
      client.ask("POST", "orders", "/", {}, body);
    }
    size_t most = 0;
    for (int i = 0; i < 1000; ++i) {
      flow.world.run(1ms);
      most = std::max(most, flow.orders.heldBack());
    }
    EXPECT_GT(most, kHighWater);
    EXPECT_LE(most, kMostHeld + (inChunks ? 8192 : 0));
    EXPECT_GT(client.unsent(), kLarge - (1 << 20)) << "the rest is still with the caller";
    flow.orders.goOn();
    ASSERT_TRUE(flow.answers(client));
    ASSERT_EQ(flow.orders.hits(), 1U);
    EXPECT_TRUE(flow.orders.requests()[0].body == body);
    EXPECT_EQ(flow.record("request_bytes"), std::to_string(kLarge));
  }
}

TEST(BackPressure, AnUploadThatWaitsForAConnectionIsNotSwallowed) {
  Flow flow("policies: {default: {timeout: {connect: 5s}}}");
  flow.world.network().blackhole(flow.orders.address());
  Client& client = flow.connect();
  client.ask("POST", "orders", "/", {}, pattern(kLarge));
  flow.world.run(1s);
  EXPECT_GT(client.unsent(), kLarge - 3 * (128 << 10));
}

// ---- Bodies

TEST(Bodies, PassUnchangedInEveryFraming) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2047}, size_t{70000}, size_t{300000}}) {
    const std::string body = pattern(size);
    Flow flow;
    flow.orders.replies(200, body).then(200, "").thenSends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" +
                                                           chunked(body));
    Client& client = flow.connect();
    client.ask("POST", "orders", "/", {{"content-length", std::to_string(size)}}, body);
    ASSERT_TRUE(flow.answers(client, 1));
    client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(body));
    ASSERT_TRUE(flow.answers(client, 2));
    client.ask("GET", "orders");
    ASSERT_TRUE(flow.answers(client, 3));
    EXPECT_TRUE(client.responses()[0].body == body);
    EXPECT_TRUE(client.responses()[2].body == body);
    EXPECT_TRUE(flow.orders.requests()[0].body == body);
    EXPECT_TRUE(flow.orders.requests()[1].body == body);
    EXPECT_EQ(flow.orders.requests()[0].header("content-length"), std::to_string(size));
    EXPECT_EQ(flow.orders.requests()[1].header("transfer-encoding"), "chunked");
  }
}

TEST(Bodies, TrailersPassBothWays) {
  Flow flow;
  flow.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked("abc", "x-sum: 3\r\n"));
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\nte: trailers\r\ntransfer-encoding: chunked\r\n\r\n" +
                             chunked("defg", "x-count: 4\r\n"));
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(flow.orders.requests()[0].trailers, (test::Headers{{"x-count", "4"}}));
  EXPECT_EQ(client.responses()[0].trailers, (test::Headers{{"x-sum", "3"}}));
}

TEST(Bodies, AnAnswerThatEndsWithItsConnectionIsFramedAnew) {
  Flow flow;
  flow.orders.sends("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  flow.world.loop().in(50ms, [&] { flow.orders.closeIdle(); });
  Client& client = flow.connect();
  client.ask("GET", "orders");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].body, "until the end");
  EXPECT_EQ(client.responses()[0].header("transfer-encoding"), "chunked");
  EXPECT_FALSE(client.closed());
}

TEST(Bodies, HeadAndBodilessStatusesHaveNone) {
  Flow flow;
  flow.orders.replies(200, "not sent for HEAD").then(204).then(304, "", {{"etag", "\"1\""}, {"content-length", "9"}});
  Client& client = flow.connect();
  client.ask("HEAD", "orders");
  ASSERT_TRUE(flow.answers(client, 1));
  EXPECT_EQ(client.responses()[0].header("content-length"), "17");
  client.ask("GET", "orders");
  ASSERT_TRUE(flow.answers(client, 2));
  EXPECT_EQ(client.responses()[1].status, 204);
  EXPECT_EQ(client.responses()[1].header("content-length"), "");
  client.ask("GET", "orders");
  ASSERT_TRUE(flow.answers(client, 3));
  EXPECT_EQ(client.responses()[2].status, 304);
  EXPECT_EQ(client.responses()[2].header("etag"), "\"1\"");
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(client.responses()[i].body, "");
  EXPECT_EQ(flow.orders.connectionsAccepted(), 1U);
}

TEST(Bodies, LocalRepliesToHeadHaveNone) {
  Flow flow;
  Client& client = flow.connect();
  client.ask("HEAD", "nobody");
  client.ask("GET", "orders");
  ASSERT_TRUE(flow.answers(client, 2));
  EXPECT_EQ(client.responses()[0].status, 404);
  EXPECT_NE(client.responses()[0].header("content-length"), "0");
  EXPECT_EQ(client.responses()[0].body, "");
  EXPECT_EQ(client.responses()[1].status, 200);
}

// ---- 1xx

TEST(Interim, IsPassedOn) {
  Flow flow;
  flow.orders.sends(
      "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  Client& client = flow.connect();
  client.ask("GET", "orders");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].interims, (std::vector{103, 102}));
  EXPECT_NE(client.octets().find("link: </a.css>"), std::string::npos);
  EXPECT_EQ(client.responses()[0].body, "ok");
}

TEST(Interim, IsNotShownToHttp10) {
  Flow flow;
  flow.orders.sends("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  Client& client = flow.connect();
  client.request("GET", "GET / HTTP/1.0\r\nhost: orders\r\n\r\n");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_TRUE(client.responses()[0].interims.empty());
}

TEST(Continue, TheUpstreamDecidesWhetherTheBodyComes) {
  Flow flow;
  flow.orders.early();
  flow.orders.sends("HTTP/1.1 100 Continue\r\n\r\n");
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n");
  flow.world.run(5ms);
  EXPECT_EQ(client.octets(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  flow.world.run(5ms);
  ASSERT_EQ(flow.orders.hits(), 1U);
  EXPECT_EQ(flow.orders.requests()[0].header("expect"), "100-continue");
  EXPECT_EQ(flow.orders.requests()[0].body, "body");
  flow.orders.push("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].status, 201);
}

TEST(Continue, ARefusalComesWithoutTheBody) {
  Flow flow;
  flow.orders.early().replies(413, "too large");
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].status, 413);
  EXPECT_TRUE(client.responses()[0].interims.empty());
  EXPECT_EQ(client.responses()[0].header("connection"), "close") << "nobody knows what would come next";
  flow.world.run(10ms);
  EXPECT_EQ(flow.orders.connectionsOpen(), 0U);
}

// ---- An answer before the request is complete

TEST(EarlyAnswer, PassesWhileTheBodyIsStillComing) {
  Flow flow;
  flow.orders.early(3).replies(200, "enough");
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 6\r\n\r\nabc");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].body, "enough");
  EXPECT_EQ(client.responses()[0].header("connection"), "");
  client.send("def");
  client.ask("GET", "orders", "/next");
  ASSERT_TRUE(flow.answers(client, 2)) << "the rest was read and dropped";
  EXPECT_EQ(flow.orders.requests().back().target, "/next");
}

// The caller goes on for ever: it is heard for a while so that it can read the answer, then it is cut.
TEST(EarlyAnswer, AnEndlessUploadBehindItIsCut) {
  Flow flow;
  flow.orders.early(3).replies(400, "no");
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 1000000000\r\n\r\nabc");
  ASSERT_TRUE(flow.answers(client));
  for (int i = 0; i < 100 && !client.closed(); ++i) {
    client.send(std::string(64 * 1024, 'x'));
    flow.world.run(10ms);
  }
  EXPECT_TRUE(client.closed());
  EXPECT_LE(flow.orders.octets().size(), 200 * 1024U);
}

// ---- Pipelining

TEST(Pipelining, AnswersComeInTheOrderOfTheRequests) {
  Flow flow;
  flow.orders.replies(200, "slow").after(100ms).then(200, "fast").then(200, "last").after(10ms);
  Client& client = flow.connect();
  for (const char* target : {"/1", "/2", "/3"}) client.ask("GET", "orders", target);
  ASSERT_TRUE(flow.answers(client, 3));
  EXPECT_EQ(client.responses()[0].body, "slow");
  EXPECT_EQ(client.responses()[1].body, "fast");
  EXPECT_EQ(client.responses()[2].body, "last");
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(flow.orders.requests()[i].target, "/" + std::to_string(i + 1));
}

TEST(Pipelining, OneRequestAtATimeIsServed) {
  Flow flow;
  flow.orders.replies(200).after(100ms);
  Client& client = flow.connect();
  for (int i = 0; i < 5; ++i) client.ask("GET", "orders");
  flow.world.run(50ms);
  EXPECT_EQ(flow.orders.heads(), 1U);
  EXPECT_EQ(flow.sidecar->worker().activeExchanges(), 1U);
  ASSERT_TRUE(flow.answers(client, 5));
}

TEST(Pipelining, WhatWaitsIsBounded) {
  Flow flow("policies: {default: {timeout: {request: none, attempt: none}}}");
  flow.orders.sends("").then(200);  // the first answer comes by hand
  Client& client = flow.connect();
  constexpr int kMany = 20000;
  for (int i = 0; i < kMany; ++i) client.ask("GET", "orders", "/" + std::to_string(i));
  const size_t total = kMany * std::string("GET /12345 HTTP/1.1\r\nhost: orders\r\n\r\n").size();
  flow.world.run(1s);
  EXPECT_EQ(flow.orders.heads(), 1U);
  EXPECT_GT(client.unsent(), total - 512 * 1024) << "the kernel's window, and 128 KiB at most with us";
  flow.orders.push("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  ASSERT_TRUE(flow.answers(client, kMany));
}

TEST(Pipelining, AnUploadBehindAWaitingRequestGoesOn) {
  Flow flow;
  flow.orders.replies(200).after(1s).then(200);
  Client& client = flow.connect();
  client.ask("GET", "orders");
  flow.world.run(10ms);
  const std::string body = pattern(1 << 20);
  client.ask("POST", "orders", "/upload", {}, body);
  ASSERT_TRUE(flow.answers(client, 2));
  EXPECT_EQ(client.responses()[1].status, 200);
  EXPECT_TRUE(flow.orders.requests()[1].body == body);
}

TEST(Pipelining, WhoDoesNotReadGetsNoFurtherAnswers) {
  Flow flow;
  flow.orders.replies(200, pattern(32 * 1024));
  Client& client = flow.connect();
  client.stall();
  constexpr size_t kMany = 200;
  for (size_t i = 0; i < kMany; ++i) client.ask("GET", "orders");
  flow.world.run(10s);
  EXPECT_LE(flow.orders.heads(), 8U) << "128 KiB in the kernel's window, and about as much with us";
  client.goOn();
  ASSERT_TRUE(flow.answers(client, kMany));
}

TEST(Pipelining, ManyLocalAnswersAtOnce) {
  Flow flow;
  Client& client = flow.connect();
  constexpr size_t kMany = 5000;
  for (size_t i = 0; i < kMany; ++i) client.ask("GET", "nobody");
  ASSERT_TRUE(flow.answers(client, kMany));
  EXPECT_EQ(client.responses().back().reason(), "no-route");
}

TEST(KeepAlive, DoesNotCutAnAnswerThatIsBeingRead) {
  Flow flow("http: {keepAlive: 5s}");
  const std::string body = pattern(200 * 1024);
  flow.orders.replies(200, body);
  Client& client = flow.connect();
  client.stall();
  client.ask("GET", "orders");
  flow.world.run(6s);
  client.goOn();
  ASSERT_TRUE(flow.answers(client));
  EXPECT_TRUE(client.responses()[0].body == body);
  ASSERT_TRUE(flow.world.runUntil([&] { return client.closed(); }, 10s));
}

TEST(KeepAlive, ALineEndBehindARequestBeginsNone) {
  Flow flow;
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 2\r\n\r\nhi\r\n");
  ASSERT_TRUE(flow.answers(client));
  const size_t answered = client.octets().size();
  ASSERT_TRUE(flow.world.runUntil([&] { return client.closed(); }, 2min));
  EXPECT_EQ(client.octets().size(), answered) << "no answer to what was never asked";
}

TEST(Pipelining, NothingBehindTheLastAnswerIsServed) {
  Flow flow;
  flow.orders.replies(200);
  Client& client = flow.connect();
  client.ask("GET", "orders", "/1", {{"connection", "close"}});
  client.ask("POST", "orders", "/2");
  flow.world.run(100ms);
  EXPECT_EQ(client.complete(), 1U);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(flow.orders.heads(), 1U);
}

TEST(Pipelining, ACallerWhoEndsItsSideGetsAllAnswers) {
  Flow flow;
  flow.orders.replies(200).after(50ms);
  Client& client = flow.connect();
  for (int i = 0; i < 3; ++i) client.ask("GET", "orders");
  client.finish();
  ASSERT_TRUE(flow.answers(client, 3));
  flow.world.run(100ms);
  EXPECT_TRUE(client.closed());
}

// ---- HTTP/1.0

TEST(Http10, IsAnsweredAndClosed) {
  Flow flow;
  Client& client = flow.connect();
  client.request("GET", "GET /old HTTP/1.0\r\nhost: orders\r\n\r\n");
  ASSERT_TRUE(flow.answers(client));
  flow.world.run(5ms);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(flow.orders.requests()[0].target, "/old");
  EXPECT_EQ(flow.orders.requests()[0].header("via"), "1.0 outrigger");
  EXPECT_EQ(flow.record("protocol"), "HTTP/1.0");
  EXPECT_EQ(flow.orders.connectionsOpen(), 1U) << "towards the upstream it is HTTP/1.1 and stays open";
}

TEST(Http10, MayKeepItsConnection) {
  Flow flow;
  Client& client = flow.connect();
  for (size_t i = 1; i <= 3; ++i) {
    client.request("GET", "GET / HTTP/1.0\r\nhost: orders\r\nconnection: keep-alive\r\n\r\n");
    ASSERT_TRUE(flow.answers(client, i));
    EXPECT_EQ(client.responses().back().header("connection"), "keep-alive");
  }
  EXPECT_FALSE(client.closed());
}

TEST(Http10, GetsAChunkedAnswerUntilTheEndOfItsConnection) {
  Flow flow;
  flow.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked("plain octets"));
  Client& client = flow.connect();
  client.request("GET", "GET / HTTP/1.0\r\nhost: orders\r\nconnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].body, "plain octets");
  EXPECT_EQ(client.responses()[0].header("transfer-encoding"), "");
  EXPECT_TRUE(client.closed());
}

// An orderly end would say that this was all.
TEST(Http10, ACutAnswerIsAReset) {
  Flow flow;
  flow.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nplain\r\n");
  Client& client = flow.connect();
  client.request("GET", "GET / HTTP/1.0\r\nhost: orders\r\n\r\n");
  flow.world.run(10ms);
  flow.orders.down();
  flow.world.run(10ms);
  EXPECT_TRUE(client.closed());
  ASSERT_EQ(client.responses().size(), 1U);
  EXPECT_FALSE(client.responses()[0].complete);
}

// ---- When one side leaves

TEST(Leaving, AResetByTheCallerCancelsTheUpstream) {
  Flow flow;
  flow.orders.hangs();
  Client& client = flow.connect();
  client.ask("GET", "orders");
  flow.world.run(10ms);
  client.reset();
  flow.world.run(1ms);
  EXPECT_EQ(flow.orders.cancelled(), 1U);
  EXPECT_EQ(flow.record("reason"), "client-closed");
  EXPECT_EQ(flow.record("status"), "499");
  EXPECT_EQ(flow.sidecar->worker().activeExchanges(), 0U);
  const auto cancelled = static_cast<size_t>(policy::AttemptResult::Cancelled);
  EXPECT_EQ(flow.sidecar->series("orders").attempts[cancelled].value(), 1U);
}

// A close looks like the end of one side; the probe tells soon that nobody is there any more.
TEST(Leaving, ACloseByTheCallerCancelsTheUpstream) {
  Flow flow;
  flow.orders.hangs();
  Client& client = flow.connect();
  client.ask("GET", "orders");
  flow.world.run(10ms);
  client.leave();
  flow.world.run(100ms);
  EXPECT_EQ(flow.orders.cancelled(), 1U);
  EXPECT_EQ(flow.record("reason"), "client-closed");
}

TEST(Leaving, ACallerWhoOnlyEndsItsSideIsAnswered) {
  Flow flow;
  flow.orders.replies(200, "patience").after(5s);
  Client& client = flow.connect();
  client.ask("GET", "orders");
  client.finish();
  ASSERT_TRUE(flow.answers(client));
  EXPECT_EQ(client.responses()[0].body, "patience");
  EXPECT_EQ(flow.orders.cancelled(), 0U);
  EXPECT_EQ(flow.record("reason"), "ok");
}

TEST(Leaving, InTheMiddleOfAnUploadCancelsTheUpstream) {
  Flow flow;
  Client& client = flow.connect();
  client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 9\r\n\r\nabc");
  flow.world.run(10ms);
  EXPECT_EQ(flow.orders.heads(), 1U);
  client.finish();
  flow.world.run(10ms);
  EXPECT_EQ(flow.orders.hits(), 0U);
  EXPECT_EQ(flow.orders.connectionsOpen(), 0U);
  EXPECT_EQ(flow.record("reason"), "client-closed");
}

TEST(Leaving, InTheMiddleOfAnAnswerCancelsTheUpstream) {
  Flow flow;
  flow.orders.replies(200, pattern(kLarge));
  Client& client = flow.connect();
  client.ask("GET", "orders");
  flow.world.run(2ms);
  client.reset();
  flow.world.run(10ms);
  EXPECT_EQ(flow.orders.connectionsOpen(), 0U);
  EXPECT_EQ(flow.record("reason"), "client-closed");
  EXPECT_EQ(flow.record("status"), "200");
}

TEST(Leaving, InTheQueueOrTheBackoffNeedsNoUpstream) {
  Flow flow("policies: {default: {retry: {backoff: {base: 1s, max: 1s}}}}");
  flow.orders.replies(503);
  Client& client = flow.connect();
  client.ask("GET", "orders");
  flow.world.run(10ms);
  client.reset();
  flow.world.run(5s);
  EXPECT_EQ(flow.orders.heads(), 1U);
  EXPECT_EQ(flow.record("reason"), "client-closed");
}

TEST(Leaving, ACutAnswerIsACutConnection) {
  for (const char* framing : {"content-length: 100", "transfer-encoding: chunked"}) {
    Flow flow;
    flow.orders.sends("HTTP/1.1 200 OK\r\n" + std::string(framing) + "\r\n\r\n5\r\nhello\r\n");
    Client& client = flow.connect();
    client.ask("GET", "orders");
    flow.world.run(10ms);
    flow.orders.down();
    flow.world.run(10ms);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(client.complete(), 0U);
    EXPECT_EQ(flow.record("reason"), "upstream-reset");
    EXPECT_EQ(flow.record("status"), "200");
  }
}

// ---- Memory

TEST(Memory, ABurstsExchangesAreGivenBackByDegrees) {
  Flow flow;
  flow.orders.replies(200).after(50ms);
  std::vector<Client*> clients;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(&flow.connect());
    clients.back()->ask("GET", "orders", "/");
  }
  flow.world.run(500ms);
  for (const Client* client : clients) EXPECT_EQ(client->complete(), 1U);
  EXPECT_EQ(flow.sidecar->worker().exchanges(), 500U);
  flow.world.run(1s);
  EXPECT_EQ(flow.sidecar->worker().exchanges(), 250U);
  flow.world.run(5s);
  EXPECT_EQ(flow.sidecar->worker().exchanges(), 64U);
  for (Client* client : clients) client->ask("GET", "orders", "/");
  flow.world.run(500ms);
  for (const Client* client : clients) EXPECT_EQ(client->complete(), 2U);
}

}  // namespace
}  // namespace outrigger::sim
