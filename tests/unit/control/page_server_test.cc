#include "control/page_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/base/transport.h"
#include "proxy/server/connection_set.h"
#include "tests/support/page_visitor.h"

namespace outrigger::control {
namespace {

using http::Method;
using ::testing::HasSubstr;
using testing::PageVisitor;
using ::testing::StartsWith;

struct World {
  explicit World(PageServer::Limits limits = {}) : server(turn, limits) {
    server.add(Method::Get, "/hello", [](const PageRequest&, const GivePage& give) {
      give({.status = 200, .contentType = "text/plain", .body = "hello\n"});
    });
    server.add(Method::Get, "/later", [this](const PageRequest&, const GivePage& give) { later.push_back(give); });
    server.add(Method::Post, "/echo", [this](const PageRequest& request, const GivePage& give) {
      seen = request;
      give({.status = 200, .contentType = "text/plain", .body = std::to_string(request.body.size())});
    });
  }
  void pass(Duration time) {
    turn.refresh(turn.now + time, turn.wall + time);
    turn.timers.advance(turn.now);
    turn.settle();
    turn.endTurn();
  }

  Turn turn{Instant(1000s), WallTime(1'800'000'000s), 1};
  PageServer server;
  std::vector<GivePage> later;
  PageRequest seen;
};

// ---- Without a connection

TEST(PageServer, AnswersWithThePage) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/hello");
  EXPECT_EQ(visitor.status, 200);
  EXPECT_EQ(visitor.body, "hello\n");
  EXPECT_EQ(visitor.length, 6U);
  EXPECT_TRUE(visitor.ended);
  EXPECT_EQ(visitor.field("content-type"), "text/plain");
  EXPECT_EQ(visitor.field("cache-control"), "no-store");
  EXPECT_EQ(visitor.field("x-content-type-options"), "nosniff");
  EXPECT_EQ(visitor.field("date"), "Fri, 15 Jan 2027 08:00:00 GMT");
}

TEST(PageServer, HeadGetsWhatGetWouldButNoBody) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.ask({.method = Method::Head, .target = "/hello"});
  EXPECT_EQ(visitor.status, 200);
  EXPECT_EQ(visitor.length, 6U);
  EXPECT_TRUE(visitor.headOnly);
  EXPECT_EQ(visitor.body, "");
  EXPECT_TRUE(visitor.ended);
}

TEST(PageServer, WhatIsNotThere) {
  struct Row {
    Method method;
    const char* target;
    int status;
    const char* allow;
  };
  const Row rows[] = {
      {Method::Get, "/", 404, ""},
      {Method::Get, "/hello/", 404, ""},
      {Method::Get, "/HELLO", 404, ""},
      {Method::Post, "/nowhere", 404, ""},
      {Method::Options, "*", 404, ""},
      {Method::Post, "/hello", 405, "GET, HEAD"},
      {Method::Other, "/hello", 405, "GET, HEAD"},
      {Method::Get, "/echo", 405, "POST"},
      {Method::Head, "/echo", 405, "POST"},
  };
  for (const Row& row : rows) {
    World world;
    PageVisitor visitor(world.turn, world.server);
    visitor.ask({.method = row.method, .target = row.target});
    EXPECT_EQ(visitor.status, row.status) << row.target;
    EXPECT_EQ(visitor.field("allow"), row.allow) << row.target;
    EXPECT_TRUE(visitor.ended);
  }
}

TEST(PageServer, APageSeesTheRequest) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.ask({.method = Method::Post,
               .target = "/echo?a=1&b",
               .host = "localhost:1",
               .actionMark = true,
               .body = "some text"});
  EXPECT_EQ(world.seen.path, "/echo");
  EXPECT_EQ(world.seen.query, "a=1&b");
  EXPECT_EQ(world.seen.host, "localhost:1");
  EXPECT_TRUE(world.seen.actionMark);
  EXPECT_EQ(world.seen.body, "some text");
}

TEST(PageServer, ABodyMayBe64KiBAndNoMore) {
  const std::string most(PageServer::Limits{}.body, 'x');
  World world;
  PageVisitor fits(world.turn, world.server);
  fits.ask({.method = Method::Post, .target = "/echo", .body = most});
  EXPECT_EQ(fits.body, "65536");

  PageVisitor announced(world.turn, world.server);
  announced.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(most.size() + 1));
  EXPECT_EQ(announced.status, 413) << "before any of it was sent";
  EXPECT_TRUE(announced.ended);

  PageVisitor chunked(world.turn, world.server);
  chunked.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::chunked());
  chunked.send(most);
  EXPECT_EQ(chunked.status, 0);
  chunked.send("x");
  EXPECT_EQ(chunked.status, 413);
}

TEST(PageServer, WhoeverWaitsFor100IsToldToContinue) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.begin({.method = Method::Post, .target = "/echo", .expectContinue = true}, http::BodyFraming::ofLength(2));
  EXPECT_EQ(visitor.interims, "100 ");
  PageVisitor tooMuch(world.turn, world.server);
  tooMuch.begin({.method = Method::Post, .target = "/echo", .expectContinue = true},
                http::BodyFraming::ofLength(1 << 20));
  EXPECT_EQ(tooMuch.interims, "");
  EXPECT_EQ(tooMuch.status, 413);
}

TEST(PageServer, TheGuardIsAskedBeforeAnyPage) {
  World world;
  world.server.guard([](const PageRequest& request) -> std::optional<Page> {
    if (request.host == "good") return std::nullopt;
    return Page{.status = 403, .body = "no"};
  });
  PageVisitor bad(world.turn, world.server);
  bad.ask({.method = Method::Post, .target = "/echo", .host = "bad", .body = "x"});
  EXPECT_EQ(bad.status, 403);
  EXPECT_EQ(world.seen.path, "") << "no page was made";
  PageVisitor unknown(world.turn, world.server);
  unknown.ask({.target = "/nowhere", .host = "bad"});
  EXPECT_EQ(unknown.status, 403) << "not even what there is";
  PageVisitor good(world.turn, world.server);
  good.ask({.target = "/hello", .host = "good"});
  EXPECT_EQ(good.status, 200);
}

TEST(PageServer, APageMayComeLater) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/later");
  EXPECT_EQ(visitor.status, 0);
  ASSERT_EQ(world.later.size(), 1U);
  world.later[0]({.status = 200, .body = "{}"});
  visitor.settle();
  EXPECT_EQ(visitor.body, "{}");
  EXPECT_TRUE(visitor.ended);
  world.later[0]({.status = 500, .body = "again"});
  EXPECT_EQ(visitor.status, 200) << "a second page is nobody's";
}

TEST(PageServer, ACallerWhoLeavesGetsNothing) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/later");
  visitor.leave();
  world.later[0]({.status = 200, .body = "{}"});
  EXPECT_EQ(visitor.status, 0);

  PageVisitor early(world.turn, world.server);
  early.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(10));
  early.send("half");
  early.leave();
  EXPECT_EQ(early.status, 0);
}

TEST(PageServer, APageThatComesAfterTheServerIsNobodys) {
  std::vector<GivePage> later;
  {
    World world;
    PageVisitor visitor(world.turn, world.server);
    visitor.get("/later");
    later = world.later;
  }
  later[0]({.status = 200, .body = "{}"});
  EXPECT_EQ(later.size(), 1U);
}

TEST(PageServer, ABodyThatBreaksTheProtocolIsAnswered) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::chunked());
  visitor.breakProtocol();
  EXPECT_EQ(visitor.status, 400);
  EXPECT_TRUE(visitor.ended);
}

TEST(PageServer, WhatIsNoRequestIsAnswered) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  world.server.onBadRequest(downstreamError(Reason::HeadersTooLarge, "too much"), visitor);
  visitor.settle();
  EXPECT_EQ(visitor.status, 431);
  EXPECT_EQ(visitor.body, "{\"error\": \"the request's head is too large\"}\n");
  EXPECT_TRUE(visitor.ended);
}

TEST(PageServer, ALargePageWaitsForItsReader) {
  World world;
  const std::string page(1'000'000, 'x');
  world.server.add(Method::Get, "/large", [&](const PageRequest&, const GivePage& give) {
    give({.status = 200, .contentType = "text/plain", .body = page});
  });
  PageVisitor visitor(world.turn, world.server);
  visitor.readerIsStuck = true;
  visitor.get("/large");
  EXPECT_FALSE(visitor.ended);
  int rounds = 0;
  for (; !visitor.ended && rounds < 100; ++rounds) visitor.drain();
  EXPECT_EQ(visitor.body.size(), page.size());
  EXPECT_GT(rounds, 5);
  EXPECT_LE(visitor.mostPending, kHighWater + kHighWater / 4);
}

TEST(PageServer, SmallPagesDoNotPileUpForWhomDoesNotRead) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.waiting = kHighWater + 1;  // answers before this one
  visitor.get("/hello");
  EXPECT_FALSE(visitor.ended) << "the next request is not taken yet";
  visitor.drain();
  EXPECT_TRUE(visitor.ended);
}

TEST(PageServer, AReaderMayLeaveInTheMiddle) {
  World world;
  world.server.add(Method::Get, "/large", [](const PageRequest&, const GivePage& give) {
    give({.status = 200, .contentType = "text/plain", .body = std::string(1'000'000, 'x')});
  });
  PageVisitor visitor(world.turn, world.server);
  visitor.readerIsStuck = true;
  visitor.get("/large");
  const size_t sent = visitor.body.size();
  visitor.leave();
  EXPECT_EQ(visitor.body.size(), sent);
  EXPECT_FALSE(visitor.ended);
}

TEST(PageServer, NobodyIsWaitedForForever) {
  World world;
  PageVisitor silent(world.turn, world.server);
  silent.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(10));
  PageVisitor noPage(world.turn, world.server);
  noPage.get("/later");
  PageVisitor stuck(world.turn, world.server);
  stuck.waiting = kHighWater + 1;
  stuck.get("/hello");
  world.pass(59s);
  EXPECT_EQ(silent.status, 0);
  EXPECT_FALSE(stuck.aborted);
  world.pass(2s);
  EXPECT_EQ(silent.status, 408);
  EXPECT_EQ(noPage.status, 503);
  EXPECT_TRUE(stuck.aborted);
  world.later[0]({.status = 200, .body = "{}"});
  EXPECT_EQ(noPage.status, 503);
}

// Whoever is slow, on purpose or not, keeps nobody out.
TEST(PageServer, WhoHasNotArrivedGivesWay) {
  World world({.visits = 2, .wait = 5s});
  PageVisitor first(world.turn, world.server);
  first.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(10));
  PageVisitor second(world.turn, world.server);
  second.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(10));
  PageVisitor third(world.turn, world.server);
  third.get("/hello");
  EXPECT_EQ(first.status, 503);
  EXPECT_EQ(third.status, 200);
  world.pass(6s);
  EXPECT_EQ(second.status, 408);
}

// Whoever has the most to wait for is the oldest that holds something.
TEST(PageServer, BodiesOfAllAreBounded) {
  World world({.body = 1000, .bodies = 1500});
  PageVisitor silent(world.turn, world.server);
  silent.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(2));
  PageVisitor slow(world.turn, world.server);
  slow.begin({.method = Method::Post, .target = "/echo"}, http::BodyFraming::ofLength(1000));
  slow.send(std::string(900, 'x'));
  PageVisitor quick(world.turn, world.server);
  quick.ask({.method = Method::Post, .target = "/echo", .body = std::string(1000, 'x')});
  EXPECT_EQ(slow.status, 503);
  EXPECT_EQ(quick.body, "1000");
  EXPECT_EQ(silent.status, 0) << "it holds nothing that others need";
  silent.send("xx");
  silent.end();
  EXPECT_EQ(silent.body, "2");
  PageVisitor alone(world.turn, world.server);
  alone.ask({.method = Method::Post, .target = "/echo", .body = std::string(1000, 'x')});
  EXPECT_EQ(alone.body, "1000") << "there is room again";
}

// What a page is made of stands in memory until there is the page.
TEST(PageServer, BodiesCountUntilTheyAreAnswered) {
  World world({.body = 1000, .bodies = 1500});
  world.server.add(Method::Post, "/later",
                   [&](const PageRequest&, const GivePage& give) { world.later.push_back(give); });
  PageVisitor first(world.turn, world.server);
  first.ask({.method = Method::Post, .target = "/later", .body = std::string(900, 'x')});
  PageVisitor second(world.turn, world.server);
  second.ask({.method = Method::Post, .target = "/echo", .body = std::string(900, 'x')});
  EXPECT_EQ(second.status, 503);
  EXPECT_EQ(first.status, 0) << "it has arrived and keeps its place";
  world.later[0]({.body = "{}"});
  first.settle();
  EXPECT_EQ(first.body, "{}");
  PageVisitor third(world.turn, world.server);
  third.ask({.method = Method::Post, .target = "/echo", .body = std::string(900, 'x')});
  EXPECT_EQ(third.body, "900");
}

// ---- Over the connections that the data plane has

/// A connection's other end: what it says and what it hears.
class Caller final : public Transport {
 public:
  explicit Caller(std::string& heard) : heard_(heard) {}

  void attach(TransportSink& sink) override { sink_ = &sink; }
  void write(std::span<const Bytes> pieces) override {
    for (const Bytes piece : pieces) heard_ += piece;
  }
  size_t queued() const override { return 0; }
  void pause() override {}
  void resume() override {}
  void shutdown() override {}
  void close(CloseMode) override {}
  PeerState probe() override { return PeerState::Quiet; }
  const PeerInfo& peer() const override { return peer_; }
  TransportSink& sink() { return *sink_; }

 private:
  std::string& heard_;
  TransportSink* sink_ = nullptr;
  PeerInfo peer_;
};

struct Wire {
  Wire() {
    auto transport = std::make_unique<Caller>(heard);
    caller = transport.get();
    connections.serve(std::move(transport), world.server);
  }
  ~Wire() {
    connections.closeAll();
    settle();
  }
  std::string say(Bytes text) {
    heard.clear();
    if (connections.size() > 0) caller->sink().onBytes(text);
    settle();
    return heard;
  }
  void settle() {
    world.turn.settle();
    world.turn.endTurn();
  }

  World world;
  std::string heard;
  http::h1::HeadScratch scratch;
  metrics::Gauge open;
  server::ConnectionSet connections{world.turn, scratch, open};
  Caller* caller = nullptr;
};

size_t countOf(const std::string& text, Bytes what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

TEST(PageServer, SpeaksHttp10) {
  Wire wire;
  const std::string answer = wire.say("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello\n"));
}

TEST(PageServer, KeepsAnHttp10ConnectionThatAsksForIt) {
  Wire wire;
  EXPECT_THAT(wire.say("GET /hello HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"),
              HasSubstr("connection: keep-alive\r\n"));
  EXPECT_TRUE(wire.say("GET /hello HTTP/1.0\r\n\r\n").ends_with("hello\n"));
}

TEST(PageServer, AnswersPipelinedRequestsInTheirOrder) {
  Wire wire;
  const std::string early = wire.say(
      "GET /later HTTP/1.1\r\nhost: a\r\n\r\n"
      "HEAD /hello HTTP/1.1\r\nhost: a\r\n\r\n"
      "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc"
      "GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(early, "");
  ASSERT_EQ(wire.world.later.size(), 1U);
  wire.world.later[0]({.status = 200, .contentType = "text/plain", .body = "at last"});
  wire.settle();
  const std::string& heard = wire.heard;
  EXPECT_EQ(countOf(heard, "HTTP/1.1 "), 4U) << heard;
  const size_t first = heard.find("at last");
  const size_t second = heard.find("content-length: 6");
  const size_t third = heard.find("\r\n\r\n3");
  const size_t fourth = heard.find("404");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_LT(third, fourth);
  EXPECT_EQ(countOf(heard, "hello\n"), 0U) << "HEAD has no body";
}

TEST(PageServer, GoesOnAfterABodyThatWasTooLarge) {
  Wire wire;
  const std::string body(70'000, 'x');
  EXPECT_THAT(wire.say("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 70000\r\n\r\n"), HasSubstr(" 413 "));
  wire.say(body);
  EXPECT_TRUE(wire.say("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n").ends_with("hello\n"));
}

TEST(PageServer, AConnectionMayBreakAtAnyMoment) {
  const Bytes request = "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (size_t cut = 0; cut <= request.size(); ++cut) {
    Wire wire;
    const std::string answer = wire.say(request.substr(0, cut));
    EXPECT_EQ(answer.empty(), cut < request.size()) << cut;
    if (wire.connections.size() > 0) wire.caller->sink().onLost("reset");
    wire.settle();
    EXPECT_EQ(wire.connections.size(), 0U);
  }
}

TEST(PageServer, ACallerOnAConnectionLeavesBeforeItsPage) {
  Wire wire;
  wire.say("GET /later HTTP/1.1\r\nhost: a\r\n\r\n");
  wire.caller->sink().onLost("reset");
  wire.settle();
  wire.world.later[0]({.status = 200, .body = "{}"});
  EXPECT_EQ(wire.heard, "");
}

TEST(PageServer, OnlyOneMarkOfExactly1Counts) {
  struct Row {
    const char* fields;
    bool marked;
  };
  const Row rows[] = {
      {"", false},
      {"outrigger-admin: 1\r\n", true},
      {"Outrigger-Admin: 1\r\n", true},
      {"outrigger-admin: 0\r\n", false},
      {"outrigger-admin: 11\r\n", false},
      {"outrigger-admin:\r\n", false},
      {"outrigger-admin: 1\r\noutrigger-admin: 1\r\n", false},
      {"outrigger-admin-x: 1\r\n", false},
  };
  for (const Row& row : rows) {
    Wire wire;
    wire.say("POST /echo HTTP/1.1\r\nhost: a\r\n" + std::string(row.fields) + "content-length: 0\r\n\r\n");
    EXPECT_EQ(wire.world.seen.path, "/echo");
    EXPECT_EQ(wire.world.seen.actionMark, row.marked) << row.fields;
  }
}

TEST(PageServer, TheHostIsTheOneThatTheTargetNames) {
  Wire wire;
  wire.say("POST http://evil.example/echo HTTP/1.0\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(wire.world.seen.host, "evil.example");
}

}  // namespace
}  // namespace outrigger::control
