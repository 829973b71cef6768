// Address ↔ sockaddr. Pure.
#pragma once

#include <sys/socket.h>

#include "proxy/base/address.h"

namespace outrigger::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress toSocketAddress(const Address& address);
/// Family None for a family that we do not use; a unix peer without a path is "unix:" with an empty one.
Address fromSocketAddress(const SocketAddress& address);

}  // namespace outrigger::net
