// A network in the CIDR form ("10.0.0.0/8", "fd00::/8"; a bare address is a network of one). A plain value; pure.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "proxy/base/address.h"

namespace outrigger::control::redirect {

struct Network {
  Address first;        ///< its lowest address; the port is 0
  unsigned prefix = 0;  ///< bits that its addresses share

  bool isIpv6() const { return first.family() == Address::Family::Ipv6; }
  bool holds(const Network& other) const;
  /// "10.0.0.0/8".
  std::string text() const;
  bool operator==(const Network&) const = default;
};

/// The error is a sentence that says what would be right.
std::expected<Network, std::string> parseNetwork(Bytes text);

/// Without those that another one holds, IPv4 first, ascending: what a set without overlaps takes.
std::vector<Network> withoutOverlaps(std::vector<Network> networks);

}  // namespace outrigger::control::redirect
