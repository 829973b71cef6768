// TLS on one loop: contexts by their settings, the buffers that all its connections share, and the queue that lets one
// handshake step through in each turn, so that a crowd at the door does not keep those inside from being served. Made
// when the loop first needs it; nothing of OpenSSL is touched before. The loop's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/base/dialer.h"
#include "proxy/base/list.h"
#include "proxy/metrics/series.h"
#include "proxy/net/event_loop.h"
#include "proxy/net/tls_context.h"

namespace outrigger::net {

class TlsTransport;
struct HandshakeStepTag;
struct ShakingTag;

/// One who has a step of a handshake to make.
class HandshakeStep : public ListNode<HandshakeStepTag> {
 public:
  virtual void onTurn() = 0;

 protected:
  ~HandshakeStep() = default;
};

/// How a handshake has ended.
using Shake = metrics::Handshake;

class TlsEngine {
 public:
  explicit TlsEngine(EventLoop& loop);
  ~TlsEngine();

  Turn& turn() { return loop_.turn(); }

  std::unique_ptr<Handshake> accept(std::unique_ptr<Transport> transport, Bytes already,
                                    const std::shared_ptr<const TlsServerSettings>& settings, HandshakeSink& sink);
  /// `to` tells the endpoints apart whose sessions may be resumed.
  std::unique_ptr<Handshake> connect(std::unique_ptr<Transport> transport, const std::string& to,
                                     const DialOptions& options, HandshakeSink& sink);

  /// Where handshakes are counted; else nowhere.
  void countIn(metrics::HandshakeCounters& counters) { counters_ = &counters; }
  void count(bool asServer, Shake how);

  /// Calls step.onTurn() in a turn of its own.
  void queue(HandshakeStep& step);
  /// The same for one whose handshake is over: it waits for no other's.
  void queueServed(HandshakeStep& step);

  /// nullptr: the settings are of no use.
  std::shared_ptr<TlsContext> contextFor(const std::shared_ptr<const TlsServerSettings>& settings);

  // What all connections share during a callback.

  /// Where ciphertext is gathered before it is written.
  std::string& gathered() { return gathered_; }
  /// Where plaintext is put; it stays until the callback has settled.
  static constexpr size_t kPlain = 96 * 1024;
  char* plain() { return plain_.get(); }

  /// Handshakes with callers that are under way; the oldest goes where there are too many.
  static constexpr size_t kMostShaking = 2048;

 private:
  template <class Settings>
  using Contexts = std::map<const void*, std::pair<std::weak_ptr<const Settings>, std::shared_ptr<TlsContext>>>;

  std::shared_ptr<TlsContext> contextFor(const std::shared_ptr<const TlsClientSettings>& settings);
  void enqueue(List<HandshakeStep, HandshakeStepTag>& line, HandshakeStep& step);
  void onIdle();

  EventLoop& loop_;
  LibraryHandle library_;
  Contexts<TlsServerSettings> servers_;
  Contexts<TlsClientSettings> clients_;
  List<HandshakeStep, HandshakeStepTag> steps_;
  List<HandshakeStep, HandshakeStepTag> served_;
  List<TlsTransport, ShakingTag> shaking_;  // with callers, the oldest in front
  metrics::HandshakeCounters* counters_ = nullptr;
  HandleBox<uv_idle_t> idle_;
  std::string gathered_;
  std::unique_ptr<char[]> plain_;
};

}  // namespace outrigger::net
