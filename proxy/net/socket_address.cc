#include "proxy/net/socket_address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace outrigger::net {

SocketAddress toSocketAddress(const Address& address) {
  SocketAddress result;
  switch (address.family()) {
    case Address::Family::Ipv4: {
      auto& in = *reinterpret_cast<sockaddr_in*>(&result.storage);
      in.sin_family = AF_INET;
      in.sin_port = htons(address.port());
      std::memcpy(&in.sin_addr, address.octets().data(), sizeof in.sin_addr);
      result.size = sizeof in;
      break;
    }
    case Address::Family::Ipv6: {
      auto& in = *reinterpret_cast<sockaddr_in6*>(&result.storage);
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(address.port());
      std::memcpy(&in.sin6_addr, address.octets().data(), sizeof in.sin6_addr);
      result.size = sizeof in;
      break;
    }
    case Address::Family::Unix: {
      auto& un = *reinterpret_cast<sockaddr_un*>(&result.storage);
      un.sun_family = AF_UNIX;
      const size_t size = std::min(address.path().size(), sizeof un.sun_path - 1);
      std::memcpy(un.sun_path, address.path().data(), size);
      result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size + 1);
      break;
    }
    case Address::Family::Name:
    case Address::Family::None: break;
  }
  return result;
}

Address fromSocketAddress(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    const auto& in = *reinterpret_cast<const sockaddr_in*>(&address.storage);
    std::array<uint8_t, 4> octets;
    std::memcpy(octets.data(), &in.sin_addr, octets.size());
    return Address::ipv4(octets, ntohs(in.sin_port));
  }
  if (address.storage.ss_family == AF_INET6) {
    const auto& in = *reinterpret_cast<const sockaddr_in6*>(&address.storage);
    std::array<uint8_t, 16> octets;
    std::memcpy(octets.data(), &in.sin6_addr, octets.size());
    return Address::ipv6(octets, ntohs(in.sin6_port));
  }
  if (address.storage.ss_family == AF_UNIX) {
    const auto& un = *reinterpret_cast<const sockaddr_un*>(&address.storage);
    const size_t most =
        address.size > offsetof(sockaddr_un, sun_path) ? address.size - offsetof(sockaddr_un, sun_path) : 0;
    return Address::unixPath(std::string(un.sun_path, strnlen(un.sun_path, std::min(most, sizeof un.sun_path))));
  }
  return {};
}

}  // namespace outrigger::net
