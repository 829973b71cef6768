// A thread's loop: libuv around a Turn. Each callback from libuv runs between refresh() and settle(); timers come from
// one uv_timer that drives the turn's wheel; the mailbox is woken by uv_async. Everything but post() and wake() belongs
// to the thread that runs it.
#pragma once

#include <uv.h>

#include <memory>
#include <optional>

#include "proxy/base/dialer.h"
#include "proxy/base/mailbox.h"
#include "proxy/base/resolver.h"
#include "proxy/base/turn.h"
#include "proxy/metrics/series.h"
#include "proxy/net/file_descriptor.h"
#include "proxy/net/handle_box.h"

namespace outrigger::net {

class NameCache;
class TlsEngine;

class EventLoop final : public Dialer, public TlsAcceptor, private Wakeup {
 public:
  /// `seed` for the turn's random numbers.
  explicit EventLoop(uint64_t seed);
  ~EventLoop() override;

  Turn& turn() { return turn_; }
  Mailbox& mailbox() { return mailbox_; }
  uv_loop_t* raw() { return &loop_; }

  /// Runs on the calling thread until stop().
  void run();
  /// Lets run() return after the present turn.
  void stop();

  std::unique_ptr<Dial> dial(const Address& to, const DialOptions& options, DialSink& sink) override;
  std::unique_ptr<Handshake> accept(std::unique_ptr<Transport> transport, Bytes already,
                                    const std::shared_ptr<const TlsServerSettings>& settings,
                                    HandshakeSink& sink) override;
  /// Where TLS handshakes are counted. Before the first of them; `counters` outlive the loop.
  void countHandshakesIn(metrics::HandshakeCounters& counters) { handshakes_ = &counters; }
  /// Made at first use.
  TlsEngine& tls();

  /// Before the first name: ask this server instead of those in resolv.conf.
  void askNamesOf(const Address& server) { nameServer_ = server; }
  /// Made at first use.
  Resolver& resolver();
  /// Likewise; what dialling by name goes through.
  NameCache& names();

  /// Makes a transport of a connected socket.
  std::unique_ptr<Transport> adopt(FileDescriptor socket, const PeerInfo& peer);

  /// Where all connections of this loop read into.
  static constexpr size_t kReadBuffer = 64 * 1024;
  char* readBuffer() { return readBuffer_.get(); }

  /// Marks a callback from libuv: the present instant on the way in, the gathered work on the way out.
  class Callback {
   public:
    explicit Callback(EventLoop& loop) : loop_(loop) { loop.refresh(); }
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;
    ~Callback() { loop_.turn_.settle(); }

   private:
    EventLoop& loop_;
  };

 private:
  void wake() override;
  void refresh();
  void beforePoll();
  void armTimer();

  uv_loop_t loop_;
  Turn turn_;
  Mailbox mailbox_;
  std::unique_ptr<char[]> readBuffer_;
  metrics::HandshakeCounters* handshakes_ = nullptr;
  HandleBox<uv_prepare_t> prepare_;
  HandleBox<uv_timer_t> timer_;
  HandleBox<uv_async_t> async_;
  Duration wallOffset_{};
  Instant armedFor_ = kNever;
  std::optional<Address> nameServer_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<NameCache> names_;
  std::unique_ptr<TlsEngine> tls_;
};

/// The monotonic clock, for threads that have no loop yet.
Instant monotonicNow();
WallTime wallNow();
/// 64 bits from the kernel's random source.
uint64_t randomSeed();

}  // namespace outrigger::net
