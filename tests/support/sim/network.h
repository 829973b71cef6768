// A network in memory: connections with latency and bounded buffers, listeners at addresses, refusals, resets. Behaves
// towards the code under test as sockets do: bytes arrive in order and later, FIN ends one direction, RST both, a
// reader that does not read holds the writer up.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "proxy/base/dialer.h"
#include "tests/support/sim/loop.h"

namespace outrigger::sim {

class Network;

/// One end of a connection.
class MemoryTransport final : public Transport, private AtSettle {
 public:
  /// What the kernel of one side holds for its reader at most.
  static constexpr size_t kWindow = 128 * 1024;
  /// What one onBytes() brings at most, as one read of a socket.
  static constexpr size_t kMostPerRead = 64 * 1024;

  MemoryTransport(Network& network, const PeerInfo& peer);
  ~MemoryTransport() override;

  void attach(TransportSink& sink) override;
  void write(std::span<const Bytes> pieces) override;
  size_t queued() const override { return closed_ ? 0 : outbox_.size(); }
  void pause() override;
  void resume() override;
  void shutdown() override;
  void close(CloseMode mode) override;
  PeerState probe() override;
  const PeerInfo& peer() const override { return peer_; }
  /// From now on the connection counts as what a TLS handshake made of it, without one: the other side has this SPIFFE
  /// ID (empty: it has shown none).
  void secure(const std::string& identity, Alpn alpn = Alpn::None) {
    peer_.secure = true;
    peer_.identity = identity;
    peer_.alpn = alpn;
  }

  /// The connection was going there before the kernel redirected it to this end.
  void redirectedFrom(const Address& destination) { peer_.destination = destination; }

  /// What the other end has written and the network has not taken.
  size_t heldBack() const;

  /// Test code says it directly.
  void write(Bytes text) { write(std::span(&text, 1)); }

 private:
  friend class Network;
  struct Wire;  // what both ends share: alive as long as one of them, or a byte under way

  void transmit();
  void receive(Bytes bytes);
  void deliver();
  void scheduleDelivery();
  void tellWriterOfRoom();
  void onRoom();
  void becomeReset();
  void tellFailedWrite();
  void atSettle() override;
  /// Runs `act(end)` on one side's end after the latency, if that end still exists.
  void later(int side, Duration delay, std::function<void(MemoryTransport&)> act);

  Network& network_;
  PeerInfo peer_;
  std::shared_ptr<Wire> wire_;
  int side_ = 0;
  TransportSink* sink_ = nullptr;
  std::string outbox_;   // not taken by the kernel yet
  std::string inbox_;    // here, but not read yet
  std::string reading_;  // what the present onBytes() shows
  size_t inFlight_ = 0;  // octets on their way to the other side
  bool paused_ = false;
  bool aboveHighWater_ = false;
  bool finQueued_ = false;
  bool finSent_ = false;
  bool finArrived_ = false;
  bool finTold_ = false;
  bool reset_ = false;
  bool writeFailed_ = false;
  bool closed_ = false;
};

class Network final : public Dialer {
 public:
  using OnAccept = std::function<void(std::unique_ptr<MemoryTransport>)>;

  explicit Network(Loop& loop) : loop_(loop) {}

  Loop& loop() { return loop_; }
  /// One way; for connections made from now on and bytes sent from now on.
  void setLatency(Duration latency) { latency_ = latency; }
  Duration latency() const { return latency_; }

  /// Connections to `address` are given to `onAccept`; without a listener they are refused.
  void listen(const Address& address, OnAccept onAccept);
  void close(const Address& address);
  /// Connection attempts to `address` get no answer at all.
  void blackhole(const Address& address) { listen(address, nullptr); }

  /// This host has no descriptors left, or has again: no connection can be made.
  void exhaust(bool exhausted) { exhausted_ = exhausted; }

  std::unique_ptr<Dial> dial(const Address& to, const DialOptions& options, DialSink& sink) override;

  /// A connection that stands at once, without the time of a dial; nullptr: it is refused.
  std::unique_ptr<MemoryTransport> open(const Address& to);

  /// Two ends of one connection, as if `from` had connected to `to`.
  std::pair<std::unique_ptr<MemoryTransport>, std::unique_ptr<MemoryTransport>> connect(const Address& from,
                                                                                        const Address& to);

 private:
  class MemoryDial;

  Loop& loop_;
  Duration latency_ = 100us;
  std::map<std::string, OnAccept> listeners_;
  uint16_t nextPort_ = 40000;
  bool exhausted_ = false;
};

}  // namespace outrigger::sim
