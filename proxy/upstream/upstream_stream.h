// One request and its answer on one connection to an endpoint, whatever the protocol below. Exchange::Attempt leases
// one; health checks and discovery will as well. One worker's thread.
#pragma once

#include <span>

#include "proxy/base/error.h"
#include "proxy/http/message.h"

namespace outrigger::upstream {

/// Hears of the answer. Heads, fields and bytes are valid during the call; body bytes until the callback has settled.
class ResponseSink {
 public:
  /// A 1xx answer; any number of them before the head.
  virtual void onInterim(http::ResponseHead& head) = 0;
  virtual void onResponseHead(http::ResponseHead& head) = 0;
  virtual void onResponseBody(Bytes data) = 0;
  /// The answer is complete; the stream is gone after this call. Behind a head that is `upgraded`: the peer has ended
  /// its side; the stream goes on until sendEnd() has been called as well.
  virtual void onResponseEnd(http::FieldList trailers) = 0;
  /// The connection was lost or the answer made no sense; the stream is gone after this call. `stale`: it was a reused
  /// connection that closed before any octet of an answer, which says nothing about the service.
  virtual void onStreamLost(const Error& error, bool stale) = 0;
  /// queued() had passed kHighWater and is at most kLowWater again.
  virtual void onRequestDrained() = 0;

 protected:
  ~ResponseSink() = default;
};

/// The sender's side. Owned by its connection; the one who leases it holds it until onResponseEnd, onStreamLost or
/// cancel().
class UpstreamStream {
 public:
  /// Names the listener; before anything is sent.
  virtual void attach(ResponseSink& sink) = 0;

  /// Sends the head; `more` are fields behind those of the head. Body and end follow as `head.body` says. Once an
  /// upgrade was granted, which it is only behind sendEnd(), sendBody() sends octets of the other protocol, and another
  /// sendEnd() ends our side of it.
  virtual void sendHead(const http::RequestHead& head, std::span<const http::Field> more) = 0;
  /// `data` stays valid until the running callback has settled.
  virtual void sendBody(Bytes data) = 0;
  virtual void sendEnd(const http::FieldList& trailers) = 0;

  /// Request octets that the kernel has not taken. Feed no more above kHighWater; onRequestDrained() follows.
  virtual size_t queued() const = 0;
  /// True from the moment before the first octet of the request goes to the kernel.
  virtual bool handedOver() const = 0;

  /// Back-pressure on the answer.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Nobody waits for the answer, which is heard all the same: the peer is told by the end of our side, behind what was
  /// handed over. The connection is not used again.
  virtual void endRequest() = 0;

  /// The answer is not wanted any more. If little of it is left it is read and dropped, so that the connection can be
  /// used again; else the peer is told by a reset. No call follows.
  virtual void cancel() = 0;

 protected:
  ~UpstreamStream() = default;
};

}  // namespace outrigger::upstream
