// A connection to an endpoint, whatever it speaks: one stream at a time (H1Connection), many, or one for good. Owned by
// its Endpoint; when it dies inside its own callback the endpoint moves it to the graveyard. One worker's thread.
#pragma once

#include "proxy/base/list.h"
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
};

/// The pool's side of a connection.
class ConnectionOwner {
 public:
  /// Free and usable: put it into the pool, or give it to who waits.
  virtual void onFree(UpstreamConnection& connection) = 0;
  /// Closed; bury it. `idle` is how long it was last idle.
  virtual void onDead(UpstreamConnection& connection, ConnectionEnd end, Duration idle) = 0;
  /// `Keep-Alive: timeout=N` of an answer.
  virtual void onKeepAliveHint(Duration timeout) = 0;

 protected:
  ~ConnectionOwner() = default;
};

class UpstreamConnection : public ListNode<PoolTag> {
 public:
  virtual ~UpstreamConnection() = default;

  /// Carries octets without a protocol: for tunnels, and for one of them only.
  virtual bool isRaw() const { return false; }

  /// Begins a stream. The caller has found that there is room for it.
  virtual UpstreamStream& lease() = 0;
  /// No stream is under way from now on; it may lie in the pool.
  virtual void rest() = 0;
  /// Ends it without a word to the owner.
  virtual void close() = 0;

  /// How long it has been idle; while it is leased, how long it was before.
  virtual Duration idleFor() const = 0;
  virtual Duration age() const = 0;
  /// Asks the kernel whether the peer has closed it meanwhile.
  virtual bool stale() = 0;
};

}  // namespace outrigger::upstream
