// A connection to an endpoint, whatever it speaks: one stream at a time (H1Connection), many, or one for good. Owned by
// its Endpoint; when it dies inside its own callback the endpoint moves it to the graveyard. One worker's thread.
#pragma once

#include "proxy/base/list.h"
#include "proxy/base/protocol.h"
#include "proxy/base/turn.h"
#include "proxy/upstream/upstream_stream.h"

namespace outrigger::upstream {

struct PoolTag;
class UpstreamConnection;

/// What a connection's end tells about how long the endpoint keeps idle ones.
enum class ConnectionEnd : uint8_t {
  Ordinary,         ///< nothing
  ClosedWhileIdle,  ///< the peer closed it while it lay in the pool
  StaleOnReuse,     ///< it was closed just as it was used again; so are its siblings, most likely
  NeverGreeted,     ///< it was lost before the peer had shown what it speaks
  SpeaksHttp1,      ///< nothing; but the endpoint does not speak HTTP/2
};

/// The pool's side of a connection.
class ConnectionOwner {
 public:
  /// There is room for a stream: put it into the pool, or give it to who waits.
  virtual void onFree(UpstreamConnection& connection) = 0;
  /// Closed; bury it. `idle` is how long it was last idle.
  virtual void onDead(UpstreamConnection& connection, ConnectionEnd end, Duration idle) = 0;
  /// `Keep-Alive: timeout=N` of an answer.
  virtual void onKeepAliveHint(Duration timeout) = 0;
  /// The peer allows so many streams on one connection.
  virtual void onStreamLimit(uint32_t) {}

 protected:
  ~ConnectionOwner() = default;
};

class UpstreamConnection : public ListNode<PoolTag> {
 public:
  virtual ~UpstreamConnection() = default;

  /// What it speaks: Http1, Http2, or Tcp for a tunnel alone.
  virtual Protocol protocol() const = 0;
  /// Streams that may be begun just now.
  virtual uint32_t room() const = 0;
  /// No stream is under way.
  virtual bool idle() const = 0;
  /// Begins a stream. The caller has found that there is room for it.
  virtual UpstreamStream& lease() = 0;
  /// No stream is under way from now on; it may lie in the pool.
  virtual void rest() = 0;
  /// Ends it without a word to the owner.
  virtual void close() = 0;
  /// Takes no new streams, and ends behind the last of those that are under way; the owner is told then.
  virtual void drain() = 0;
  /// The times that it was given have changed.
  virtual void followTimes() {}

  /// How long it has been idle; while it is leased, how long it was before.
  virtual Duration idleFor() const = 0;
  virtual Duration age() const = 0;
  /// Asks the kernel whether the peer has closed it meanwhile.
  virtual bool stale() = 0;
};

}  // namespace outrigger::upstream
