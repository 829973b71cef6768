// What a server's session of HTTP/2 makes of octets, as text: one line for each event. A request is
// answered at its end, what is none at once. For tables of examples and for fuzzing: the same octets must say the same
// however they arrive.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "proxy/http/h2/server_session.h"
#include "tests/support/h2_frames.h"
#include "tests/support/recording_transport.h"

namespace outrigger::testing {

class H2Transcript final : private http::h2::ServerEvents {
 public:
  explicit H2Transcript(const http::HeadLimits& limits = http::HeadLimits()) : limits_(limits) {}

  /// Reads octets; false once the session reads no more.
  bool feed(Bytes input) {
    const bool more = session_.feed(input);
    session_.send();
    turn_.settle();
    return more;
  }

  /// The events so far. Content is joined: where it was cut tells nothing.
  std::string text() const { return text_; }
  /// Something that a session must never do; empty: it has done nothing of the kind.
  const std::string& wrong() const { return wrong_; }
  std::vector<h2::Read> frames() {
    std::string written = transport_.written;
    return h2::takeFrames(written);
  }
  http::h2::ServerSession& session() { return session_; }
  size_t open() const { return streams_.size(); }

 private:
  struct Stream final : http::h2::ServerStream {
    std::string content;
    bool good = false;  // what has come of its request
    bool done = false;
  };

  Stream& of(http::h2::ServerStream& stream) {
    const auto known = streams_.find(stream.id());
    if (known == streams_.end() || known->second.get() != &stream) wrong_ = "an event of a stream that is not open";
    return static_cast<Stream&>(stream);
  }
  Stream& openStream(int32_t id) {
    auto& stream = streams_[id];
    if (stream != nullptr) wrong_ = "a stream that is open begins again";
    stream = std::make_unique<Stream>();
    session_.open(id, *stream);
    return *stream;
  }
  void line(int32_t id, const std::string& what) { text_ += std::to_string(id) + " " + what + "\n"; }
  void answer(Stream& stream, uint16_t status, Bytes body) {
    session_.answer(stream, {.status = status, .body = http::BodyFraming::ofLength(body.size())});
    session_.body(stream, body);
    session_.end(stream, {});
  }
  void check(Bytes value) {
    for (const char c : value) {
      if (c == '\r' || c == '\n' || c == '\0') wrong_ = "a value that ends a line";
    }
  }

  void onRequest(int32_t id, http::RequestHead& head) override {
    Stream& stream = openStream(id);
    std::string what(head.methodText);
    what.append(" ").append(head.authority).append(" ").append(head.path).append(head.query);
    if (!head.upgrade.empty()) what.append(" upgrade ").append(head.upgrade);
    if (head.body.kind == http::BodyFraming::Kind::Length) what += " length " + std::to_string(head.body.length);
    if (head.body.kind == http::BodyFraming::Kind::Chunked) what += " streamed";
    for (const http::Field& field : head.fields) {
      check(field.name);
      check(field.value);
      what.append(" ").append(field.name).append("=").append(field.value);
    }
    check(head.path);
    check(head.authority);
    check(head.methodText);
    line(id, what);
    stream.good = true;
  }
  void onBadRequest(int32_t id, const Error& why) override {
    Stream& stream = openStream(id);
    line(id, std::string("bad: ") + why.detail);
    answer(stream, 400, "bad");
  }
  void onBody(http::h2::ServerStream& stream, Bytes data) override {
    if (of(stream).done) wrong_ = "content behind the end";
    of(stream).content += data;
  }
  void onRequestEnd(http::h2::ServerStream& stream, http::FieldList trailers) override {
    if (of(stream).done) wrong_ = "an end behind the end";
    of(stream).done = true;
    std::string what = "end";
    if (!of(stream).content.empty()) what += " of " + of(stream).content;
    for (const http::Field& field : trailers) what.append(" ").append(field.name).append("=").append(field.value);
    line(stream.id(), what);
    if (of(stream).good) answer(of(stream), 200, "ok");
  }
  void onStreamBroken(http::h2::ServerStream& stream, const Error& why) override {
    of(stream).done = true;
    line(stream.id(), std::string("broken: ") + why.detail);
  }
  void onStreamClosed(http::h2::ServerStream& stream) override {
    of(stream);
    turn_.graveyard.bury(std::move(streams_[stream.id()]));
    streams_.erase(stream.id());
  }
  void onStreamDrained(http::h2::ServerStream& stream) override { of(stream); }

  Turn turn_{Instant(1s), WallTime(), 1};
  RecordingTransport transport_;
  WriteQueue out_{turn_, transport_};
  http::HeadLimits limits_;
  http::h2::Workbench workbench_;
  std::map<int32_t, std::unique_ptr<Stream>> streams_;
  std::string text_;
  std::string wrong_;
  http::h2::ServerSession session_{{turn_, workbench_, limits_, out_, *this, 100}};
};

/// What a session makes of `input`, cut at those places.
inline std::string readH2(Bytes input, std::span<const size_t> cuts = {}) {
  H2Transcript transcript;
  size_t from = 0;
  const auto feed = [&](size_t to) {
    const bool more = to <= from || transcript.feed(input.substr(from, to - from));
    from = std::max(from, to);
    return more;
  };
  bool more = true;
  for (const size_t cut : cuts) more = more && feed(std::min(cut, input.size()));
  if (more) feed(input.size());
  return transcript.wrong().empty() ? transcript.text() : "WRONG: " + transcript.wrong();
}

}  // namespace outrigger::testing
