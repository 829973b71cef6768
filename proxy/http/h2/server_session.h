// The server's side of HTTP/2 (RFC 9113) over nghttp2, without I/O: bytes in, events out; answers in, frames out, as
// far as windows and the connection take them. The library does framing, HPACK, windows and the states of streams; what
// a message may say is checked here (header_block, request_head), and floods are stopped before it (frame_watch). One
// thread; belongs to a connection.
//
// Order of events for each stream: onRequest or onBadRequest; then onBody*, onRequestEnd; at any time onStreamBroken;
// always, last, onStreamClosed. A request that asks for an upgrade has ended with its head; once that is granted,
// onBody* and a second onRequestEnd follow, and until then what comes is held back. Events come from within feed() and
// send() only.
#pragma once

#include <memory>
#include <optional>

#include "proxy/base/list.h"
#include "proxy/base/turn.h"
#include "proxy/http/h2/error_codes.h"
#include "proxy/http/h2/frame_watch.h"
#include "proxy/http/h2/held_fields.h"
#include "proxy/http/h2/outgoing_body.h"
#include "proxy/http/h2/settings.h"
#include "proxy/http/h2/workbench.h"

namespace outrigger::http::h2 {

class ServerSession;
struct TouchedTag;

/// A stream as the session knows it; its owner derives what it needs. Dies only after onStreamClosed, or with the
/// session.
class ServerStream : public ListNode<TouchedTag> {
 public:
  int32_t id() const { return id_; }
  /// The octets of the answer that have not gone to the connection.
  size_t pending() const { return body_.size(); }

 protected:
  ~ServerStream() = default;

 private:
  friend class ServerSession;

  /// What comes now belongs to a protocol that is not granted yet, or was granted in this very callback.
  bool holdsBack() const { return upgrade_ == Upgrade::Asked || goesOver(); }
  bool goesOver() const { return upgrade_ == Upgrade::Granted && !wentOver_; }

  int32_t id_ = 0;
  OutgoingBody body_;
  std::unique_ptr<HeldFields> trailers_;
  uint64_t expected_ = 0;   // octets of content that are still to come, where the length is known
  int32_t unreturned_ = 0;  // octets that were consumed while the request was paused
  bool lengthKnown_ = false;
  enum class Upgrade : uint8_t { None, Asked, Granted };
  Upgrade upgrade_ = Upgrade::None;
  std::unique_ptr<std::string> early_;  // octets of the other protocol that came before it was granted
  bool requestDone_ = false;
  bool wentOver_ = false;
  bool peerEnded_ = false;  // its side of the stream
  bool paused_ = false;
  bool broken_ = false;    // its request made no sense: reset it behind the answer
  bool answered_ = false;  // the head of the answer is out
  bool ended_ = false;     // the answer is complete
  bool waitsForData_ = false;
  bool full_ = false;  // pending() had passed kHighWater
};

class ServerEvents {
 public:
  /// A request has begun. The head is valid during the call. Call open() in here.
  virtual void onRequest(int32_t id, RequestHead& head) = 0;
  /// It is none: call open() in here and answer it.
  virtual void onBadRequest(int32_t id, const Error& why) = 0;
  /// `data` is what feed() was given.
  virtual void onBody(ServerStream& stream, Bytes data) = 0;
  /// `trailers` is valid during the call.
  virtual void onRequestEnd(ServerStream& stream, FieldList trailers) = 0;
  /// The rest of the request makes no sense, or the peer has taken it back; the stream is reset.
  virtual void onStreamBroken(ServerStream& stream, const Error& why) = 0;
  virtual void onStreamClosed(ServerStream& stream) = 0;
  /// pending() had passed kHighWater and is at most kLowWater again.
  virtual void onStreamDrained(ServerStream& stream) = 0;

 protected:
  ~ServerEvents() = default;
};

class ServerSession {
 public:
  struct Setup {
    Turn& turn;
    Workbench& workbench;
    const HeadLimits& limits;  ///< may change
    WriteQueue& out;
    ServerEvents& events;
    uint32_t streams;  ///< at a time
  };
  explicit ServerSession(const Setup& setup);
  ~ServerSession();

  /// Reads on. False: nothing more can be read; send() has something to say about it, perhaps.
  bool feed(Bytes input);
  /// What the peer overdid, if feed() or send() was ended by that.
  const std::optional<Guard>& overdone() const { return overdone_; }

  /// Puts frames into the queue and flushes it, until there are none or it is full. Call it once at the end of each
  /// callback that has changed something: what streams have only borrowed is copied.
  void send();

  /// A header block has begun and is not complete.
  bool inHeaderBlock() const { return block_ != nullptr; }
  bool over() const;
  /// The peer has confirmed the first announcement of our leave, by answering the PING behind it.
  bool announcementRead() const { return announcementRead_; }

  // Of a stream that was opened and is not closed.

  void open(int32_t id, ServerStream& stream);
  void interim(ServerStream& stream, const ResponseHead& head);
  void answer(ServerStream& stream, const ResponseHead& head);
  /// `data` is valid until the running callback has settled.
  void body(ServerStream& stream, Bytes data);
  void end(ServerStream& stream, const FieldList& trailers);
  void reset(ServerStream& stream, ErrorCode code);
  /// No window is given back for what comes, until resume().
  void pause(ServerStream& stream) { stream.paused_ = true; }
  void resume(ServerStream& stream);

  // Of the connection.

  /// No stream after those under way is wanted, says this, but takes what the peer begins before it has read it.
  void announceLeave();
  /// From now on no stream is taken.
  void leave();
  /// Ends the connection for the peer's fault.
  void fail(ErrorCode code);
  /// The connection is gone: feed() stops at once, and nothing is sent any more.
  void stop() { stopped_ = true; }
  void overdo(Guard guard);
  /// Octets of answers that wait for a window or for the connection.
  size_t waiting() const { return waiting_; }
  /// Octets of answers that went out so far.
  uint64_t sent() const { return sent_; }

 private:
  struct Callbacks;
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };
  void submitSettings(uint32_t streams);
  ServerStream* find(int32_t id) const;
  void onHeadersBegin(HeaderBlock::Kind kind);
  void onHeadersEnd(const nghttp2_frame& frame);
  void takeRequest(int32_t id, bool complete);
  void takeTrailers(ServerStream& stream, bool complete);
  void onData(int32_t id, Bytes data);
  void onDataEnd(int32_t id);
  void finishRequest(ServerStream& stream, FieldList trailers);
  void breakStream(ServerStream& stream, const char* detail);
  void resetFor(int32_t id, ErrorCode code);
  void onStreamEndSent(int32_t id);
  void onClosed(int32_t id);
  ssize_t readBody(ServerStream& stream, size_t most, uint32_t& flags);
  void writeData(ServerStream& stream, Bytes frameHead, size_t octets);
  void giveBack(ServerStream& stream, size_t octets);
  void holdBack(ServerStream& stream, size_t octets);
  void pump();
  void goOver(ServerStream& stream);

  Turn& turn_;
  Workbench& workbench_;
  const HeadLimits& limits_;
  WriteQueue& out_;
  ServerEvents& events_;
  FrameWatch watch_;
  std::unique_ptr<nghttp2_session, Deleter> session_;
  std::unique_ptr<HeaderBlock> block_;
  List<ServerStream, TouchedTag> touched_;  // have borrowed content, or have drained
  std::optional<Guard> overdone_;
  size_t waiting_ = 0;
  uint64_t sent_ = 0;
  bool failed_ = false;
  bool stopped_ = false;
  bool announcementRead_ = false;
};

}  // namespace outrigger::http::h2
