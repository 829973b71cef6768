// Names and networks of the DNS and of Kubernetes: the checks of texts.h for them.
#include <algorithm>

#include "config/quantity.h"
#include "config/texts.h"
#include "proxy/base/address_prefix.h"

namespace outrigger::config {
namespace {

constexpr size_t kLongestLabel = 63;  // RFC 1035 §2.3.4
constexpr size_t kLongestDnsName = 253;
constexpr size_t kLongestPortName = 15;  // RFC 6335 §5.1

Slip bad(std::string message, std::string tryText = {}) {
  return {Code::BadText, std::move(message), std::move(tryText)};
}

bool isLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || isDigit(c);
}

bool isLabel(Bytes text, size_t longest) {
  return !text.empty() && text.size() <= longest && !text.starts_with('-') && !text.ends_with('-') &&
         std::ranges::all_of(text, [](char c) { return isLowerOrDigit(c) || c == '-'; });
}

// Labels of a host name; those that begin with `_` only in front, and two of them.
bool isDnsName(Bytes name) {
  for (size_t at = 0; at <= name.size();) {
    const size_t point = std::min(name.find('.', at), name.size());
    Bytes label = name.substr(at, point - at);
    if (label.starts_with('_')) label.remove_prefix(1);
    if (!isLabel(lowered(label), kLongestLabel)) return false;
    at = point + 1;
  }
  return true;
}

}  // namespace

std::optional<Slip> checkDnsName(Bytes text) {
  if (text.find("://") != Bytes::npos) return bad("needs a name alone, without scheme and path");
  if (text.find(':') != Bytes::npos) {
    return bad("needs a name alone: the port has a key of its own", std::string(text.substr(0, text.find(':'))));
  }
  if (Address::parse(std::string(text) + ":1")) {
    return bad("is an address, which needs no look-up: it stands in `endpoints`");
  }
  const Bytes name = text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
  if (name.size() > kLongestDnsName || !isDnsName(name)) {
    return bad("needs a name of the DNS: labels of letters, digits and `-`, with points between them",
               "payments.shop.svc.cluster.local");
  }
  if (name.starts_with('_') && name.find("._") == Bytes::npos) {
    return bad("needs two labels with `_` in front of a service's name", "_http._tcp.payments.shop.svc.cluster.local");
  }
  return std::nullopt;
}

std::optional<Slip> checkDnsLabel(Bytes text) {
  if (isLabel(text, kLongestLabel)) return std::nullopt;
  const std::string lower = lowered(text);
  if (isLabel(lower, kLongestLabel)) return bad("is in lower case in Kubernetes", lower);
  return bad("needs 1 to 63 lower-case letters, digits and `-`, and no `-` at either end");
}

std::optional<Slip> checkServicePort(Bytes text) {
  const bool isNumber = std::ranges::all_of(text, isDigit);
  if (isNumber) {
    const auto number = parseDecimal(text, 65535);
    if (number && *number > 0) return std::nullopt;
  } else if (isLabel(text, kLongestPortName)) {
    return std::nullopt;
  }
  return bad("needs a port from 1 to 65535, or the name of one, such as http");
}

std::optional<Slip> checkCidr(Bytes text) {
  const size_t slash = text.find('/');
  const Bytes host = text.substr(0, slash);
  const bool v6 = host.find(':') != Bytes::npos;
  const auto address = Address::parse(v6 ? "[" + std::string(host) + "]:0" : std::string(host) + ":0");
  const auto bits = slash == Bytes::npos ? std::nullopt : parseDecimal(text.substr(slash + 1), v6 ? 128 : 32);
  if (address && bits) {
    const Address first = prefixOf(*address, static_cast<unsigned>(*bits));
    if (first == *address) return std::nullopt;
    return bad("has bits behind its length", first.hostText() + "/" + std::to_string(*bits));
  }
  if (address && slash == Bytes::npos)
    return bad("needs its length in bits", std::string(host) + (v6 ? "/128" : "/32"));
  return bad("needs a network: an address and its length in bits", "10.0.0.0/8");
}

}  // namespace outrigger::config
