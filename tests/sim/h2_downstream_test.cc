// Callers that speak HTTP/2 to the whole worker, with upstreams that speak HTTP/1.
#include <gtest/gtest.h>

#include "proxy/http/h2/settings.h"
#include "tests/support/sim/h2_client.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

namespace frames = outrigger::testing::h2;
using http::h2::Guard;

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}";

struct Scene {
  explicit Scene(const std::string& more = "", H2Client::Windows windows = H2Client::Windows())
      : orders(world.upstream("orders")),
        sidecar(world.sidecar(std::string(kOrders) + "\n" + more)),
        caller(sidecar.open(Direction::Outbound), windows) {}

  const H2Client::Answer& settle(int32_t stream) {
    world.runUntil([&] { return caller.answer(stream).complete || caller.answer(stream).reset; }, 20s);
    return caller.answer(stream);
  }
  uint64_t tripped(Guard guard) const {
    return sidecar.metrics()
        .worker.http2Guards[static_cast<size_t>(Direction::Outbound)][static_cast<size_t>(guard)]
        .value();
  }

  World world;
  Upstream& orders;
  Sidecar& sidecar;
  H2Client caller;
};

TEST(H2Downstream, ARequestGoesThrough) {
  Scene s;
  s.orders.replies(200, "done", {{"X-Upper", "Yes"}});
  const auto& answer = s.settle(s.caller.ask("GET", "orders", "/a?b=c", {{"cookie", "x=1"}, {"cookie", "y=2"}}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.header("x-upper"), "Yes");
  EXPECT_EQ(answer.header("content-length"), "4");
  ASSERT_EQ(s.orders.hits(), 1U);
  EXPECT_NE(s.orders.octets().find("GET /a?b=c HTTP/1.1\r\nhost: orders\r\n"), std::string::npos);
  EXPECT_NE(s.orders.octets().find("cookie: x=1; y=2\r\n"), std::string::npos);
  EXPECT_NE(s.orders.octets().find("via: 2 outrigger\r\n"), std::string::npos);
}

TEST(H2Downstream, ContentGoesUpWithAndWithoutItsLength) {
  Scene s;
  const int32_t known = s.caller.ask("POST", "orders", "/", {{"content-length", "5"}}, "hello");
  EXPECT_EQ(s.settle(known).status, 200);
  const int32_t unknown = s.caller.ask("POST", "orders", "/", {}, "streamed");
  EXPECT_EQ(s.settle(unknown).status, 200);
  ASSERT_EQ(s.orders.hits(), 2U);
  EXPECT_EQ(s.orders.requests()[0].body, "hello");
  EXPECT_EQ(s.orders.requests()[1].body, "streamed");
  EXPECT_NE(s.orders.octets().find("transfer-encoding: chunked"), std::string::npos);
}

TEST(H2Downstream, TrailersGoBothWays) {
  Scene s;
  s.orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n");
  const int32_t stream = s.caller.begin("POST", "orders");
  s.caller.body(stream, "abc");
  s.caller.end(stream, {{"x-check", "9"}});
  const auto& answer = s.settle(stream);
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.trailers, (test::Headers{{"x-sum", "7"}}));
  EXPECT_NE(s.orders.octets().find("x-check: 9\r\n"), std::string::npos);
}

TEST(H2Downstream, AnswersWithoutContentAndBeforeTheAnswer) {
  Scene s;
  s.orders.sends("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
      .thenSends("HTTP/1.1 200 OK\r\ncontent-length: 77\r\n\r\n")
      .thenSends("HTTP/1.1 304 Not Modified\r\netag: \"e\"\r\n\r\n");
  const auto& hinted = s.settle(s.caller.ask("GET", "orders"));
  EXPECT_EQ(hinted.interims, std::vector<int>{103});
  EXPECT_EQ(hinted.status, 204);
  const auto& head = s.settle(s.caller.ask("HEAD", "orders"));
  EXPECT_EQ(head.header("content-length"), "77");
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders")).status, 304);
}

TEST(H2Downstream, AnAnswerOfOurOwnAndAnUnknownHost) {
  Scene s;
  const auto& answer = s.settle(s.caller.ask("GET", "nobody"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header("outrigger-reason"), "no-route");
  EXPECT_TRUE(s.caller.goAways().empty());
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders")).status, 200);
}

TEST(H2Downstream, HundredsOfStreamsAtOnce) {
  Scene s("http: {streams: 400}");
  s.world.run(1ms);
  for (int i = 0; i < 400; ++i) s.caller.ask("GET", "orders", "/" + std::to_string(i));
  EXPECT_TRUE(s.world.runUntil([&] { return s.caller.complete() == 400; }, 20s));
  EXPECT_EQ(s.orders.hits(), 400U);
  EXPECT_EQ(s.sidecar.worker().activeExchanges(), 0U);
}

TEST(H2Downstream, MoreStreamsThanAllowedAreRefusedUnsent) {
  Scene s("http: {streams: 2}");
  s.orders.hangs();
  s.caller.send(frames::get(1, "/", "orders") + frames::get(3, "/", "orders") + frames::get(5, "/", "orders"));
  s.world.run(1s);
  EXPECT_EQ(s.orders.heads(), 2U);
}

// ---- Windows

TEST(H2Downstream, AnAnswerWaitsForTheCallersWindow) {
  Scene s("", {.stream = 1000, .returned = false});
  s.orders.replies(200, std::string(1'000'000, 'x'));
  const int32_t stream = s.caller.ask("GET", "orders");
  s.world.run(1s);
  EXPECT_EQ(s.caller.answer(stream).body.size(), 1000U);
  s.caller.giveWindow(0, 2'000'000);
  s.caller.giveWindow(stream, 2'000'000);
  EXPECT_EQ(s.settle(stream).body.size(), 1'000'000U);
}

TEST(H2Downstream, AStreamWithoutAWindowDoesNotBlockTheOthers) {
  Scene s("", {.stream = 0, .returned = true});
  s.orders.replies(200, std::string(100'000, 'x'));
  const int32_t stuck = s.caller.ask("GET", "orders");
  const int32_t free = s.caller.ask("GET", "orders");
  s.caller.giveWindow(free, 200'000);
  EXPECT_EQ(s.settle(free).body.size(), 100'000U);
  EXPECT_FALSE(s.caller.answer(stuck).complete);
}

TEST(H2Downstream, AnUploadThatTheUpstreamDoesNotReadStopsAtItsWindowAndBlocksNoOther) {
  Scene s;
  s.orders.early().hangs();
  s.world.run(10ms);
  const int32_t upload = s.caller.begin("POST", "orders");
  s.world.run(10ms);
  s.orders.stall();
  s.caller.body(upload, std::string(8'000'000, 'u'));
  s.world.run(1s);
  EXPECT_GT(s.caller.unsentBody(upload), 7'000'000U);
  const auto& other = s.settle(s.caller.ask("POST", "nobody", "/", {}, std::string(100'000, 'v')));
  EXPECT_EQ(other.status, 404);
  s.orders.goOn();
  EXPECT_TRUE(s.world.runUntil([&] { return s.caller.unsentBody(upload) == 0; }, 5s));
}

TEST(H2Downstream, ALargeUploadArrivesWhole) {
  Scene s;
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += std::to_string(i);
  EXPECT_EQ(s.settle(s.caller.ask("POST", "orders", "/", {}, content)).status, 200);
  ASSERT_EQ(s.orders.hits(), 1U);
  EXPECT_TRUE(s.orders.requests()[0].body == content);
}

// ---- Resets and ends

TEST(H2Downstream, ACallersResetCancelsTheRequest) {
  Scene s("log: {access: all}");
  s.orders.hangs();
  const int32_t stream = s.caller.ask("GET", "orders");
  s.world.run(10ms);
  s.caller.reset(stream);
  s.world.run(10ms);
  EXPECT_EQ(s.orders.cancelled(), 1U);
  ASSERT_EQ(s.sidecar.accessLines().size(), 1U);
  EXPECT_NE(s.sidecar.accessLines()[0].find("client-closed"), std::string::npos);
}

TEST(H2Downstream, AnAnswerThatIsCutResetsItsStreamOnly) {
  Scene s;
  s.orders.sends("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
      .andCloses()
      .thenSends("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  const auto& cut = s.settle(s.caller.ask("GET", "orders"));
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.reset, uint32_t{NGHTTP2_INTERNAL_ERROR});
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders")).body, "ok");
}

TEST(H2Downstream, AnAnswerBeforeTheUploadHasEndedAsksForNoMore) {
  Scene s;
  const int32_t stream = s.caller.begin("POST", "nobody");
  s.caller.body(stream, "some");
  s.world.run(10ms);
  EXPECT_EQ(s.caller.answer(stream).status, 404);
  EXPECT_TRUE(s.caller.answer(stream).complete);
  EXPECT_EQ(s.caller.answer(stream).reset, uint32_t{NGHTTP2_NO_ERROR});
}

TEST(H2Downstream, ContentThatContradictsItsLengthBreaksTheStream) {
  Scene s;
  const auto& less = s.settle(s.caller.ask("POST", "orders", "/", {{"content-length", "9"}}, "short"));
  EXPECT_EQ(less.reset, uint32_t{NGHTTP2_PROTOCOL_ERROR});
  const auto& more = s.settle(s.caller.ask("POST", "orders", "/", {{"content-length", "2"}}, "longer"));
  EXPECT_EQ(more.reset, uint32_t{NGHTTP2_PROTOCOL_ERROR});
  s.world.run(1s);
  EXPECT_EQ(s.orders.hits(), 0U);
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders")).status, 200);
}

TEST(H2Downstream, AMalformedHeadIsAnsweredAndReset) {
  Scene s("log: {access: all}");
  const auto& answer = s.settle(s.caller.ask("GET", "orders", "/", {{"connection", "close"}}));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("outrigger-reason"), "malformed");
  s.world.run(10ms);
  EXPECT_EQ(answer.reset, uint32_t{NGHTTP2_PROTOCOL_ERROR});
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders", "/" + std::string(9000, 'x'))).status, 414);
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders", "/", {{"x", std::string(62'000, 'x')}})).status, 431);
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders")).status, 200);
  EXPECT_EQ(s.orders.hits(), 1U);
  EXPECT_EQ(s.sidecar.accessLines().size(), 4U);
}

// ---- Upgrades

constexpr const char* kGranted =
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello";

TEST(H2Downstream, AnUpgradeThatIsGrantedCarriesOctetsBothWays) {
  Scene s;
  s.orders.sends(kGranted);
  const int32_t stream = s.caller.begin("CONNECT", "orders", "/chat", {{":protocol", "echo"}});
  s.caller.body(stream, "early");
  EXPECT_TRUE(s.world.runUntil([&] { return s.caller.answer(stream).body == "hello"; }, 1s));
  EXPECT_EQ(s.caller.answer(stream).status, 200);
  EXPECT_NE(s.orders.octets().find("GET /chat HTTP/1.1\r\nhost: orders\r\n"), std::string::npos);
  EXPECT_NE(s.orders.octets().find("upgrade: echo\r\n"), std::string::npos);
  s.world.run(10ms);
  EXPECT_TRUE(s.orders.octets().ends_with("early")) << s.orders.octets();
  s.caller.body(stream, "later");
  s.world.run(10ms);
  EXPECT_TRUE(s.orders.octets().ends_with("earlylater"));
  EXPECT_EQ(s.settle(s.caller.ask("GET", "nobody")).status, 404) << "others go on beside it";
  s.caller.reset(stream);
  s.world.run(10ms);
  EXPECT_EQ(s.sidecar.worker().activeExchanges(), 0U);
}

TEST(H2Downstream, AnUpgradeThatIsNotGrantedIsAnAnswer) {
  Scene s;
  s.orders.replies(403, "no");
  const int32_t stream = s.caller.begin("CONNECT", "orders", "/chat", {{":protocol", "echo"}});
  s.caller.body(stream, "early");
  EXPECT_EQ(s.settle(stream).status, 403);
  EXPECT_EQ(s.caller.answer(stream).body, "no");
  s.world.run(10ms);
  EXPECT_EQ(s.orders.octets().find("early"), std::string::npos);
  EXPECT_EQ(s.caller.answer(stream).reset, uint32_t{NGHTTP2_NO_ERROR});
}

TEST(H2Downstream, ConnectAndHttpInsideOfHttpAreRefused) {
  Scene s;
  EXPECT_EQ(s.settle(s.caller.begin("CONNECT", "orders", "/", {{":protocol", "connect"}})).status, 501);
  EXPECT_EQ(s.settle(s.caller.begin("CONNECT", "orders", "/", {{":protocol", "h2c"}})).status, 501);
  EXPECT_EQ(s.orders.hits(), 0U);
}

// ---- Leaving

TEST(H2Downstream, ADrainSaysGoAwayTwiceAndServesWhatCame) {
  Scene s;
  s.orders.replies(200).after(500ms);
  const int32_t stream = s.caller.ask("GET", "orders");
  s.world.run(100ms);
  s.sidecar.worker().makeAnswersLast(Direction::Outbound);
  s.world.run(100ms);
  ASSERT_EQ(s.caller.goAways().size(), 2U);
  EXPECT_EQ(s.caller.goAways()[0], (std::pair<int32_t, uint32_t>(0x7fffffff, NGHTTP2_NO_ERROR)));
  EXPECT_EQ(s.caller.goAways()[1], (std::pair<int32_t, uint32_t>(stream, NGHTTP2_NO_ERROR)));
  EXPECT_FALSE(s.caller.closed());
  EXPECT_EQ(s.settle(stream).status, 200);
  EXPECT_TRUE(s.world.runUntil([&] { return s.caller.closed(); }, 1s));
}

TEST(H2Downstream, AnIdleConnectionIsClosedInTime) {
  Scene s("http: {keepAlive: 5s}");
  EXPECT_EQ(s.settle(s.caller.ask("GET", "orders")).status, 200);
  s.world.run(4900ms);
  EXPECT_FALSE(s.caller.closed());
  s.world.run(200ms);
  EXPECT_TRUE(s.caller.closed());
  EXPECT_EQ(s.caller.goAways().back().second, uint32_t{NGHTTP2_NO_ERROR});
}

TEST(H2Downstream, AnOldConnectionLeaves) {
  Scene s("http: {maxAge: 5s}");
  s.orders.hangs();
  const int32_t stream = s.caller.ask("GET", "orders");
  s.world.run(6s);
  EXPECT_EQ(s.caller.goAways().size(), 2U);
  EXPECT_FALSE(s.caller.closed());
  EXPECT_FALSE(s.caller.answer(stream).reset);
}

TEST(H2Downstream, AHeaderBlockThatDoesNotEndEndsTheConnection) {
  Scene s("http: {headTimeout: 2s}");
  s.world.run(1ms);
  s.caller.send(frames::frame(frames::kHeaders, frames::kEndStream, 1, frames::block(frames::getLines("/", "orders"))));
  s.world.run(1900ms);
  EXPECT_FALSE(s.caller.closed());
  s.world.run(300ms);
  EXPECT_TRUE(s.caller.closed());
}

TEST(H2Downstream, ThePrefaceMayComeOctetByOctet) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  Client& raw = sidecar.connect();
  for (const char c : frames::preface() + frames::get(1, "/", "orders")) {
    raw.send(std::string(1, c));
    world.run(1ms);
  }
  world.run(100ms);
  std::string octets = raw.octets();
  bool answered = false;
  for (const auto& frame : frames::takeFrames(octets))
    answered = answered || (frame.type == frames::kHeaders && frame.stream == 1);
  EXPECT_TRUE(answered);
}

// ---- Floods

struct FloodCase {
  const char* name;
  std::string before;
  std::string frame;
  Guard guard;
};

class H2DownstreamFloods : public ::testing::TestWithParam<FloodCase> {};

/// A peer that says each octet itself.
struct Rough {
  Rough() : orders(world.upstream("orders")), sidecar(world.sidecar(kOrders)), caller(sidecar.connect()) {
    orders.hangs();
    caller.send(frames::preface());
    world.run(1ms);
  }

  /// Until the connection is closed; the code of the last GOAWAY.
  std::optional<uint32_t> endedWith() {
    world.runUntil([&] { return caller.closed(); }, 5s);
    std::string octets = caller.octets();
    std::optional<uint32_t> code;
    for (const auto& frame : frames::takeFrames(octets)) {
      if (frame.type == frames::kGoAway) code = frames::numberAt(frame.payload, 4, 4);
    }
    return code;
  }
  uint64_t tripped(Guard guard) const {
    return sidecar.metrics()
        .worker.http2Guards[static_cast<size_t>(Direction::Outbound)][static_cast<size_t>(guard)]
        .value();
  }

  World world;
  Upstream& orders;
  Sidecar& sidecar;
  Client& caller;
};

TEST_P(H2DownstreamFloods, EndTheConnectionAndAreCounted) {
  Rough s;
  s.caller.send(GetParam().before);
  for (int i = 0; i < 3000 && !s.caller.closed(); ++i) {
    s.caller.send(GetParam().frame);
    if (i % 10 == 0) s.world.run(1ms);
  }
  EXPECT_EQ(s.endedWith(), uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_TRUE(s.caller.closed());
  EXPECT_EQ(s.tripped(GetParam().guard), 1U);
  s.world.run(5s);
  EXPECT_EQ(s.sidecar.worker().activeExchanges(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    All, H2DownstreamFloods,
    ::testing::Values(
        FloodCase{"Ping", "", frames::frame(frames::kPing, 0, 0, "12345678"), Guard::Ping},
        FloodCase{"Settings", "", frames::frame(frames::kSettings, 0, 0, ""), Guard::Settings},
        FloodCase{"EmptyData", frames::headers(1, frames::getLines("/", "orders"), false), frames::data(1, "", false),
                  Guard::EmptyFrame},
        FloodCase{"WindowUpdate", "", frames::windowUpdate(0, 1), Guard::WindowUpdate},
        FloodCase{"Priority", "", frames::frame(frames::kPriority, 0, 3, frames::number(0) + "x"), Guard::Priority},
        FloodCase{"Continuation",
                  frames::frame(frames::kHeaders, frames::kEndStream, 1, frames::block(frames::getLines())),
                  frames::frame(frames::kContinuation, 0, 1, frames::block({{"a", "b"}})), Guard::Continuation}),
    [](const auto& test) { return test.param.name; });

// One octet of a header block can stand for 4 KiB of fields.
TEST(H2Downstream, AHeaderBombIsEnded) {
  Rough s;
  std::string bomb = frames::block(frames::getLines("/", "orders"));
  bomb += std::string{0x40} + frames::hpackLength(1) + "b" + frames::hpackLength(4000) + std::string(4000, 'x');
  bomb += std::string(10'000, static_cast<char>(0xbe));  // RFC 7541 §6.1: the newest entry of the table
  s.caller.send(frames::frame(frames::kHeaders, frames::kEndStream | frames::kEndHeaders, 1, bomb));
  EXPECT_EQ(s.endedWith(), uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_EQ(s.tripped(Guard::HeaderBlock), 1U);
}

TEST(H2Downstream, RapidResetIsEnded) {
  Rough s;
  for (uint32_t stream = 1; stream < 4000 && !s.caller.closed(); stream += 2) {
    s.caller.send(frames::get(stream, "/", "orders") + frames::reset(stream));
    if (stream % 20 == 1) s.world.run(1ms);
  }
  EXPECT_EQ(s.endedWith(), uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_EQ(s.tripped(Guard::Reset), 1U);
  EXPECT_EQ(s.sidecar.worker().activeExchanges(), 0U);
}

// CVE-2025-8671: frames that are wrong on a stream make us reset it, and the work for it goes on.
TEST(H2Downstream, MadeToResetIsEndedLikeResetting) {
  Rough s;
  for (uint32_t stream = 1; stream < 4000 && !s.caller.closed(); stream += 2) {
    s.caller.send(frames::get(stream, "/", "orders") + frames::windowUpdate(stream, 0x7fffffff));
    if (stream % 20 == 1) s.world.run(1ms);
  }
  EXPECT_EQ(s.endedWith(), uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_EQ(s.tripped(Guard::Reset), 1U);
  EXPECT_EQ(s.sidecar.worker().activeExchanges(), 0U);
}

TEST(H2Downstream, FramesOnStreamsThatTheCallerHasEndedAreErrors) {
  Rough s;
  s.caller.send(frames::get(1, "/", "orders") + frames::reset(1));
  s.world.run(10ms);
  s.caller.send(frames::data(1, "late"));
  EXPECT_EQ(s.endedWith(), uint32_t{NGHTTP2_STREAM_CLOSED});
}

TEST(H2Downstream, ACallerThatNeverReadsIsCut) {
  Scene s("", {.stream = 0, .returned = false});
  s.orders.replies(200, std::string(100'000, 'x'));
  s.caller.ask("GET", "orders");
  s.world.run(50s);
  EXPECT_FALSE(s.caller.closed());
  s.world.run(50s);
  EXPECT_TRUE(s.caller.closed());
  EXPECT_EQ(s.tripped(Guard::Unread), 1U);
}

TEST(H2Downstream, PingsOfOneThatDoesNotReadTakeBoundedMemory) {
  Scene s("", {.stream = 10'000'000, .returned = true});
  s.orders.replies(200, std::string(1'000'000, 'x'));
  s.world.run(1ms);
  s.caller.giveWindow(0, 10'000'000);
  s.caller.stall();
  s.caller.ask("GET", "orders");
  s.world.run(100ms);
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 50; ++i) s.caller.ping();
    s.world.run(1s);
  }
  s.world.run(60s);
  s.caller.goOn();
  EXPECT_TRUE(s.world.runUntil([&] { return s.caller.closed(); }, 60s));
  EXPECT_EQ(s.tripped(Guard::Unread) + s.tripped(Guard::Ping), 1U);
}

}  // namespace
}  // namespace outrigger::sim
