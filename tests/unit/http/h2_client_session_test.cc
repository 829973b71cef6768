#include "proxy/http/h2/client_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "proxy/http/h2/settings.h"
#include "tests/support/h2_frames.h"
#include "tests/support/recording_transport.h"

namespace outrigger::http::h2 {
namespace {

namespace f = testing::h2;

/// Keeps what it was told, one word for each event.
class SeenStream final : public ClientStream {
 public:
  void onInterim(ResponseHead& head) override { say("interim " + std::to_string(head.status)); }
  void onResponseHead(ResponseHead& head) override {
    say("head " + std::to_string(head.status));
    body = head.body;
    upgraded = head.upgraded;
    for (const Field& field : head.fields) fields += std::string(field.name) + "=" + std::string(field.value) + ";";
  }
  void onBody(Bytes data) override { say("body " + std::string(data)); }
  void onResponseEnd(FieldList trailers) override {
    std::string text = "end";
    for (const Field& field : trailers) text += " " + std::string(field.name) + "=" + std::string(field.value);
    say(text);
  }
  void onFailed(const Error& why, bool isNeutral) override {
    error = why;
    neutral = isNeutral;
    const bool malformed = why.reason == Reason::UpstreamMalformed;
    say(malformed ? "malformed" : why.unsent ? "unsent" : "reset");
  }
  void onDrained() override { ++drained; }

  std::string events;
  std::string fields;
  BodyFraming body;
  Error error;
  bool neutral = false;
  bool upgraded = false;
  int drained = 0;

 private:
  void say(const std::string& word) { events += events.empty() ? word : ", " + word; }
};

class Session : public ::testing::Test, protected ClientSessionEvents {
 protected:
  Session() { write(); }

  void write() {
    session_.write(out_);
    input_ += std::exchange(transport_.written, {});
    if (!prefaceSeen_ && input_.size() >= kPrefaceSize) {
      EXPECT_EQ(input_.substr(0, kPrefaceSize), kPreface);
      input_.erase(0, kPrefaceSize);
      prefaceSeen_ = true;
    }
    for (f::Read& frame : f::takeFrames(input_)) frames_.push_back(std::move(frame));
  }
  void feed(const std::string& octets) {
    session_.feed(octets, turn_.now);
    write();
  }
  void greet() { feed(f::frame(f::kSettings, 0, 0, "")); }

  SeenStream& ask(RequestHead head, std::span<const Field> more = {}) {
    streams_.push_back(std::make_unique<SeenStream>());
    session_.open(*streams_.back(), head, more);
    write();
    return *streams_.back();
  }
  static RequestHead head(Method method = Method::Get) {
    RequestHead request;
    request.method = method;
    request.methodText = methodName(method);
    request.authority = "shop";
    request.path = "/a";
    return request;
  }
  SeenStream& get() { return ask(head()); }
  SeenStream& post() {
    RequestHead request = head(Method::Post);
    request.body = BodyFraming::chunked();
    return ask(request);
  }

  /// The code of the last RST_STREAM or GOAWAY; -1: there was none.
  int64_t lastCode(uint8_t type) const {
    int64_t code = -1;
    for (const f::Read& frame : frames_) {
      if (frame.type == type) code = f::numberAt(frame.payload, type == f::kGoAway ? 4 : 0, 4);
    }
    return code;
  }
  size_t count(uint8_t type) const { return static_cast<size_t>(std::ranges::count(frames_, type, &f::Read::type)); }

  void onGreeted() override {}
  void onStreamGone() override {}
  void onGuard(Guard guard) override { guards_ += std::string(kGuardWords[static_cast<size_t>(guard)]) + ";"; }

  Turn turn_{Instant(1h), WallTime(), 1};
  testing::RecordingTransport transport_;
  WriteQueue out_{turn_, transport_};
  Workbench bench_;
  ClientSession session_{bench_, *this, turn_.now, false};
  std::vector<std::unique_ptr<SeenStream>> streams_;
  std::string input_;
  std::vector<f::Read> frames_;
  bool prefaceSeen_ = false;
  std::string guards_;
};

// ---- Answers

struct AnswerRow {
  const char* name;
  std::string octets;
  std::string events;
  Method method = Method::Get;
};

std::vector<AnswerRow> answerRows() {
  const f::Lines ok{{":status", "200"}};
  const auto with = [](f::Lines more) {
    more.insert(more.begin(), {":status", "200"});
    return more;
  };
  return {
      {"plain", f::headers(1, ok, false) + f::data(1, "hi"), "head 200, body hi, end"},
      {"empty", f::headers(1, ok), "head 200, end"},
      {"interim", f::headers(1, {{":status", "103"}}, false) + f::headers(1, ok), "interim 103, head 200, end"},
      {"trailers", f::headers(1, ok, false) + f::data(1, "x", false) + f::headers(1, {{"grpc-status", "0"}}),
       "head 200, body x, end grpc-status=0"},
      {"length", f::headers(1, with({{"content-length", "2"}}), false) + f::data(1, "hi"), "head 200, body hi, end"},
      {"length to HEAD", f::headers(1, with({{"content-length", "2"}})), "head 200, end", Method::Head},
      {"length in 304", f::headers(1, {{":status", "304"}, {"content-length", "2"}}), "head 304, end"},
      {"204", f::headers(1, {{":status", "204"}}), "head 204, end"},
      {"no status", f::headers(1, {{"a", "b"}}), "malformed"},
      {"status of two digits", f::headers(1, {{":status", "20"}}), "malformed"},
      {"status of four digits", f::headers(1, {{":status", "2000"}}), "malformed"},
      {"status of letters", f::headers(1, {{":status", "2x0"}}), "malformed"},
      {"status 600", f::headers(1, {{":status", "600"}}), "malformed"},
      {"status 099", f::headers(1, {{":status", "099"}}), "malformed"},
      {"status twice", f::headers(1, {{":status", "200"}, {":status", "200"}}), "malformed"},
      {"status behind a field", f::headers(1, {{"a", "b"}, {":status", "200"}}), "malformed"},
      {"101", f::headers(1, {{":status", "101"}}, false), "malformed"},
      {"request pseudo", f::headers(1, with({{":path", "/"}})), "malformed"},
      {"unknown pseudo", f::headers(1, {{":status", "200"}, {":x", "1"}}), "malformed"},
      {"upper case", f::headers(1, with({{"Server", "x"}})), "malformed"},
      {"connection", f::headers(1, with({{"connection", "close"}})), "malformed"},
      {"keep-alive", f::headers(1, with({{"keep-alive", "timeout=3"}})), "malformed"},
      {"proxy-connection", f::headers(1, with({{"proxy-connection", "close"}})), "malformed"},
      {"transfer-encoding", f::headers(1, with({{"transfer-encoding", "chunked"}})), "malformed"},
      {"upgrade", f::headers(1, with({{"upgrade", "h2c"}})), "malformed"},
      {"line feed in a value", f::headers(1, with({{"a", "x\ny"}})), "malformed"},
      {"carriage return in a value", f::headers(1, with({{"a", "x\ry"}})), "malformed"},
      {"NUL in a value", f::headers(1, with({{"a", std::string("x\0y", 3)}})), "malformed"},
      {"colon in a name", f::headers(1, with({{"a:b", "x"}})), "malformed"},
      {"empty name", f::headers(1, with({{"", "x"}})), "malformed"},
      {"too many fields", f::headers(1, with(f::Lines(201, {"a", "b"}))), "malformed"},
      {"too much content", f::headers(1, with({{"content-length", "1"}}), false) + f::data(1, "hi"),
       "head 200, malformed"},
      {"too little content", f::headers(1, with({{"content-length", "3"}}), false) + f::data(1, "hi"),
       "head 200, body hi, malformed"},
      {"length without content", f::headers(1, with({{"content-length", "3"}})), "malformed"},
      {"length twice", f::headers(1, with({{"content-length", "2"}, {"content-length", "2"}}), false), "malformed"},
      {"length with a sign", f::headers(1, with({{"content-length", "+2"}}), false), "malformed"},
      {"length in a list", f::headers(1, with({{"content-length", "2, 2"}}), false), "malformed"},
      {"content to HEAD", f::headers(1, ok, false) + f::data(1, "hi"), "head 200, malformed", Method::Head},
      {"content in 204", f::headers(1, {{":status", "204"}}, false) + f::data(1, "hi"), "head 204, malformed"},
      {"content in 304", f::headers(1, {{":status", "304"}}, false) + f::data(1, "hi"), "head 304, malformed"},
      {"length in 204", f::headers(1, {{":status", "204"}, {"content-length", "2"}}), "malformed"},
      {"interim that ends", f::headers(1, {{":status", "100"}}), "malformed"},
      {"interim with a length", f::headers(1, {{":status", "103"}, {"content-length", "2"}}, false), "malformed"},
      {"second head", f::headers(1, ok, false) + f::headers(1, ok, false), "head 200, malformed"},
      {"trailers that do not end", f::headers(1, ok, false) + f::headers(1, {{"a", "b"}}, false),
       "head 200, malformed"},
      {"pseudo in trailers", f::headers(1, ok, false) + f::headers(1, {{":status", "200"}}), "head 200, malformed"},
      {"forbidden trailer", f::headers(1, ok, false) + f::headers(1, {{"content-length", "0"}}), "head 200, malformed"},
      {"trailers too early for the length",
       f::headers(1, with({{"content-length", "3"}}), false) + f::headers(1, {{"a", "b"}}), "head 200, malformed"},
  };
}

TEST_F(Session, AnswersAreReadStrictly) {
  for (const AnswerRow& row : answerRows()) {
    SCOPED_TRACE(row.name);
    Workbench bench;
    ClientSession session(bench, *this, turn_.now, false);
    SeenStream stream;
    session.open(stream, head(row.method), {});
    session.write(out_);
    session.feed(f::frame(f::kSettings, 0, 0, "") + row.octets, turn_.now);
    session.write(out_);
    EXPECT_EQ(stream.events, row.events);
    EXPECT_FALSE(session.failure()) << session.failure()->detail;  // the other streams are not harmed
    EXPECT_EQ(session.streams(), 0U);
  }
}

TEST_F(Session, HowTheOctetsFallIntoReadsMakesNoDifference) {
  for (const AnswerRow& row : answerRows()) {
    SCOPED_TRACE(row.name);
    Workbench bench;
    ClientSession session(bench, *this, turn_.now, false);
    SeenStream stream;
    session.open(stream, head(row.method), {});
    session.write(out_);
    for (const char octet : f::frame(f::kSettings, 0, 0, "") + row.octets) session.feed(Bytes(&octet, 1), turn_.now);
    std::string joined = stream.events;  // content comes in pieces
    for (size_t at = joined.find("body h, body i"); at != std::string::npos; at = joined.find("body h, body i")) {
      joined.replace(at, 14, "body hi");
    }
    if (row.events == "head 200, malformed" && joined == "head 200, body h, malformed") joined = row.events;
    EXPECT_EQ(joined, row.events);
  }
}

TEST_F(Session, TheBodyIsFramedAsFarAsItIsKnown) {
  greet();
  SeenStream& known = get();
  SeenStream& unknown = get();
  SeenStream& none = get();
  feed(f::headers(1, {{":status", "200"}, {"content-length", "5"}}, false) +
       f::headers(3, {{":status", "200"}}, false) + f::headers(5, {{":status", "200"}}));
  EXPECT_EQ(known.body.kind, BodyFraming::Kind::Length);
  EXPECT_EQ(known.body.length, 5U);
  EXPECT_EQ(unknown.body.kind, BodyFraming::Kind::Chunked);
  EXPECT_EQ(none.body.kind, BodyFraming::Kind::None);
}

TEST_F(Session, ManyInterimAnswersAreTooMany) {
  greet();
  SeenStream& stream = get();
  for (int i = 0; i < 32; ++i) feed(f::headers(1, {{":status", "103"}}, false));
  EXPECT_EQ(stream.events.find("malformed"), std::string::npos);
  feed(f::headers(1, {{":status", "103"}}, false));
  EXPECT_TRUE(stream.events.ends_with("malformed"));
}

// ---- Requests

TEST_F(Session, SaysWhatItIs) {
  ASSERT_GE(frames_.size(), 2U);
  EXPECT_EQ(frames_[0].type, f::kSettings);
  EXPECT_EQ(frames_[0].payload.substr(0, 6), f::number(2, 2) + f::number(0));  // ENABLE_PUSH = 0
  EXPECT_EQ(frames_[1].type, f::kWindowUpdate);
}

TEST_F(Session, ContentWaitsForItsStreamAndEnds) {
  greet();
  SeenStream& stream = post();
  EXPECT_EQ(count(f::kData), 0U);
  session_.append(stream, "hello");
  EXPECT_EQ(stream.queued(), 5U);
  write();
  EXPECT_EQ(stream.queued(), 0U);
  EXPECT_EQ(frames_.back().payload, "hello");
  EXPECT_EQ(frames_.back().flags, 0);
  session_.finish(stream, {});
  write();
  EXPECT_EQ(frames_.back().type, f::kData);
  EXPECT_EQ(frames_.back().flags, f::kEndStream);
}

TEST_F(Session, TrailersEndTheRequest) {
  greet();
  SeenStream& stream = post();
  session_.append(stream, "hello");
  std::array<Field, 2> storage;
  FieldList trailers(storage);
  trailers.add(Header::Other, "X-Sum", "7");
  trailers.add(Header::ContentLength, "5");  // never passes
  session_.finish(stream, trailers);
  write();
  ASSERT_GE(frames_.size(), 2U);
  EXPECT_EQ(frames_[frames_.size() - 2].payload, "hello");
  EXPECT_EQ(frames_.back().type, f::kHeaders);
  EXPECT_EQ(frames_.back().flags, f::kEndStream | f::kEndHeaders);
}

TEST_F(Session, ContentBeyondTheWindowIsKept) {
  greet();
  SeenStream& stream = post();
  const std::string body(100'000, 'x');
  session_.append(stream, body);
  write();
  EXPECT_EQ(stream.queued(), body.size() - 65535);
  EXPECT_EQ(stream.drained, 0);
  feed(f::windowUpdate(0, 100'000) + f::windowUpdate(1, 100'000));
  EXPECT_EQ(stream.queued(), 0U);
  EXPECT_EQ(stream.drained, 1);
  size_t sent = 0;
  for (const f::Read& frame : frames_) {
    if (frame.type == f::kData) sent += frame.payload.size();
  }
  EXPECT_EQ(sent, body.size());
}

TEST_F(Session, WhatThePeerDoesNotTakeStaysWithTheStreams) {
  greet();
  feed(f::windowUpdate(0, 10'000'000));
  SeenStream& stream = post();
  feed(f::windowUpdate(1, 10'000'000));
  transport_.stuck = kHighWater + 1;
  const std::string body(200'000, 'x');
  session_.append(stream, body);
  write();
  EXPECT_EQ(stream.queued(), 200'000U);
  transport_.stuck = 0;
  write();
  EXPECT_EQ(stream.queued(), 0U);
}

TEST_F(Session, AnsweredBeforeTheRequestIsComplete) {
  greet();
  SeenStream& stream = post();
  feed(f::headers(1, {{":status", "413"}}));
  EXPECT_EQ(stream.events, "head 413, end");
  EXPECT_EQ(lastCode(f::kRstStream), 8);
}

TEST_F(Session, ACancelledStreamIsTakenBack) {
  greet();
  SeenStream& stream = get();
  session_.cancel(stream);
  write();
  EXPECT_EQ(lastCode(f::kRstStream), 8);
  feed(f::headers(1, {{":status", "200"}}));
  EXPECT_EQ(stream.events, "");
  EXPECT_FALSE(session_.failure());
}

TEST_F(Session, WhatIsCancelledBeforeItWasWrittenIsNeverSeen) {
  greet();
  SeenStream stream;
  session_.open(stream, head(), {});
  session_.cancel(stream);
  write();
  EXPECT_FALSE(stream.handedOver());
  EXPECT_EQ(count(f::kHeaders), 0U);
}

TEST_F(Session, APausedStreamGetsNoMoreThanItsWindow) {
  greet();
  SeenStream& paused = get();
  SeenStream& other = get();
  session_.pause(paused);
  feed(f::frame(f::kSettings, f::kAck, 0, ""));  // our window holds from now on
  const std::string piece(16'000, 'x');
  feed(f::headers(1, {{":status", "200"}}, false) + f::headers(3, {{":status", "200"}}, false));
  for (int i = 0; i < 8; ++i) feed(f::data(1, piece, false));
  for (const f::Read& frame : frames_) {
    EXPECT_TRUE(frame.type != f::kWindowUpdate || frame.stream == 0);
  }
  feed(f::data(3, "hi"));
  EXPECT_TRUE(other.events.ends_with("end"));
  session_.resume(paused);
  write();
  EXPECT_EQ(frames_.back().type, f::kWindowUpdate);
  EXPECT_EQ(frames_.back().stream, 1U);
}

// ---- Ends

TEST_F(Session, ARefusedStreamIsUnsent) {
  greet();
  SeenStream& stream = get();
  feed(f::reset(1, 7));
  EXPECT_EQ(stream.events, "unsent");
  EXPECT_FALSE(stream.neutral);
}

TEST_F(Session, RefusedBeforeItsLimitsWereKnownSaysNothingOfThePeer) {
  SeenStream& stream = get();
  greet();
  feed(f::reset(1, 7));
  EXPECT_EQ(stream.events, "unsent");
  EXPECT_TRUE(stream.neutral);
}

TEST_F(Session, OtherResetsAreNot) {
  for (const uint32_t code : {0U, 1U, 2U, 8U, 11U}) {
    Workbench bench;
    ClientSession session(bench, *this, turn_.now, false);
    SeenStream stream;
    session.open(stream, head(), {});
    session.write(out_);
    session.feed(f::frame(f::kSettings, 0, 0, "") + f::reset(1, code), turn_.now);
    EXPECT_EQ(stream.events, "reset") << code;
  }
}

TEST_F(Session, ARefusalBehindTheHeadIsAReset) {
  greet();
  SeenStream& stream = get();
  feed(f::headers(1, {{":status", "200"}}, false) + f::reset(1, 7));
  EXPECT_EQ(stream.events, "head 200, reset");
}

TEST_F(Session, GoAwayTellsWhatWasNotTaken) {
  greet();
  SeenStream& taken = get();
  SeenStream& notTaken = get();
  feed(f::frame(f::kGoAway, 0, 0, f::number(1) + f::number(0)));
  EXPECT_EQ(taken.events, "");
  EXPECT_EQ(notTaken.events, "unsent");
  EXPECT_TRUE(notTaken.neutral);
  EXPECT_FALSE(session_.takesStreams());
  feed(f::headers(1, {{":status", "200"}}));
  EXPECT_EQ(taken.events, "head 200, end");
}

TEST_F(Session, ALostConnectionFailsAllButWhatWasNotSent) {
  greet();
  SeenStream& sent = get();
  SeenStream unsent;
  session_.open(unsent, head(), {});
  session_.lose(upstreamError(Reason::UpstreamReset, "lost"));
  EXPECT_EQ(sent.events, "reset");
  EXPECT_EQ(unsent.events, "unsent");
  EXPECT_EQ(session_.streams(), 0U);
}

TEST_F(Session, RoomFollowsThePeersLimit) {
  EXPECT_EQ(session_.room(), 100U);
  feed(f::setting(3, 2));
  EXPECT_EQ(session_.room(), 2U);
  get();
  SeenStream& second = get();
  EXPECT_EQ(session_.room(), 0U);
  session_.cancel(second);
  EXPECT_EQ(session_.room(), 1U);
  feed(f::setting(3, 1'000'000));
  EXPECT_EQ(session_.room(), 99U);
}

TEST_F(Session, AnAnswerInHttp1IsUnderstoodAsSuch) {
  SeenStream& stream = get();
  session_.feed("HTTP/1.1 400 Bad Request\r\n\r\n", turn_.now);
  EXPECT_TRUE(session_.speaksHttp1());
  ASSERT_TRUE(session_.failure());
  session_.lose(*session_.failure());
  EXPECT_TRUE(stream.error.unsent);
}

// ---- What breaks the connection

struct BrokenRow {
  const char* name;
  std::string octets;
  int64_t code;
};

TEST_F(Session, ABrokenConnectionSaysWhy) {
  const std::string settings = f::frame(f::kSettings, 0, 0, "");
  const std::vector<BrokenRow> rows{
      {"no SETTINGS first", f::frame(f::kPing, 0, 0, "12345678"), 1},
      {"a push", settings + f::frame(f::kPushPromise, f::kEndHeaders, 1, f::number(2) + f::block(f::getLines())), 1},
      {"content before the head", settings + f::data(1, "hi", false), 1},
      {"the end before the head", settings + f::data(1, ""), 1},
      {"DATA on stream 0", settings + f::data(0, "x"), 1},
      {"HEADERS on stream 0", settings + f::headers(0, {{":status", "200"}}), 1},
      {"HEADERS on an even stream", settings + f::headers(2, {{":status", "200"}}), 1},
      {"DATA on an idle stream", settings + f::data(9, "x"), 1},
      {"RST_STREAM on an idle stream", settings + f::reset(9), 1},
      {"WINDOW_UPDATE on an idle stream", settings + f::windowUpdate(9, 1), 1},
      {"RST_STREAM on stream 0", settings + f::reset(0), 1},
      {"RST_STREAM of 3 octets", settings + f::frame(f::kRstStream, 0, 1, "abc"), 6},
      {"SETTINGS on a stream", settings + f::frame(f::kSettings, 0, 1, ""), 1},
      {"SETTINGS of 3 octets", settings + f::frame(f::kSettings, 0, 0, "abc"), 6},
      {"SETTINGS ACK with octets", settings + f::frame(f::kSettings, f::kAck, 0, "abcdef"), 6},
      {"ENABLE_PUSH by a server", settings + f::setting(2, 1), 1},
      {"a window too large", settings + f::setting(4, 0x80000000), 3},
      {"frames too small", settings + f::setting(5, 100), 1},
      {"PING of 7 octets", settings + f::frame(f::kPing, 0, 0, "1234567"), 6},
      {"PING on a stream", settings + f::frame(f::kPing, 0, 1, "12345678"), 1},
      {"GOAWAY on a stream", settings + f::frame(f::kGoAway, 0, 1, f::number(0) + f::number(0)), 1},
      {"GOAWAY that grows",
       settings + f::frame(f::kGoAway, 0, 0, f::number(1) + f::number(0)) +
           f::frame(f::kGoAway, 0, 0, f::number(3) + f::number(0)),
       1},
      {"WINDOW_UPDATE of 0 on the connection", settings + f::windowUpdate(0, 0), 1},
      {"WINDOW_UPDATE beyond the most", settings + f::windowUpdate(0, 0x7fffffff), 3},
      {"CONTINUATION without a head", settings + f::frame(f::kContinuation, f::kEndHeaders, 1, ""), 1},
      {"something between HEADERS and CONTINUATION",
       settings + f::frame(f::kHeaders, 0, 1, f::block({{":status", "200"}})) + f::frame(f::kPing, 0, 0, "12345678"),
       1},
      {"a frame too large", settings + f::frame(f::kData, 0, 1, std::string(16385, 'x')), 6},
      {"HPACK that refers to nothing", settings + f::frame(f::kHeaders, f::kEndHeaders, 1, "\xff\xff\x03"), 9},
      {"DATA with too much padding",
       settings + f::frame(f::kData, 0x8, 1,
                           std::string("\x05"
                                       "abc")),
       1},
      {"octets of something else", std::string("\x00\x00\x00 nonsense that goes on and on", 32), 1},
  };
  for (const BrokenRow& row : rows) {
    SCOPED_TRACE(row.name);
    Workbench bench;
    ClientSession session(bench, *this, turn_.now, false);
    SeenStream stream;
    session.open(stream, head(), {});
    session.write(out_);
    std::exchange(transport_.written, {});
    session.feed(row.octets, turn_.now);
    session.write(out_);
    EXPECT_TRUE(session.failure());
    std::string written = std::exchange(transport_.written, {});
    int64_t code = -1;
    for (const f::Read& frame : f::takeFrames(written)) {
      if (frame.type == f::kGoAway) code = f::numberAt(frame.payload, 4, 4);
    }
    EXPECT_EQ(code, row.code);
    if (session.failure()) session.lose(*session.failure());
    EXPECT_EQ(stream.events, "malformed");
    EXPECT_FALSE(stream.error.unsent);
  }
}

TEST_F(Session, FloodsEndTheConnection) {
  struct Flood {
    const char* guard;
    std::string octets;
  };
  const std::vector<Flood> floods{
      {"ping", f::frame(f::kPing, 0, 0, "12345678")},
      {"settings", f::frame(f::kSettings, 0, 0, "")},
      {"empty-frame", f::data(1, "", false)},
      {"window-update", f::windowUpdate(1, 1)},
      {"priority", f::frame(f::kPriority, 0, 1, f::number(3) + "x")},
      {"other-frame", f::frame(77, 0, 0, "x")},
  };
  for (const Flood& flood : floods) {
    SCOPED_TRACE(flood.guard);
    guards_.clear();
    Workbench bench;
    ClientSession session(bench, *this, turn_.now, false);
    SeenStream stream;
    session.open(stream, head(), {});
    session.write(out_);
    session.feed(f::frame(f::kSettings, 0, 0, "") + f::headers(1, {{":status", "200"}}, false), turn_.now);
    for (int i = 0; i < 3000 && !session.failure(); ++i) {
      session.write(out_);
      session.feed(flood.octets, turn_.now);
    }
    EXPECT_EQ(guards_, std::string(flood.guard) + ";");
  }
}

TEST_F(Session, AHeadThatUnpacksWithoutEndEndsTheConnection) {
  greet();
  get();
  // One entry of 4,000 octets in the dynamic table, and then one octet for each time it is used.
  std::string block = f::block({{":status", "200"}});
  block += '\x40';
  block += f::hpackLength(1) + "a" + f::hpackLength(4000) + std::string(4000, 'x');
  block += std::string(10'000, '\xbe');
  feed(f::frame(f::kHeaders, f::kEndHeaders, 1, block));
  EXPECT_EQ(guards_, "header-block;");
  EXPECT_TRUE(session_.failure());
  EXPECT_EQ(lastCode(f::kGoAway), 11);
}

// ---- Upgrades

TEST_F(Session, AnUpgradeWaitsForThePeersWord) {
  RequestHead request = head();
  request.upgrade = "websocket";
  SeenStream& stream = ask(request);
  EXPECT_EQ(count(f::kHeaders), 0U);
  feed(f::setting(8, 1));
  EXPECT_EQ(count(f::kHeaders), 1U);
  session_.append(stream, "ping");
  write();
  EXPECT_EQ(frames_.back().payload, "ping");
  feed(f::headers(1, {{":status", "200"}}, false) + f::data(1, "pong", false));
  EXPECT_EQ(stream.events, "head 101, body pong");
  EXPECT_TRUE(stream.upgraded);
}

TEST_F(Session, AnUpgradeThatThePeerDoesNotTakeIsRefused) {
  RequestHead request = head();
  request.upgrade = "websocket";
  SeenStream& stream = ask(request);
  greet();
  EXPECT_EQ(stream.events, "unsent");
  EXPECT_EQ(stream.error.reason, Reason::Unsupported);
  EXPECT_EQ(count(f::kHeaders), 0U);
}

}  // namespace
}  // namespace outrigger::http::h2
