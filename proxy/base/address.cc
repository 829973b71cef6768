#include "proxy/base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace outrigger {
namespace {

constexpr Bytes kUnixScheme = "unix:";
constexpr size_t kLongestUnixPath = 107;  // sockaddr_un.sun_path less its NUL

std::expected<Address, const char*> parseUnix(Bytes path) {
  if (path.empty() || path.front() != '/') return std::unexpected("a unix socket needs an absolute path");
  if (path.size() > kLongestUnixPath) return std::unexpected("the path of a unix socket has at most 107 bytes");
  if (path.find('\0') != Bytes::npos) return std::unexpected("the path holds a NUL byte");
  return Address::unixPath(std::string(path));
}

}  // namespace

Address Address::ipv4(std::array<uint8_t, 4> octets, uint16_t port) {
  Address a;
  a.family_ = Family::Ipv4;
  a.port_ = port;
  std::ranges::copy(octets, a.octets_.begin());
  return a;
}

Address Address::ipv6(const std::array<uint8_t, 16>& octets, uint16_t port) {
  Address a;
  a.family_ = Family::Ipv6;
  a.port_ = port;
  a.octets_ = octets;
  return a;
}

Address Address::unixPath(std::string path) {
  Address a;
  a.family_ = Family::Unix;
  a.path_ = std::move(path);
  return a;
}

Address Address::named(std::string host, uint16_t port) {
  Address a;
  a.family_ = Family::Name;
  a.port_ = port;
  a.path_ = std::move(host);
  return a;
}

std::expected<Address, const char*> Address::parse(Bytes text) {
  if (text.starts_with(kUnixScheme)) return parseUnix(text.substr(kUnixScheme.size()));
  const size_t colon = text.rfind(':');
  if (colon == Bytes::npos) return std::unexpected("the port is missing");
  const auto port = parseDecimal(text.substr(colon + 1), 65535);
  if (!port) return std::unexpected("the port must be a number from 0 to 65535");
  Bytes host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  char terminated[INET6_ADDRSTRLEN] = {};
  if (host.size() >= sizeof terminated || host.find('\0') != Bytes::npos) return std::unexpected("not an IP address");
  std::memcpy(terminated, host.data(), host.size());
  Address a;
  a.port_ = static_cast<uint16_t>(*port);
  if (bracketed) {
    if (inet_pton(AF_INET6, terminated, a.octets_.data()) != 1) return std::unexpected("not an IPv6 address");
    a.family_ = Family::Ipv6;
    return a;
  }
  if (host.find(':') != Bytes::npos) return std::unexpected("an IPv6 address stands in brackets");
  if (inet_pton(AF_INET, terminated, a.octets_.data()) != 1) return std::unexpected("not an IP address");
  a.family_ = Family::Ipv4;
  return a;
}

Address Address::withPort(uint16_t port) const {
  Address a = *this;
  a.port_ = port;
  return a;
}

bool Address::isWildcard() const {
  return isIp() && std::ranges::all_of(octets_, [](uint8_t octet) { return octet == 0; });
}

bool Address::isLoopback() const {
  if (family_ == Family::Ipv4) return octets_[0] == 127;
  if (family_ == Family::Unix) return true;
  static constexpr std::array<uint8_t, 16> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return family_ == Family::Ipv6 && (octets_ == kLoopback6 || unmapped().family_ == Family::Ipv4) &&
         (octets_ == kLoopback6 || unmapped().isLoopback());
}

Address Address::unmapped() const {
  static constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (family_ != Family::Ipv6 || !std::equal(kMapped.begin(), kMapped.end(), octets_.begin())) return *this;
  return ipv4({octets_[12], octets_[13], octets_[14], octets_[15]}, port_);
}

std::string Address::text() const {
  switch (family_) {
    case Family::Name:
    case Family::Ipv4: return hostText() + ":" + std::to_string(port_);
    case Family::Ipv6: return "[" + hostText() + "]:" + std::to_string(port_);
    case Family::Unix: return std::string(kUnixScheme) + path_;
    case Family::None: break;
  }
  return "none";
}

std::string Address::hostText() const {
  char text[INET6_ADDRSTRLEN] = {};
  switch (family_) {
    case Family::Ipv4: return inet_ntop(AF_INET, octets_.data(), text, sizeof text);
    case Family::Ipv6: return inet_ntop(AF_INET6, octets_.data(), text, sizeof text);
    case Family::Unix: return "unix";
    case Family::Name: return path_;
    case Family::None: break;
  }
  return "none";
}

}  // namespace outrigger
