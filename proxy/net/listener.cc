#include "proxy/net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "proxy/net/socket_address.h"

namespace outrigger::net {
namespace {

constexpr int kBacklog = 4096;

std::unexpected<std::string> failure(const Address& address, const char* what, int error) {
  return std::unexpected("cannot " + std::string(what) + " " + address.text() + ": " + std::strerror(error));
}

void setOption(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

// What connections that are accepted here inherit (saves system calls for each of them).
void setOptions(int fd, const Address& address) {
  if (!address.isIp()) return;
  setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (address.family() == Address::Family::Ipv6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
}

// A socket file that nobody listens on any more is left over from an earlier run.
void removeStaleSocket(const Address& address) {
  struct stat info {};
  if (::stat(address.path().c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress target = toSocketAddress(address);
  if (::connect(probe.get(), target.get(), target.size) != 0 && errno == ECONNREFUSED) ::unlink(address.path().c_str());
}

Address boundAddress(int fd, const Address& asked) {
  if (!asked.isIp()) return asked;
  SocketAddress actual;
  if (::getsockname(fd, actual.get(), &actual.size) != 0) return asked;
  return fromSocketAddress(actual);
}

// A socket that does not listen yet.
std::expected<FileDescriptor, std::string> bound(const Address& address) {
  const SocketAddress target = toSocketAddress(address);
  FileDescriptor fd(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool isAnyIpv6 = address.family() == Address::Family::Ipv6 && address.isWildcard();
  if (!fd && errno == EAFNOSUPPORT && isAnyIpv6) return bound(Address::ipv4({0, 0, 0, 0}, address.port()));
  if (!fd) return failure(address, "open a socket for", errno);
  setOptions(fd.get(), address);
  if (address.family() == Address::Family::Unix) removeStaleSocket(address);
  if (::bind(fd.get(), target.get(), target.size) != 0) {
    if (errno == EADDRNOTAVAIL && isAnyIpv6) return bound(Address::ipv4({0, 0, 0, 0}, address.port()));
    return failure(address, "bind", errno);
  }
  return fd;
}

bool isOutOfDescriptors(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (address_.family() == Address::Family::Unix) ::unlink(address_.path().c_str());
}

std::expected<BoundSocket, std::string> bindAndListen(const Address& address) {
  auto fd = bound(address);
  if (!fd) return std::unexpected(std::move(fd.error()));
  if (::listen(fd->get(), kBacklog) != 0) return failure(address, "listen on", errno);
  const Address actual = boundAddress(fd->get(), address);
  return std::make_shared<const ListeningSocket>(std::move(*fd), actual);
}

std::optional<std::string> cannotBind(const Address& address) {
  const auto fd = bound(address);
  return fd ? std::nullopt : std::optional(fd.error());
}

Listener::Listener(EventLoop& loop, BoundSocket socket, OnAccept onAccept, OnPause onPause)
    : loop_(loop), socket_(std::move(socket)), onAccept_(std::move(onAccept)), onPause_(std::move(onPause)) {
  uv_poll_init(loop.raw(), watcher_.get(), socket_->fd());
  watcher_->data = this;
  start();
}

Listener::~Listener() {
  uv_poll_stop(watcher_.get());
  watcher_.close();
}

void Listener::start() {
  uv_poll_start(watcher_.get(), UV_READABLE, [](uv_poll_t* watcher, int status, int) {
    auto* self = static_cast<Listener*>(watcher->data);
    if (self == nullptr || status != 0) return;
    const EventLoop::Callback callback(self->loop_);
    self->accept();
  });
}

void Listener::accept() {
  for (int i = 0; i < kMostPerTurn; ++i) {
    SocketAddress from;
    FileDescriptor fd(::accept4(socket_->fd(), from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      take(std::move(fd), PeerInfo{fromSocketAddress(from)});
      continue;
    }
    if (isOutOfDescriptors(errno)) {
      uv_poll_stop(watcher_.get());
      loop_.turn().timers.arm(pauseTimer_, loop_.turn().now + kPause);
      onPause_();
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    // ECONNABORTED and its like concern one connection only: go on with the next.
  }
}

void Listener::take(FileDescriptor fd, PeerInfo peer) {
  if (findDestination_) {
    auto destination = findDestination_(fd.get(), peer.address, address());
    if (!destination) return onRefused_();
    peer.destination = std::move(*destination);
  }
  onAccept_({std::move(fd), std::move(peer)});
}

void Listener::askDestinations(OnRefused onRefused, FindDestination find) {
  onRefused_ = std::move(onRefused);
  findDestination_ = std::move(find);
}

}  // namespace outrigger::net
