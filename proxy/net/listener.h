// Accepts connections: a bound socket (made on the control thread, so that a bad address is an error of the reload that
// names it) and the watcher that takes connections off it on a worker's loop. When descriptors run out it pauses and
// tries again, and nothing else stops.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proxy/base/peer_info.h"
#include "proxy/net/event_loop.h"
#include "proxy/net/original_destination.h"

namespace outrigger::net {

/// A socket that listens, and the address that it really has. The file of a unix socket goes with it.
class ListeningSocket {
 public:
  ListeningSocket(FileDescriptor fd, Address address) : fd_(std::move(fd)), address_(std::move(address)) {}
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int fd() const { return fd_.get(); }
  const Address& address() const { return address_; }

 private:
  FileDescriptor fd_;
  Address address_;
};

/// Shared, so that one listener can take over another's socket while that still accepts; closes with its last holder.
using BoundSocket = std::shared_ptr<const ListeningSocket>;

/// Binds and listens; port 0 picks a free one, `[::]` serves both families (0.0.0.0 where there is no IPv6). Any
/// thread. The error is a sentence.
std::expected<BoundSocket, std::string> bindAndListen(const Address& address);

/// Why bindAndListen() would fail at an IP address; nullopt: it would not. Nothing listens meanwhile. Any thread.
std::optional<std::string> cannotBind(const Address& address);

struct AcceptedSocket {
  FileDescriptor fd;
  PeerInfo peer;
};

class Listener {
 public:
  using OnAccept = std::function<void(AcceptedSocket)>;
  using OnPause = std::function<void()>;

  /// Accepts on `loop`'s thread, at most kMostPerTurn a turn. `onPause` hears that descriptors ran out.
  Listener(EventLoop& loop, BoundSocket socket, OnAccept onAccept, OnPause onPause);
  ~Listener();

  /// The kernel redirects connections to this listener: each is asked where it was going (PeerInfo::destination). One
  /// of which the kernel cannot say is refused, and `onRefused` hears of it. At once after the constructor.
  using FindDestination = std::function<std::expected<Address, int>(int fd, const Address& from, const Address& at)>;
  using OnRefused = std::function<void()>;
  void askDestinations(OnRefused onRefused, FindDestination find = originalDestination);

  const Address& address() const { return socket_->address(); }

 private:
  static constexpr int kMostPerTurn = 64;
  static constexpr Duration kPause = 100ms;

  void start();
  void accept();
  void take(FileDescriptor fd, PeerInfo peer);
  void onPauseOver() { start(); }

  EventLoop& loop_;
  BoundSocket socket_;
  OnAccept onAccept_;
  OnPause onPause_;
  OnRefused onRefused_;
  FindDestination findDestination_;  // none: connections are not redirected to us
  HandleBox<uv_poll_t> watcher_;
  Timer<Listener, &Listener::onPauseOver> pauseTimer_{*this};
};

}  // namespace outrigger::net
