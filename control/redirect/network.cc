#include "control/redirect/network.h"

#include <algorithm>
#include <tuple>

#include "proxy/base/address_prefix.h"

namespace outrigger::control::redirect {
namespace {

constexpr unsigned kIpv4Bits = 32;
constexpr unsigned kIpv6Bits = 128;

std::expected<Address, std::string> parseHost(Bytes host) {
  const bool ipv6 = host.find(':') != Bytes::npos;
  const std::string text = ipv6 ? "[" + std::string(host) + "]:0" : std::string(host) + ":0";
  const auto address = Address::parse(text);
  if (!address || !address->isIp()) return std::unexpected("is no network: try 10.0.0.0/8, 192.0.2.7 or fd00::/8");
  return *address;
}

}  // namespace

bool Network::holds(const Network& other) const {
  return isIpv6() == other.isIpv6() && prefix <= other.prefix && prefixOf(other.first, prefix) == first;
}

std::string Network::text() const {
  return first.hostText() + "/" + std::to_string(prefix);
}

std::expected<Network, std::string> parseNetwork(Bytes text) {
  const size_t slash = text.find('/');
  const auto host = parseHost(text.substr(0, slash));
  if (!host) return std::unexpected(std::string(text) + " " + host.error());
  const unsigned bits = host->family() == Address::Family::Ipv6 ? kIpv6Bits : kIpv4Bits;
  if (slash == Bytes::npos) return Network{*host, bits};
  const auto prefix = parseDecimal(text.substr(slash + 1), bits);
  if (!prefix) {
    return std::unexpected(std::string(text) + ": the prefix must be a number from 0 to " + std::to_string(bits));
  }
  const Network network{prefixOf(*host, static_cast<unsigned>(*prefix)), static_cast<unsigned>(*prefix)};
  if (network.first != *host) {
    return std::unexpected(std::string(text) + " has bits behind its prefix: try " + network.text());
  }
  return network;
}

std::vector<Network> withoutOverlaps(std::vector<Network> networks) {
  std::ranges::sort(networks, [](const Network& a, const Network& b) {
    return std::tuple(a.isIpv6(), a.first.octets(), a.prefix) < std::tuple(b.isIpv6(), b.first.octets(), b.prefix);
  });
  // One that holds others stands directly before them.
  std::vector<Network> kept;
  for (Network& network : networks) {
    if (kept.empty() || !kept.back().holds(network)) kept.push_back(std::move(network));
  }
  return kept;
}

}  // namespace outrigger::control::redirect
