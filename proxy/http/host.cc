#include "proxy/http/host.h"

#include <algorithm>
#include <array>

#include "proxy/base/address.h"

namespace outrigger::http {
namespace {

// unreserved and sub-delims of RFC 3986; names longer than 253 octets are not in DNS.
constexpr std::array<bool, 256> makeNameOctets() {
  std::array<bool, 256> allowed{};
  for (unsigned char c : Bytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=")) {
    allowed[c] = true;
  }
  return allowed;
}
constexpr auto kNameOctets = makeNameOctets();
constexpr size_t kLongestName = 253;

bool isName(Bytes host) {
  return !host.empty() && host.size() <= kLongestName &&
         std::ranges::all_of(host, [](unsigned char c) { return kNameOctets[c]; });
}

bool isIpv6(Bytes literal) {
  std::array<char, 64> address{};
  constexpr Bytes kPort = ":0";
  if (literal.size() + kPort.size() > address.size()) return false;
  std::ranges::copy(kPort, std::ranges::copy(literal, address.begin()).out);
  return Address::parse({address.data(), literal.size() + kPort.size()}).has_value();
}

}  // namespace

std::optional<HostPort> parseHost(Bytes text) {
  HostPort result;
  Bytes rest;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == Bytes::npos) return std::nullopt;
    result.host = text.substr(1, close - 1);
    result.bracketed = true;
    rest = text.substr(close + 1);
    if (!isIpv6(text.substr(0, close + 1))) return std::nullopt;
  } else {
    const size_t colon = text.find(':');
    result.host = text.substr(0, colon);
    rest = colon == Bytes::npos ? Bytes() : text.substr(colon);
    if (!isName(result.host)) return std::nullopt;
  }
  if (rest.empty()) return result;
  if (rest.front() != ':') return std::nullopt;
  const auto port = parseDecimal(rest.substr(1), 65535);
  if (!port || *port == 0 || rest.size() > 6) return std::nullopt;
  result.port = static_cast<uint16_t>(*port);
  return result;
}

}  // namespace outrigger::http
