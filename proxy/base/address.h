// Where a socket stands: an IPv4 or IPv6 address with a port, or the path of a unix socket; or the name of a host with
// a port, which is looked up when it is dialled. A plain value, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger {

class Address {
 public:
  enum class Family : uint8_t { None, Ipv4, Ipv6, Unix, Name };

  Address() = default;
  static Address ipv4(std::array<uint8_t, 4> octets, uint16_t port);
  static Address ipv6(const std::array<uint8_t, 16>& octets, uint16_t port);
  static Address unixPath(std::string path);
  /// A host by its name, to be dialled only; parse() never gives one.
  static Address named(std::string host, uint16_t port);
  static Address loopback(uint16_t port) { return ipv4({127, 0, 0, 1}, port); }

  /// Reads "10.0.0.7:8080", "[::1]:8080" or "unix:/run/app.sock". The error is a sentence that says what is wrong.
  static std::expected<Address, const char*> parse(Bytes text);

  Family family() const { return family_; }
  bool isIp() const { return family_ == Family::Ipv4 || family_ == Family::Ipv6; }
  uint16_t port() const { return port_; }
  /// Network byte order; the first 4 (IPv4) or all 16 (IPv6) octets count.
  const std::array<uint8_t, 16>& octets() const { return octets_; }
  const std::string& path() const { return path_; }
  /// Of a named address; otherwise empty.
  Bytes hostName() const { return family_ == Family::Name ? Bytes(path_) : Bytes(); }

  Address withPort(uint16_t port) const;
  /// 0.0.0.0 or [::].
  bool isWildcard() const;
  bool isLoopback() const;
  /// ::ffff:a.b.c.d as a.b.c.d; anything else unchanged. A dual-stack listener sees IPv4 peers in the mapped form.
  Address unmapped() const;

  /// The form that parse() reads; "host:port" for a named one.
  std::string text() const;
  /// Without port and brackets, as `x-forwarded-for` wants it; "unix" for a unix socket.
  std::string hostText() const;

  bool operator==(const Address&) const = default;

 private:
  Family family_ = Family::None;
  uint16_t port_ = 0;
  std::array<uint8_t, 16> octets_{};
  std::string path_;  // or the host's name
};

}  // namespace outrigger
