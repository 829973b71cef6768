#include "proxy/net/original_destination.h"

#include <netinet/in.h>

#include <cerrno>

#include "proxy/net/socket_address.h"

namespace outrigger::net {
namespace {

// SO_ORIGINAL_DST of the level SOL_IP and IP6T_SO_ORIGINAL_DST of SOL_IPV6, which are one number. The kernel's own
// headers for them do not go together with the C library's.
constexpr int kOriginalDestination = 80;

// ENOENT: conntrack knows of no such connection. ENOPROTOOPT: there is no conntrack.
bool isUntracked(int error) {
  return error == ENOENT || error == ENOPROTOOPT;
}

bool reachedIt(int fd, const Address& destination) {
  SocketAddress local;
  if (::getsockname(fd, local.get(), &local.size) != 0) return false;
  return fromSocketAddress(local).unmapped() == destination;
}

}  // namespace

std::expected<Address, int> originalDestination(int fd, const Address& from, const Address& listensAt) {
  if (!from.isIp()) return Address();
  const bool ipv4 = from.unmapped().family() == Address::Family::Ipv4;
  SocketAddress found;
  found.size = ipv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (::getsockopt(fd, ipv4 ? SOL_IP : SOL_IPV6, kOriginalDestination, found.get(), &found.size) != 0) {
    if (isUntracked(errno)) return Address();
    return std::unexpected(errno);
  }
  const Address destination = fromSocketAddress(found).unmapped();
  if (destination.family() == Address::Family::None) return std::unexpected(EAFNOSUPPORT);
  // Another port than the listener's tells by itself that it was redirected.
  if (destination.port() == listensAt.port() && reachedIt(fd, destination)) return Address();
  return destination;
}

}  // namespace outrigger::net
