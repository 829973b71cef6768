// The part of an address that the addresses of one network share (RFC 4632 §3.1). Pure; any thread.
#pragma once

#include <algorithm>

#include "proxy/base/address.h"

namespace outrigger {

/// The address with nothing behind its first `bits` (0 to 32, or 128 with IPv6), and with the port 0.
inline Address prefixOf(const Address& address, unsigned bits) {
  std::array<uint8_t, 16> octets = address.octets();
  for (unsigned i = 0; i < octets.size(); ++i) {
    const unsigned kept = std::clamp(bits, i * 8, i * 8 + 8) - i * 8;
    octets[i] = static_cast<uint8_t>(octets[i] & ~(0xFFU >> kept));
  }
  if (address.family() == Address::Family::Ipv6) return Address::ipv6(octets, 0);
  return Address::ipv4({octets[0], octets[1], octets[2], octets[3]}, 0);
}

}  // namespace outrigger
