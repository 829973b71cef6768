#include "tests/support/real/socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "proxy/net/socket_address.h"

namespace outrigger::real {
namespace {

constexpr size_t kMostPerRead = 256 * 1024;

std::runtime_error failure(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

bool waitUntil(const std::function<bool()>& condition, Deadline deadline) {
  constexpr int kPauseMs = 5;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    ::poll(nullptr, 0, kPauseMs);
  }
  return true;
}

int millisecondsUntil(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000));
}

std::optional<Socket> Socket::tryConnectTo(const Address& address) {
  const net::SocketAddress target = net::toSocketAddress(address);
  net::FileDescriptor fd(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw failure("socket");
  if (::connect(fd.get(), target.get(), target.size) != 0) return std::nullopt;
  return Socket(std::move(fd));
}

Socket Socket::connectTo(const Address& address) {
  auto socket = tryConnectTo(address);
  if (!socket) throw failure("cannot connect to " + address.text());
  return std::move(*socket);
}

Socket Socket::bindAnywhere() {
  const net::SocketAddress any = net::toSocketAddress(Address::loopback(0));
  net::FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::bind(fd.get(), any.get(), any.size) != 0) throw failure("bind");
  return Socket(std::move(fd));
}

Socket Socket::listenAnywhere() {
  Socket socket = bindAnywhere();
  if (::listen(socket.fd(), 1024) != 0) throw failure("listen");
  return socket;
}

Address Socket::localAddress() const {
  net::SocketAddress actual;
  if (::getsockname(fd_.get(), actual.get(), &actual.size) != 0) throw failure("getsockname");
  return net::fromSocketAddress(actual);
}

bool Socket::await(short events, Deadline deadline) const {
  pollfd watched{.fd = fd_.get(), .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&watched, 1, millisecondsUntil(deadline));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

std::optional<Socket> Socket::accept(Deadline deadline) {
  if (!await(POLLIN, deadline)) return std::nullopt;
  net::FileDescriptor fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd) return std::nullopt;
  return Socket(std::move(fd));
}

bool Socket::send(std::string_view octets, Deadline deadline) {
  while (!octets.empty()) {
    const size_t taken = sendSome(octets, deadline);
    if (taken == 0) return false;
    octets.remove_prefix(taken);
  }
  return true;
}

size_t Socket::sendSome(std::string_view octets, Deadline deadline) {
  if (!await(POLLOUT, deadline)) return 0;
  const ssize_t taken = ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return taken > 0 ? static_cast<size_t>(taken) : 0;
}

Received Socket::receive(Deadline deadline) {
  if (!await(POLLIN, deadline)) return {.kind = Received::Kind::TimedOut, .octets = ""};
  std::string octets(kMostPerRead, '\0');
  const ssize_t size = ::recv(fd_.get(), octets.data(), octets.size(), 0);
  if (size < 0) return {.kind = Received::Kind::Lost, .octets = ""};
  octets.resize(static_cast<size_t>(size));
  return {.kind = size == 0 ? Received::Kind::End : Received::Kind::Octets, .octets = std::move(octets)};
}

void Socket::finish() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void Socket::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace outrigger::real
