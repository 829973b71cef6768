// The port to the byte world: one connection, whatever carries it (TCP, a unix socket, TLS, the simulator's memory).
// net/ and tests/support implement it. Everything here happens on one worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "proxy/base/bytes.h"
#include "proxy/base/peer_info.h"

namespace outrigger {

/// Back-pressure: stop feeding a transport that holds more than kHighWater unsent bytes; it calls onDrained() once it
/// is down to kLowWater.
inline constexpr size_t kHighWater = 64 * 1024;
inline constexpr size_t kLowWater = 16 * 1024;

/// Who listens to a transport. No call comes from inside a call to the transport itself.
class TransportSink {
 public:
  /// `data` is valid until the running callback has settled. At most 64 KiB.
  virtual void onBytes(Bytes data) = 0;
  /// The peer will send nothing more (FIN); our direction still works.
  virtual void onEnd() = 0;
  /// The connection is lost in both directions (reset, failed write). Nothing follows; `why` is a static text.
  virtual void onLost(const char* why) = 0;
  /// A write() had brought queued() above kHighWater, if only until the kernel took it in the same call, and it is at
  /// most kLowWater again.
  virtual void onDrained() = 0;

 protected:
  ~TransportSink() = default;
};

struct TlsServerSettings;

class Transport {
 public:
  /// Closes the connection if close() has not; no further call reaches the sink.
  virtual ~Transport() = default;

  /// Names (or replaces) the listener; reading begins with the first one. The sink outlives the transport or its
  /// close().
  virtual void attach(TransportSink& sink) = 0;

  /// Hands the pieces, in order, to the kernel; what it does not take is copied and sent later. Never blocks. After a
  /// failure the bytes are dropped, though queued() still counts them, and onLost() follows: behind what the peer had
  /// said before it went, unless reading is paused.
  virtual void write(std::span<const Bytes> pieces) = 0;

  /// Bytes given to write() that the kernel has not taken.
  virtual size_t queued() const = 0;

  /// Stops and restarts onBytes(). Costs system calls: only for back-pressure.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Sends FIN behind what is queued; reading goes on.
  virtual void shutdown() = 0;

  /// Ends the connection now and drops what is queued; idempotent. `Reset` tells the peer so with RST: its work is not
  /// wanted any more. The transport stays usable as an object (every call is a no-op).
  enum class CloseMode : uint8_t { Normal, Reset };
  virtual void close(CloseMode mode) = 0;

  /// What the kernel knows of the peer beyond what was reported here. One system call; reads nothing.
  enum class PeerState : uint8_t {
    Quiet,   ///< connected, and nothing has come
    Spoken,  ///< bytes or FIN have come: an idle connection must not be used again
    Broken,  ///< reset, or gone
  };
  virtual PeerState probe() = 0;

  virtual const PeerInfo& peer() const = 0;

  /// Whether the peer's certificate would still be accepted under these settings; true where it has shown none.
  virtual bool stillTrusted(const std::shared_ptr<const TlsServerSettings>& settings) {
    static_cast<void>(settings);
    return true;
  }
};

}  // namespace outrigger
