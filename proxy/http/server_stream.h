// One request and its answer on a connection that we serve, whatever the protocol below: what stands between
// server/*_downstream and the one who answers (an exchange, an admin page). One thread.
#pragma once

#include "proxy/base/error.h"
#include "proxy/base/peer_info.h"
#include "proxy/base/time.h"
#include "proxy/http/message.h"

namespace outrigger::http {

/// The answering side's ear: hears of the request behind its head. Where an upgrade was granted, the octets of the
/// other protocol follow behind the request's end as if they were body, and a second end when the caller ends its side;
/// what came of them before is held back until then.
class RequestSink {
 public:
  /// `data` is valid until the running callback has settled.
  virtual void onRequestBody(Bytes data) = 0;
  /// `trailers` is valid during the call.
  virtual void onRequestEnd(FieldList trailers) = 0;
  /// The request will never be complete, or its answer never be read: the caller left or broke the protocol. The stream
  /// is gone after this call, unless `answerable`: then an answer can still be sent.
  virtual void onRequestLost(const Error& why, bool answerable) = 0;
  /// pending() had passed kHighWater and is at most kLowWater again.
  virtual void onResponseDrained() = 0;

 protected:
  ~RequestSink() = default;
};

/// The answering side's voice. Valid until the answer has ended (sendEnd, abort) or onRequestLost; where an upgrade was
/// granted, until both sides have ended (sendEnd and the second onRequestEnd), abort or onRequestLost.
class ResponseStream {
 public:
  /// 1xx; dropped where the peer speaks HTTP/1.0.
  virtual void sendInterim(const ResponseHead& head) = 0;
  /// The body is framed as `head.body` says, or as the peer's version allows. Fields are end-to-end ones only.
  /// `head.upgraded` only where the request asked and has ended; the status line is the one that grants it.
  virtual void sendHead(const ResponseHead& head) = 0;
  /// `data` stays valid until the running callback has settled.
  virtual void sendBody(Bytes data) = 0;
  virtual void sendEnd(const FieldList& trailers) = 0;
  /// The answer cannot be completed: cuts the connection, so that the peer knows.
  virtual void abort() = 0;

  /// Octets of the answer that the peer has not taken; send no more above kHighWater.
  virtual size_t pending() const = 0;
  /// Back-pressure on the request's body.
  virtual void pauseRequest() = 0;
  virtual void resumeRequest() = 0;
  /// No further request is taken on this connection.
  virtual void closeAfterAnswer() = 0;

  virtual const PeerInfo& peer() const = 0;
  /// When the first octet of the request came.
  virtual Instant begunAt() const = 0;

 protected:
  ~ResponseStream() = default;
};

/// Answers the requests of a listener.
class StreamHandler {
 public:
  /// A request has arrived. The head is valid during the call; `stream` as described there. The sink lives until it was
  /// told of the request's end or loss and the answer has ended.
  virtual RequestSink& onRequest(RequestHead& head, ResponseStream& stream) = 0;
  /// What came is not a request (or too large, or too slow): answer it once, with sendHead, sendBody and sendEnd,
  /// inside this call. The connection closes after it.
  virtual void onBadRequest(const Error& why, ResponseStream& stream) = 0;

 protected:
  ~StreamHandler() = default;
};

}  // namespace outrigger::http
