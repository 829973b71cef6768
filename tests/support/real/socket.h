// Sockets for tests: blocking, each wait with a deadline. Any thread, one at a time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/base/address.h"
#include "proxy/net/file_descriptor.h"

namespace outrigger::real {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// Long enough for anything that should happen soon, also under a sanitizer on a busy machine.
inline constexpr std::chrono::seconds kPatience{60};
inline Deadline soon() {
  return Clock::now() + kPatience;
}
/// Looks again and again until `condition` holds; false if it did not by the deadline. For what tells nobody when it
/// changes, such as a process's memory; all else has its own way of waiting.
bool waitUntil(const std::function<bool()>& condition, Deadline deadline = soon());
/// For poll(): milliseconds until then, rounded up, never negative.
int millisecondsUntil(Deadline deadline);

/// What a read brought.
struct Received {
  enum class Kind { Octets, End, Lost, TimedOut };
  Kind kind = Kind::Octets;
  std::string octets;
};

class Socket {
 public:
  Socket() = default;
  explicit Socket(net::FileDescriptor fd) : fd_(std::move(fd)) {}

  /// Throws std::runtime_error if nobody listens there.
  static Socket connectTo(const Address& address);
  /// The same; nothing instead of an exception.
  static std::optional<Socket> tryConnectTo(const Address& address);
  /// On a port of 127.0.0.1 that the kernel chooses.
  static Socket listenAnywhere();
  /// The port is taken, but nobody listens: connections are refused.
  static Socket bindAnywhere();

  Address localAddress() const;
  /// Nothing if nobody came in time.
  std::optional<Socket> accept(Deadline deadline = soon());

  /// False if the peer has gone, or has not taken all of it in time.
  bool send(std::string_view octets, Deadline deadline = soon());
  /// What the kernel takes at once; 0 if it takes nothing before the deadline or the peer has gone.
  size_t sendSome(std::string_view octets, Deadline deadline = soon());
  Received receive(Deadline deadline = soon());

  void finish();
  /// Closed with RST instead of FIN.
  void reset();
  void close() { fd_ = net::FileDescriptor(); }

  int fd() const { return fd_.get(); }
  explicit operator bool() const { return static_cast<bool>(fd_); }

 private:
  bool await(short events, Deadline deadline) const;

  net::FileDescriptor fd_;
};

}  // namespace outrigger::real
