// The twin of h2spec for clients: servers that misbehave in HTTP/2, each in one way of RFC 9113, RFC 7541 or RFC 9110,
// behind a sidecar. None may make it hang, and none may have a malformed answer passed on; what is allowed must work.
// In the names the section comes first.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

namespace f = testing::h2;

/// What the caller sees.
enum class Sees : uint8_t {
  Answer,    ///< 200 "ok", whole
  Refusal,   ///< 502 of our own
  Bodiless,  ///< a whole answer that cannot have content, and has none
  Cut,       ///< the head, and a connection that ends before the answer does
};

struct Case {
  const char* name;
  Sees sees;
  std::string octets;         ///< in answer to the request on stream 1
  std::string greeting = {};  ///< else empty SETTINGS
};

const f::Lines kOk{{":status", "200"}, {"content-length", "2"}};

std::string answer() {
  return f::headers(1, kOk, false) + f::data(1, "ok");
}
std::string head(const f::Lines& more, bool end = false) {
  f::Lines lines{{":status", "200"}};
  lines.insert(lines.end(), more.begin(), more.end());
  return f::headers(1, lines, end);
}
std::string begun() {
  return f::headers(1, kOk, false);
}
std::string settings() {
  return f::frame(f::kSettings, 0, 0, "");
}
std::string ping(uint8_t flags = 0, uint32_t stream = 0, Bytes payload = "12345678") {
  return f::frame(f::kPing, flags, stream, payload);
}
std::string goAway(uint32_t last, uint32_t code = 0) {
  return f::frame(f::kGoAway, 0, 0, f::number(last) + f::number(code));
}
std::string raw(uint8_t flags, Bytes block) {
  return f::frame(f::kHeaders, flags, 1, block);
}
std::string repeated(size_t times, const std::string& octets) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += octets;
  return all;
}

constexpr uint8_t kPadded = 0x8;
constexpr uint8_t kPriorityFlag = 0x20;

// 3 and 4: connections and frames.
std::vector<Case> frameCases() {
  const std::string okBlock = f::block(kOk);
  return {
      {"3.4/1 HTTP/1.1 instead of SETTINGS", Sees::Refusal, "", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"},
      {"3.4/2 a PING before SETTINGS", Sees::Refusal, answer(), ping()},
      {"3.4/3 an answer before SETTINGS", Sees::Refusal, answer(), answer()},
      {"3.4/4 noise instead of SETTINGS", Sees::Refusal, "", std::string("\x16\x03\x03\x00\x05hello", 10)},
      {"4.1/1 a frame of an unknown type", Sees::Answer, f::frame(0x16, 0, 0, "12345678") + answer()},
      {"4.1/2 flags that nobody knows", Sees::Answer, f::frame(f::kPing, 0x16, 0, "12345678") + answer()},
      {"4.1/3 the reserved bit", Sees::Answer, f::frame(f::kPing, 0, 0x80000000, "12345678") + answer()},
      {"4.1/4 an unknown frame on our stream", Sees::Answer, f::frame(0x16, 0, 1, "x") + answer()},
      {"4.2/1 DATA of the largest size", Sees::Answer,
       head({}) + f::data(1, std::string(16384, 'x'), false) + f::data(1, ""), ""},
      {"4.2/2 DATA above the largest size", Sees::Cut, begun() + f::data(1, std::string(16385, 'x'))},
      {"4.2/3 HEADERS above the largest size", Sees::Refusal,
       raw(f::kEndHeaders | f::kEndStream, okBlock + f::block({{"a", std::string(16385, 'x')}}))},
      {"4.2/4 SETTINGS above the largest size", Sees::Refusal, f::frame(f::kSettings, 0, 0, std::string(16386, '\0'))},
      {"4.3/1 HPACK that makes no sense", Sees::Refusal, raw(f::kEndHeaders, "\xff\xff\x03")},
      {"4.3/2 a PRIORITY within a block", Sees::Refusal,
       raw(0, okBlock) + f::frame(f::kPriority, 0, 1, f::number(0) + "x") + f::frame(f::kContinuation, 4, 1, "")},
      {"4.3/3 HEADERS of another stream within a block", Sees::Refusal,
       raw(0, okBlock) + f::headers(3, kOk) + f::frame(f::kContinuation, 4, 1, "")},
      {"4.3/4 a block in three pieces", Sees::Answer,
       raw(0, f::block({{":status", "200"}})) + f::frame(f::kContinuation, 0, 1, f::block({{"a", "b"}})) +
           f::frame(f::kContinuation, f::kEndHeaders, 1, f::block({{"content-length", "2"}})) + f::data(1, "ok")},
  };
}

// 5: streams, flow control.
std::vector<Case> streamCases() {
  return {
      {"5.1/1 DATA on an idle stream", Sees::Refusal, f::data(9, "x")},
      {"5.1/2 RST_STREAM on an idle stream", Sees::Refusal, f::reset(9)},
      {"5.1/3 WINDOW_UPDATE on an idle stream", Sees::Refusal, f::windowUpdate(9, 1)},
      {"5.1/4 CONTINUATION on an idle stream", Sees::Refusal, f::frame(f::kContinuation, 4, 9, "")},
      {"5.1/5 HEADERS on an idle stream of ours", Sees::Refusal, f::headers(9, kOk)},
      {"5.1/6 DATA behind the end", Sees::Answer, answer() + f::data(1, "more")},
      {"5.1/7 HEADERS behind the end", Sees::Answer, answer() + f::headers(1, kOk)},
      {"5.1/8 RST_STREAM behind the end", Sees::Answer, answer() + f::reset(1, 0)},
      {"5.1/9 WINDOW_UPDATE behind the end", Sees::Answer, answer() + f::windowUpdate(1, 1)},
      {"5.1/10 PRIORITY behind the end", Sees::Answer, answer() + f::frame(f::kPriority, 0, 1, f::number(0) + "x")},
      {"5.1/11 DATA before the head", Sees::Refusal, f::data(1, "ok")},
      {"5.1.1/1 HEADERS on an even stream", Sees::Refusal, f::headers(2, kOk)},
      {"5.1.1/2 DATA on an even stream", Sees::Refusal, f::data(2, "x")},
      {"5.1.2/1 no stream is allowed from now on", Sees::Answer, f::setting(3, 0) + answer()},
      {"5.3.1/1 a stream that depends on itself", Sees::Refusal, f::frame(f::kPriority, 0, 1, f::number(1) + "x")},
      {"5.4.1/1 silence behind a wrong frame", Sees::Refusal, f::frame(f::kPing, 0, 0, "x")},
      {"5.4.2/1 RST_STREAM instead of an answer", Sees::Refusal, f::reset(1, 2)},
      {"5.4.2/2 RST_STREAM in the middle", Sees::Cut, begun() + f::reset(1, 2)},
      {"5.5/1 an unknown setting", Sees::Answer, f::setting(0x99, 7) + answer()},
      {"5.5/2 an unknown frame within a block", Sees::Refusal,
       raw(0, f::block(kOk)) + f::frame(0x16, 0, 0, "x") + f::frame(f::kContinuation, 4, 1, "")},
  };
}

// 6: each type of frame.
std::vector<Case> typeCases() {
  const std::string okBlock = f::block(kOk);
  return {
      {"6.1/1 DATA on stream 0", Sees::Refusal, f::data(0, "x")},
      {"6.1/2 padding longer than DATA", Sees::Cut, begun() + f::frame(f::kData, kPadded, 1, "\x09ok")},
      {"6.1/3 DATA with padding", Sees::Answer,
       begun() + f::frame(f::kData, kPadded | f::kEndStream, 1, std::string("\x02ok\0\0", 5))},
      {"6.2/1 HEADERS on stream 0", Sees::Refusal, f::headers(0, kOk)},
      {"6.2/2 padding longer than HEADERS", Sees::Refusal, raw(f::kEndHeaders | kPadded, "\xffx")},
      {"6.2/3 HEADERS with priority", Sees::Answer,
       raw(f::kEndHeaders | kPriorityFlag, f::number(0) + "x" + okBlock) + f::data(1, "ok")},
      {"6.2/4 HEADERS that depend on themselves", Sees::Answer,
       raw(f::kEndHeaders | kPriorityFlag, f::number(1) + "x" + okBlock) + f::data(1, "ok")},
      {"6.3/1 PRIORITY on stream 0", Sees::Refusal, f::frame(f::kPriority, 0, 0, f::number(1) + "x")},
      {"6.3/2 PRIORITY of 4 octets", Sees::Refusal, f::frame(f::kPriority, 0, 1, f::number(0))},
      {"6.4/1 RST_STREAM on stream 0", Sees::Refusal, f::reset(0)},
      {"6.4/2 RST_STREAM of 3 octets", Sees::Refusal, f::frame(f::kRstStream, 0, 1, "abc")},
      {"6.5/1 SETTINGS ACK with octets", Sees::Refusal, f::frame(f::kSettings, f::kAck, 0, "123456")},
      {"6.5/2 SETTINGS on a stream", Sees::Refusal, f::frame(f::kSettings, 0, 1, "")},
      {"6.5/3 SETTINGS of 5 octets", Sees::Refusal, f::frame(f::kSettings, 0, 0, "12345")},
      {"6.5.2/1 ENABLE_PUSH by a server", Sees::Refusal, f::setting(2, 1)},
      {"6.5.2/2 ENABLE_PUSH of 2", Sees::Refusal, f::setting(2, 2)},
      {"6.5.2/3 a window above the most", Sees::Refusal, f::setting(4, 0x80000000)},
      {"6.5.2/4 frames below the least", Sees::Refusal, f::setting(5, 16383)},
      {"6.5.2/5 frames above the most", Sees::Refusal, f::setting(5, 16777216)},
      {"6.5.2/6 extended CONNECT of 2", Sees::Refusal, f::setting(8, 2)},
      {"6.5.3/1 the same setting twice", Sees::Answer, f::setting(4, 1) + f::setting(4, 100) + answer()},
      {"6.6/1 PUSH_PROMISE", Sees::Refusal,
       f::frame(f::kPushPromise, f::kEndHeaders, 1, f::number(2) + f::block(f::getLines()))},
      {"6.6/2 PUSH_PROMISE on stream 0", Sees::Refusal,
       f::frame(f::kPushPromise, f::kEndHeaders, 0, f::number(2) + f::block(f::getLines()))},
      {"6.7/1 PING on a stream", Sees::Refusal, ping(0, 1)},
      {"6.7/2 PING of 7 octets", Sees::Refusal, ping(0, 0, "1234567")},
      {"6.7/3 an ACK that nobody waits for", Sees::Answer, ping(f::kAck) + answer()},
      {"6.8/1 GOAWAY on a stream", Sees::Refusal, f::frame(f::kGoAway, 0, 1, f::number(1) + f::number(0))},
      {"6.8/2 GOAWAY of 7 octets", Sees::Refusal, f::frame(f::kGoAway, 0, 0, "1234567")},
      {"6.8/3 GOAWAY, and the answer behind it", Sees::Answer, goAway(1) + answer()},
      {"6.8/4 GOAWAY that takes nothing", Sees::Refusal, goAway(0)},
      {"6.8/5 GOAWAY twice, the second for more", Sees::Refusal, goAway(1) + goAway(3)},
      {"6.8/6 GOAWAY with an error, and the answer", Sees::Answer, goAway(1, 2) + answer()},
      {"6.9/1 WINDOW_UPDATE of 0 on the connection", Sees::Refusal, f::windowUpdate(0, 0)},
      {"6.9/2 WINDOW_UPDATE of 0 on the stream", Sees::Refusal, f::windowUpdate(1, 0)},
      {"6.9/3 WINDOW_UPDATE of 3 octets", Sees::Refusal, f::frame(f::kWindowUpdate, 0, 0, "abc")},
      {"6.9.1/1 the connection's window overflows", Sees::Refusal, repeated(2, f::windowUpdate(0, 0x7fffffff))},
      {"6.9.1/2 the stream's window overflows", Sees::Refusal, repeated(2, f::windowUpdate(1, 0x7fffffff))},
      {"6.9.2/1 a window that shrinks below zero", Sees::Answer, f::setting(4, 0) + answer()},
      {"6.10/1 CONTINUATION behind a complete head", Sees::Cut,
       begun() + f::frame(f::kContinuation, f::kEndHeaders, 1, "")},
      {"6.10/2 CONTINUATION on stream 0", Sees::Refusal,
       raw(0, okBlock) + f::frame(f::kContinuation, f::kEndHeaders, 0, "")},
      {"6.10/3 CONTINUATION of another stream", Sees::Refusal,
       raw(0, okBlock) + f::frame(f::kContinuation, f::kEndHeaders, 3, "")},
      {"6.10/4 CONTINUATION behind DATA", Sees::Cut,
       begun() + f::data(1, "o", false) + f::frame(f::kContinuation, f::kEndHeaders, 1, "")},
      {"6.10/5 DATA within a block", Sees::Refusal, raw(0, okBlock) + f::data(1, "ok")},
      {"7/1 RST_STREAM with an unknown code", Sees::Refusal, f::reset(1, 0xff)},
      {"7/2 GOAWAY with an unknown code", Sees::Answer, goAway(1, 0xff) + answer()},
  };
}

// 8: what a message may look like.
std::vector<Case> messageCases() {
  return {
      {"8.1/1 a second HEADERS without an end", Sees::Cut, begun() + f::headers(1, {{"a", "b"}}, false)},
      {"8.1/2 DATA behind trailers", Sees::Answer,
       begun() + f::data(1, "ok", false) + f::headers(1, {{"a", "b"}}) + f::data(1, "more")},
      {"8.1/3 an end that comes with an interim answer", Sees::Refusal, f::headers(1, {{":status", "103"}})},
      {"8.1/4 interim answers, and then the answer", Sees::Answer,
       f::headers(1, {{":status", "103"}}, false) + answer()},
      {"8.1/5 interim answers without end", Sees::Refusal, repeated(99, f::headers(1, {{":status", "103"}}, false))},
      {"8.1/6 DATA between an interim answer and the answer", Sees::Refusal,
       f::headers(1, {{":status", "103"}}, false) + f::data(1, "ok")},
      {"8.1.1/1 less content than its length", Sees::Cut, head({{"content-length", "3"}}) + f::data(1, "ok")},
      {"8.1.1/2 more content than its length", Sees::Cut, head({{"content-length", "1"}}) + f::data(1, "ok")},
      {"8.1.1/3 no content, though there is a length", Sees::Refusal, head({{"content-length", "2"}}, true)},
      {"8.1.1/4 trailers before the length is reached", Sees::Cut,
       head({{"content-length", "9"}}) + f::data(1, "ok", false) + f::headers(1, {{"a", "b"}})},
      {"8.1.1/5 two lengths", Sees::Refusal,
       head({{"content-length", "2"}, {"content-length", "3"}}) + f::data(1, "ok")},
      {"8.1.1/6 a length that is no number", Sees::Refusal, head({{"content-length", "0x2"}}) + f::data(1, "ok")},
      {"8.1.1/7 a length below zero", Sees::Refusal, head({{"content-length", "-1"}}) + f::data(1, "ok")},
      {"8.1.1/8 a length beyond all numbers", Sees::Refusal,
       head({{"content-length", "99999999999999999999999"}}) + f::data(1, "ok")},
      {"8.2/1 a name in upper case", Sees::Refusal, head({{"X-Own", "1"}})},
      {"8.2/2 a name with a space", Sees::Refusal, head({{"x own", "1"}})},
      {"8.2/3 a name with a colon", Sees::Refusal, head({{"x:own", "1"}})},
      {"8.2/4 an empty name", Sees::Refusal, head({{"", "1"}})},
      {"8.2/5 a line feed in a name", Sees::Refusal, head({{"x\nown", "1"}})},
      {"8.2/6 a line feed in a value", Sees::Refusal, head({{"x-own", "1\nset-cookie: a=b"}})},
      {"8.2/7 a carriage return in a value", Sees::Refusal, head({{"x-own", "1\r2"}})},
      {"8.2/8 NUL in a value", Sees::Refusal, head({{"x-own", std::string("1\0002", 3)}})},
      {"8.2/9 a value that begins with a space", Sees::Refusal, head({{"x-own", " 1"}})},
      {"8.2/10 a value that ends with a tab", Sees::Refusal, head({{"x-own", "1\t"}})},
      {"8.2/11 a name above ASCII", Sees::Refusal, head({{"x-\xc3\xa9", "1"}})},
      {"8.2.2/1 connection", Sees::Refusal, head({{"connection", "keep-alive"}})},
      {"8.2.2/2 keep-alive", Sees::Refusal, head({{"keep-alive", "timeout=9"}})},
      {"8.2.2/3 proxy-connection", Sees::Refusal, head({{"proxy-connection", "close"}})},
      {"8.2.2/4 transfer-encoding", Sees::Refusal, head({{"transfer-encoding", "chunked"}}) + f::data(1, "ok")},
      {"8.2.2/5 upgrade", Sees::Refusal, head({{"upgrade", "websocket"}})},
      {"8.2.2/6 te other than trailers", Sees::Refusal, head({{"te", "gzip"}})},
      {"8.3/1 an unknown pseudo field", Sees::Refusal, f::headers(1, {{":status", "200"}, {":own", "1"}})},
      {"8.3/2 a pseudo field of requests", Sees::Refusal, f::headers(1, {{":status", "200"}, {":path", "/"}})},
      {"8.3/3 a pseudo field in trailers", Sees::Cut,
       head({}) + f::data(1, "ok", false) + f::headers(1, {{":status", "200"}})},
      {"8.3/4 a pseudo field behind others", Sees::Refusal, f::headers(1, {{"a", "b"}, {":status", "200"}})},
      {"8.3.2/1 no :status", Sees::Refusal, f::headers(1, {{"a", "b"}})},
      {"8.3.2/2 two of them", Sees::Refusal, f::headers(1, {{":status", "200"}, {":status", "200"}})},
      {"8.3.2/3 one that is empty", Sees::Refusal, f::headers(1, {{":status", ""}})},
      {"8.3.2/4 one of two digits", Sees::Refusal, f::headers(1, {{":status", "20"}})},
      {"8.3.2/5 one of four digits", Sees::Refusal, f::headers(1, {{":status", "0200"}})},
      {"8.3.2/6 one with a phrase", Sees::Refusal, f::headers(1, {{":status", "200 OK"}})},
      {"8.3.2/7 one below 100", Sees::Refusal, f::headers(1, {{":status", "099"}})},
      {"8.3.2/8 one above 599", Sees::Refusal, f::headers(1, {{":status", "600"}})},
      {"8.4/1 a pushed answer", Sees::Refusal, f::headers(2, kOk)},
      {"8.6/1 101", Sees::Refusal, f::headers(1, {{":status", "101"}}, false)},
      {"RFC 9110 15.3.5/1 204 with content", Sees::Bodiless,
       f::headers(1, {{":status", "204"}}, false) + f::data(1, "ok")},
      {"RFC 9110 15.4.5/1 304 with content", Sees::Bodiless,
       f::headers(1, {{":status", "304"}}, false) + f::data(1, "ok")},
      {"RFC 9110 6.5.1/1 a length in trailers", Sees::Cut,
       head({}) + f::data(1, "ok", false) + f::headers(1, {{"content-length", "2"}})},
  };
}

// 10.5 and RFC 7541: too much of something.
std::vector<Case> excessCases() {
  const std::string okBlock = f::block(kOk);
  const std::string bomb =
      f::block({{":status", "200"}}) + "\x40" + f::hpackLength(1) + "a" + f::hpackLength(4000) + std::string(4000, 'x');
  return {
      {"10.5/1 PING without end", Sees::Refusal, repeated(2000, ping())},
      {"10.5/2 SETTINGS without end", Sees::Refusal, repeated(2000, settings())},
      {"10.5/3 empty DATA without end", Sees::Cut, begun() + repeated(2000, f::data(1, "", false))},
      {"10.5/4 WINDOW_UPDATE without end", Sees::Refusal, repeated(5000, f::windowUpdate(0, 1))},
      {"10.5/5 PRIORITY without end", Sees::Refusal, repeated(2000, f::frame(f::kPriority, 0, 1, f::number(3) + "x"))},
      {"10.5/6 unknown frames without end", Sees::Refusal, repeated(2000, f::frame(0x16, 0, 0, "x"))},
      {"10.5/7 RST_STREAM without end", Sees::Refusal, repeated(2000, f::reset(1))},
      {"10.5.1/1 CONTINUATION without end", Sees::Refusal,
       raw(0, okBlock) + repeated(2000, f::frame(f::kContinuation, 0, 1, f::block({{"a", "b"}})))},
      {"10.5.1/2 empty CONTINUATION without end", Sees::Refusal,
       raw(0, okBlock) + repeated(2000, f::frame(f::kContinuation, 0, 1, ""))},
      {"10.5.1/3 more fields than the limit", Sees::Refusal, head(f::Lines(201, {"a", "b"}))},
      {"10.5.1/4 a head larger than the limit", Sees::Refusal,
       raw(0, f::block({{":status", "200"}})) +
           repeated(5, f::frame(f::kContinuation, 0, 1, f::block({{"a", std::string(15'000, 'x')}}))) +
           f::frame(f::kContinuation, f::kEndHeaders, 1, "")},
      {"RFC 7541 7/1 a head that unpacks without end", Sees::Refusal,
       raw(f::kEndHeaders, bomb + std::string(10'000, '\xbe'))},
      {"RFC 7541 2.3.3/1 an index beyond the table", Sees::Refusal, raw(f::kEndHeaders, "\xc6")},
      {"RFC 7541 4.2/1 a table that grows beyond our limit", Sees::Refusal,
       raw(f::kEndHeaders, "\x3f\xe1\xff\x03" + okBlock)},
      {"RFC 7541 4.2/2 a table that changes in the middle", Sees::Refusal, raw(f::kEndHeaders, okBlock + "\x20")},
      {"RFC 7541 5.2/1 padding of ones that is too long", Sees::Refusal,
       raw(f::kEndHeaders, std::string("\x00\x85\xf2\xb2\x4a\x84\xff\x84\x49\x50\x9f\xff", 12))},
      {"RFC 7541 6.1/1 the index 0", Sees::Refusal, raw(f::kEndHeaders, "\x80")},
      {"RFC 7541 6.3/1 a block that is cut", Sees::Refusal, raw(f::kEndHeaders, okBlock.substr(0, okBlock.size() - 1))},
  };
}

void run(const Case& bad) {
  SCOPED_TRACE(bad.name);
  World world;
  auto& shop = world.h2Peer("shop");
  if (!bad.greeting.empty()) shop.greets(bad.greeting);
  shop.answers([&](H2Peer::Request& request) { H2Peer::send(request, bad.octets); });
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: once}}\n"
      "policies: {once: {retry: {limit: 0}, breaker: none, eject: none, timeout: {request: 10s, attempt: none}}}");
  Client& client = sidecar.connect();
  client.ask("GET", "shop");
  world.runUntil([&] { return client.complete() > 0 || client.closed(); }, 5s);
  const test::SeenResponse seen = client.responses().empty() ? test::SeenResponse{} : client.responses().front();
  switch (bad.sees) {
    case Sees::Answer:
      EXPECT_EQ(seen.status, 200);
      EXPECT_TRUE(seen.complete);
      EXPECT_TRUE(seen.body == "ok" || seen.body.size() == 16384) << seen.body;
      break;
    case Sees::Refusal:
      EXPECT_EQ(seen.status, 502);
      EXPECT_TRUE(seen.complete);
      EXPECT_TRUE(seen.reason() == "upstream-malformed" || seen.reason() == "upstream-reset") << seen.reason();
      break;
    case Sees::Bodiless:
      EXPECT_TRUE(seen.status == 204 || seen.status == 304);
      EXPECT_TRUE(seen.complete);
      EXPECT_EQ(seen.body, "");
      break;
    case Sees::Cut:
      EXPECT_TRUE(client.closed());
      EXPECT_FALSE(seen.complete && seen.status == 200);
      break;
  }
  // It is over what that server did, and nothing of it is left.
  world.run(1s);
  EXPECT_EQ(sidecar.series("shop").connectionsActive.value(), 0);
  shop.greets(settings()).answers(nullptr);
  EXPECT_EQ(sidecar.get("shop", "/next").status, 200);
}

void runAll(const std::vector<Case>& cases) {
  for (const Case& bad : cases) run(bad);
}

TEST(H2Twin, Frames) {
  runAll(frameCases());
}
TEST(H2Twin, Streams) {
  runAll(streamCases());
}
TEST(H2Twin, FrameTypes) {
  runAll(typeCases());
}
TEST(H2Twin, Messages) {
  runAll(messageCases());
}
TEST(H2Twin, Excess) {
  runAll(excessCases());
}
TEST(H2Twin, ThereIsACaseForEachSection) {
  EXPECT_GE(
      frameCases().size() + streamCases().size() + typeCases().size() + messageCases().size() + excessCases().size(),
      80U);
}

}  // namespace
}  // namespace outrigger::sim
