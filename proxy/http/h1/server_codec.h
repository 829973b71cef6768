// The server's side of HTTP/1.x (RFC 9112), without I/O: bytes in, events out. What is ambiguous in framing or routing
// is refused, so that nothing is ever forwarded that two parties could read in two ways. One thread; belongs to a
// connection.
//
// Order of events for each request: onRequestHead, onBody*, onRequestEnd. A codec touches nothing after an error.
#pragma once

#include "proxy/http/h1/body_reader.h"
#include "proxy/http/h1/head_reader.h"

namespace outrigger::http::h1 {

class ServerEvents : public BodySink {
 public:
  /// `head` and what it points to are valid during the call only; its field list has room for a few more.
  virtual void onRequestHead(RequestHead& head) = 0;
  /// The request is complete. `trailers` is valid during the call only.
  virtual void onRequestEnd(FieldList trailers) = 0;

 protected:
  ~ServerEvents() = default;
};

class ServerCodec {
 public:
  /// All three outlive the codec; `limits` may change between requests.
  ServerCodec(HeadScratch& scratch, const HeadLimits& limits, ServerEvents& events)
      : scratch_(scratch), limits_(limits), events_(events) {}

  /// Reads at most to the end of one request. Returns the octets used; the caller keeps the rest and gives it again, in
  /// front of what comes next. An error is final: answer it and close.
  Result<size_t> feed(Bytes input);

  /// After the answer is out: ready for the next request.
  void next();

  /// The request is complete; feed() uses nothing until next().
  bool requestComplete() const { return state_ == State::Complete; }
  /// No octet of a request has been seen since next().
  bool atStart() const { return state_ == State::Head && !reader_.begun(); }
  bool inHead() const { return state_ == State::Head; }

 private:
  enum class State : uint8_t { Head, Body, Complete };

  Result<size_t> feedHead(Bytes input);
  Result<size_t> feedBody(Bytes input);
  void finishRequest();

  HeadScratch& scratch_;
  const HeadLimits& limits_;
  ServerEvents& events_;
  HeadReader reader_{HTTP_REQUEST};
  BodyReader body_;
  State state_ = State::Head;
};

}  // namespace outrigger::http::h1
