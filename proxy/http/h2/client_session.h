// The client's side of HTTP/2 (RFC 9113) on one connection, without I/O: octets in, events out, frames into a
// WriteQueue. nghttp2 keeps streams, windows and HPACK; what a message may look like is judged here, since a proxy must
// not pass on what the next one would read otherwise. One worker's thread; belongs to an upstream connection.
//
// An answer that makes no sense fails its stream (UpstreamMalformed); octets that make no sense fail the session, after
// which only write() is of use, for the last word to the peer. Streams never die inside a call but by their own events.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <optional>
#include <span>

#include "proxy/http/h2/client_stream.h"
#include "proxy/http/h2/error_codes.h"
#include "proxy/http/h2/frame_watch.h"
#include "proxy/http/h2/workbench.h"

namespace outrigger::http::h2 {

class ClientSessionEvents {
 public:
  /// The peer's first SETTINGS have come: it speaks HTTP/2.
  virtual void onGreeted() = 0;
  /// A stream has ended or failed; its own event has been told.
  virtual void onStreamGone() = 0;
  /// The peer overdid it; the session has failed.
  virtual void onGuard(Guard guard) = 0;

 protected:
  ~ClientSessionEvents() = default;
};

class ClientSession {
 public:
  /// What we have on one connection at most, whatever the peer allows.
  static constexpr uint32_t kMostStreams = 100;

  /// All outlive the session. `secure`: the scheme is https. `expected`: how many streams the peer allows, most likely,
  /// until it says so itself.
  ClientSession(Workbench& bench, ClientSessionEvents& events, Instant now, bool secure,
                uint32_t expected = kMostStreams);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // The request. Where the peer cannot take it (an upgrade that it does not allow), the stream fails in write().

  void open(ClientStream& stream, const RequestHead& head, std::span<const Field> more);
  /// `data` stays valid until the running callback has settled; write() comes before.
  void append(ClientStream& stream, Bytes data);
  void finish(ClientStream& stream, const FieldList& trailers);
  /// The answer is not wanted any more; no event follows.
  void cancel(ClientStream& stream);
  /// While paused, the peer may send what its window still allows, and no more.
  void pause(ClientStream& stream) { stream.paused_ = true; }
  void resume(ClientStream& stream);

  // The connection.

  void feed(Bytes input, Instant now);
  /// Frames what there is to say, as far as `out` holds no more than kHighWater, and flushes it. Inside of an event it
  /// does nothing.
  void write(WriteQueue& out);
  /// Fails all streams: the connection is lost, for `why`. Only those that were not handed over are unsent.
  void lose(const Error& why);

  /// Asks the peer for a sign of life; anything it says is one.
  void ping();
  /// Opens no more streams, and says so.
  void goAway();

  /// It has failed; the connection should end behind write().
  const std::optional<Error>& failure() const { return failure_; }
  /// The peer has answered in HTTP/1.x: it has not understood anything.
  bool speaksHttp1() const { return speaksHttp1_; }
  bool greeted() const { return greeted_; }
  /// It takes new streams, now or when others have ended.
  bool takesStreams() const;
  /// Streams that the peer allows at a time, but no more than we would have.
  uint32_t mostStreams() const;
  /// New streams that it takes just now.
  uint32_t room() const;
  uint32_t streams() const { return streams_; }
  /// The peer takes extended CONNECT (RFC 8441).
  bool allowsExtendedConnect() const;

 private:
  friend struct ClientPort;

  void submit(ClientStream& stream, std::span<const nghttp2_nv> lines);
  void submitHeld();
  bool judgeFirstOctet(Bytes input);
  void fail(ErrorCode code, const Error& why);
  void overdo(Guard guard);
  void detach(ClientStream& stream);
  void failStream(ClientStream& stream, const Error& why, bool neutral = false);
  void malformed(ClientStream& stream, const char* detail);

  // What the library tells, by way of ClientPort.
  ClientStream* find(int32_t id) const;
  void onFrame(const nghttp2_frame& frame);
  void onBlockComplete(ClientStream* stream, bool endStream);
  void takeBlock(ClientStream& stream, HeaderBlock& block, bool endStream);
  void takeResponse(ClientStream& stream, ResponseHead& head, bool endStream);
  void takeInterim(ClientStream& stream, ResponseHead& head, bool endStream);
  void onData(ClientStream& stream, Bytes data);
  void endAnswer(ClientStream& stream, FieldList trailers);
  void onStreamClosed(ClientStream& stream, ErrorCode code);
  void afterWrite();

  Workbench& bench_;
  ClientSessionEvents& events_;
  const bool secure_;
  const uint32_t expected_;
  nghttp2_session* session_ = nullptr;
  FrameWatch watch_;
  std::unique_ptr<HeaderBlock> block_;
  WriteQueue* out_ = nullptr;  // while write() runs
  List<ClientStream, LiveTag> live_;
  List<ClientStream, SendingTag> sending_;
  uint32_t streams_ = 0;
  bool busy_ = false;  // the library is at work, and must not be asked for more
  bool anyHeld_ = false;
  bool anyStopped_ = false;
  bool octetsSeen_ = false;
  bool greeted_ = false;
  bool speaksHttp1_ = false;
  bool leaving_ = false;
  bool peerLeaves_ = false;
  bool peerLeavesInPeace_ = false;
  std::optional<Error> failure_;
};

}  // namespace outrigger::http::h2
