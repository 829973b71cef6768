// readAddress() of quantity.h, with the slips that people make in addresses.
#include <algorithm>

#include "config/quantity.h"

namespace outrigger::config {
namespace {

bool isIpv4Text(Bytes text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return isDigit(c) || c == '.'; }) &&
         std::ranges::count(text, '.') == 3;
}

bool isPort(Bytes text) {
  return parseDecimal(text, 65535).has_value();
}

bool isHostName(Bytes text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const char l = lowerAscii(c);
    return isDigit(c) || (l >= 'a' && l <= 'z') || c == '.' || c == '-' || c == '_';
  });
}

// "http://1.2.3.4:80/x" as "1.2.3.4:80"; anything else as it is.
Bytes withoutUrl(Bytes text) {
  const size_t scheme = text.find("://");
  if (scheme == Bytes::npos) return text;
  text.remove_prefix(scheme + 3);
  return text.substr(0, text.find('/'));
}

Slip portMissing(Bytes host) {
  return {Code::NotAnAddress, "needs a port behind the address", std::string(host) + ":8080"};
}

// `text` is no address: what is it then?
Slip slipOf(Bytes text, const char* why, AddressUse use) {
  if (text.starts_with("unix:")) return {Code::NotAnAddress, std::string("needs an address: ") + why, ""};
  const std::string anyHost = use == AddressUse::Listen ? "[::]" : "127.0.0.1";
  const Bytes inner = withoutUrl(text);
  if (inner.size() != text.size()) {
    return {Code::NotAnAddress, "needs an address without a scheme or path",
            Address::parse(inner) ? std::string(inner) : std::string("10.0.0.7:8080")};
  }
  if (isPort(text)) return {Code::NotAnAddress, "needs an address before the port", anyHost + ":" + std::string(text)};
  if (isIpv4Text(text)) return portMissing(text);
  if (text.starts_with('/')) return {Code::NotAnAddress, "needs `unix:` before a path", "unix:" + std::string(text)};
  if (text.starts_with('[') && text.ends_with(']')) return portMissing(text);
  const size_t colon = text.rfind(':');
  const Bytes host = text.substr(0, colon);
  const Bytes port = colon == Bytes::npos ? Bytes() : text.substr(colon + 1);
  if (std::ranges::count(text, ':') > 1 && !text.starts_with('[')) {
    return {Code::NotAnAddress, "needs an IPv6 address in brackets",
            "[" + std::string(host) + "]:" + std::string(isPort(port) ? port : "8080")};
  }
  if ((host.empty() || host == "*") && isPort(port)) {
    return {Code::NotAnAddress, "needs an IP address before the port", anyHost + ":" + std::string(port)};
  }
  const std::string goodPort(isPort(port) ? port : "8080");
  if (equalsIgnoreCase(host, "localhost"))
    return {Code::NotAnAddress, "needs an IP address, no name", "127.0.0.1:" + goodPort};
  if (isIpv4Text(host)) return {Code::NotAnAddress, std::string("needs an address: ") + why, ""};
  if (isHostName(host)) {
    return {Code::NotAnAddress, "needs an IP address: names are not looked up in this version",
            (use == AddressUse::Listen ? "127.0.0.1:" : "10.0.0.7:") + goodPort};
  }
  return {Code::NotAnAddress, std::string("needs an address: ") + why, "10.0.0.7:8080"};
}

}  // namespace

Reading<Address> readAddress(Bytes text, AddressUse use) {
  if (text.find('\0') != Bytes::npos) return std::unexpected(Slip{Code::NotAnAddress, "holds a NUL character", ""});
  const auto address = Address::parse(text);
  if (!address) {
    Slip slip = slipOf(text, address.error(), use);
    if (slip.tryText.starts_with('[')) slip.tryText = '"' + slip.tryText + '"';  // else YAML reads a list
    return std::unexpected(std::move(slip));
  }
  if (use == AddressUse::Listen || !address->isIp()) return *address;
  if (address->unmapped().isWildcard()) {
    return std::unexpected(Slip{Code::NotAnAddress, "stands for every address: one can listen there, not call it",
                                "127.0.0.1:" + std::to_string(address->port())});
  }
  if (address->port() == 0)
    return std::unexpected(Slip{Code::NotAnAddress, "needs a port other than 0", address->withPort(8080).text()});
  return *address;
}

}  // namespace outrigger::config
