// Where a connection was going, as the kernel tells it: with rules of its own in a network namespace of its own.
#include "proxy/net/original_destination.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "proxy/net/listener.h"
#include "proxy/net/signals.h"
#include "proxy/net/socket_address.h"

namespace outrigger::net {
namespace {

Address address(const char* text) {
  return *Address::parse(text);
}

FileDescriptor connectTo(const Address& to) {
  const SocketAddress target = toSocketAddress(to);
  FileDescriptor fd(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), target.get(), target.size) != 0) return {};
  return fd;
}

struct Accepted {
  FileDescriptor fd;
  Address from;
};

Accepted acceptOn(const BoundSocket& socket) {
  SocketAddress from;
  pollfd ready{.fd = socket->fd(), .events = POLLIN, .revents = 0};
  ::poll(&ready, 1, 5000);
  FileDescriptor fd(::accept4(socket->fd(), from.get(), &from.size, SOCK_CLOEXEC));
  return {std::move(fd), fromSocketAddress(from)};
}

/// Runs `body` on a thread that stands in a network namespace of its own, whose loopback has fd00::1 as well and whose
/// rules send connections to port 80 to port 15101. False: no such namespace can be had here.
bool inNamespaceWithRules(const std::function<void()>& body) {
  constexpr const char* kRules =
      "table inet test { chain out { type nat hook output priority -100; tcp dport 80 redirect to :15101; }; }";
  bool ready = false;
  std::thread([&] {
    const std::string load = std::string("nft '") + kRules + "' 2>/dev/null";
    ready = ::unshare(CLONE_NEWNET) == 0 && std::system("ip link set lo up 2>/dev/null") == 0 &&
            std::system("ip addr add fd00::1/128 dev lo nodad 2>/dev/null") == 0 && std::system(load.c_str()) == 0;
    if (ready) body();
  }).join();
  return ready;
}

constexpr const char* kNoNamespace = "needs root, ip and nft: no network namespace can be made here";

TEST(OriginalDestination, OfIpv4IsSeenByEveryKindOfListener) {
  const bool ran = inNamespaceWithRules([] {
    for (const char* at : {"127.0.0.1:15101", "[::]:15101"}) {
      const auto socket = bindAndListen(address(at));
      ASSERT_TRUE(socket) << socket.error();
      const FileDescriptor caller = connectTo(address("127.0.0.9:80"));
      ASSERT_TRUE(caller) << at;
      const Accepted accepted = acceptOn(*socket);
      const auto found = originalDestination(accepted.fd.get(), accepted.from, (*socket)->address());
      ASSERT_TRUE(found) << at << ": " << std::strerror(found.error());
      EXPECT_EQ(found->text(), "127.0.0.9:80") << at;
    }
  });
  if (!ran) GTEST_SKIP() << kNoNamespace;
}

TEST(OriginalDestination, OfIpv6) {
  const bool ran = inNamespaceWithRules([] {
    for (const char* at : {"[::1]:15101", "[::]:15101"}) {
      const auto socket = bindAndListen(address(at));
      ASSERT_TRUE(socket) << socket.error();
      const FileDescriptor caller = connectTo(address("[fd00::1]:80"));
      ASSERT_TRUE(caller) << at;
      const Accepted accepted = acceptOn(*socket);
      const auto found = originalDestination(accepted.fd.get(), accepted.from, (*socket)->address());
      ASSERT_TRUE(found) << at << ": " << std::strerror(found.error());
      EXPECT_EQ(found->text(), "[fd00::1]:80") << at;
    }
  });
  if (!ran) GTEST_SKIP() << kNoNamespace;
}

TEST(OriginalDestination, WhatWasNotRedirectedHasNoneThoughItIsTracked) {
  const bool ran = inNamespaceWithRules([] {
    const auto socket = bindAndListen(address("[::]:15101"));
    ASSERT_TRUE(socket) << socket.error();
    for (const char* to : {"127.0.0.1:15101", "127.0.0.9:15101", "[::1]:15101"}) {
      const FileDescriptor caller = connectTo(address(to));
      ASSERT_TRUE(caller) << to;
      const Accepted accepted = acceptOn(*socket);
      const auto found = originalDestination(accepted.fd.get(), accepted.from, (*socket)->address());
      ASSERT_TRUE(found) << to << ": " << std::strerror(found.error());
      EXPECT_EQ(found->family(), Address::Family::None) << found->text();
    }
  });
  if (!ran) GTEST_SKIP() << kNoNamespace;
}

TEST(OriginalDestination, WithoutRulesThereIsNone) {
  for (const char* at : {"127.0.0.1:0", "[::1]:0", "unix:/tmp/outrigger-original-destination-test.sock"}) {
    const auto socket = bindAndListen(address(at));
    if (!socket) continue;  // a machine without IPv6
    const FileDescriptor caller = connectTo((*socket)->address());
    const Accepted accepted = acceptOn(*socket);
    const auto found = originalDestination(accepted.fd.get(), accepted.from, (*socket)->address());
    ASSERT_TRUE(found) << at << ": " << std::strerror(found.error());
    EXPECT_EQ(found->family(), Address::Family::None);
  }
}

TEST(OriginalDestination, WhereTheKernelCannotSayItIsAnError) {
  const FileDescriptor closed(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int gone = ::dup(closed.get());
  ::close(gone);
  const auto found = originalDestination(gone, address("127.0.0.1:1"), address("127.0.0.1:2"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), EBADF);
}

TEST(Listener, RefusesWhatTheKernelCannotSayAndGoesOn) {
  Signals::ignorePipe();
  EventLoop loop(1);
  const auto socket = bindAndListen(Address::loopback(0));
  ASSERT_TRUE(socket);
  std::vector<Address> destinations;
  int refused = 0;
  int asked = 0;
  {
    Listener listener(
        loop, *socket,
        [&](AcceptedSocket accepted) {
          destinations.push_back(accepted.peer.destination);
          if (destinations.size() == 2) loop.stop();
        },
        [] {});
    listener.askDestinations([&] { ++refused; },
                             [&](int, const Address&, const Address&) -> std::expected<Address, int> {
                               if (++asked == 2) return std::unexpected(ENOTCONN);
                               return Address::ipv4({10, 0, 0, static_cast<uint8_t>(asked)}, 80);
                             });
    const FileDescriptor first = connectTo((*socket)->address());
    const FileDescriptor second = connectTo((*socket)->address());
    const FileDescriptor third = connectTo((*socket)->address());
    loop.run();
    char octet = 0;
    EXPECT_EQ(::recv(second.get(), &octet, 1, 0), 0) << "it was closed";
  }
  EXPECT_EQ(refused, 1);
  ASSERT_EQ(destinations.size(), 2U);
  EXPECT_EQ(destinations[0].text(), "10.0.0.1:80");
  EXPECT_EQ(destinations[1].text(), "10.0.0.3:80");
}

}  // namespace
}  // namespace outrigger::net
