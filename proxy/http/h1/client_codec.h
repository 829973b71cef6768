// The client's side of HTTP/1.x (RFC 9112), without I/O: bytes of answers in, events out. An answer that could be read
// in two ways is an error, and its connection is never used again. One thread; belongs to an upstream connection.
//
// Order of events for each answer: onInterim*, onResponseHead, onBody*, onResponseEnd. Behind a 101 that was asked for
// the body is all that comes until the peer ends its side.
#pragma once

#include <string>

#include "proxy/http/h1/body_reader.h"
#include "proxy/http/h1/head_reader.h"

namespace outrigger::http::h1 {

class ClientEvents : public BodySink {
 public:
  /// A 1xx answer other than 101. The head is valid during the call only, as in onResponseHead().
  virtual void onInterim(ResponseHead& head) = 0;
  virtual void onResponseHead(ResponseHead& head) = 0;
  /// The answer is complete. `trailers` is valid during the call only.
  virtual void onResponseEnd(FieldList trailers) = 0;

 protected:
  ~ClientEvents() = default;
};

class ClientCodec {
 public:
  /// Both outlive the codec.
  ClientCodec(HeadScratch& scratch, ClientEvents& events) : scratch_(scratch), events_(events) {}

  /// An answer to a request with this method is awaited. `upgrade`: 101 may grant this protocol; empty: no 101 may
  /// come. `accept`: what its Sec-WebSocket-Accept has to be, where the key was ours; the field is taken out then.
  void expect(Method asked, Bytes upgrade = {}, Bytes accept = {});

  /// Reads on. Returns the octets used; what is left belongs to a head that is not complete yet and must be given
  /// again. An error is final; its reason is UpstreamMalformed.
  Result<size_t> feed(Bytes input);

  /// The peer has ended its side. True if the answer could end here (and then onResponseEnd() was called).
  bool finishAtClose();

  /// Between answers: nothing is awaited, and any octet is one too many.
  bool idle() const { return state_ == State::Idle; }
  bool headSeen() const { return state_ == State::Body; }
  /// The last complete answer leaves the connection usable.
  bool reusable() const { return reusable_; }

 private:
  enum class State : uint8_t { Idle, Head, Body };
  static constexpr int kMostInterim = 32;

  Result<size_t> feedHead(Bytes input);
  Result<void> takeHead(ResponseHead& head, size_t octetsBehind);
  Result<void> takeInterim(ResponseHead& head);
  Result<void> takeUpgrade(ResponseHead& head);
  Result<size_t> feedBody(Bytes input);

  HeadScratch& scratch_;
  ClientEvents& events_;
  HeadReader reader_{HTTP_RESPONSE};
  BodyReader body_;
  State state_ = State::Idle;
  Method asked_ = Method::Get;
  std::string upgrade_;  // copies: who asked may be gone before the answer comes
  std::string accept_;
  bool reusable_ = false;
  int interims_ = 0;
};

}  // namespace outrigger::http::h1
