// The checks of texts.h for identities and what proves them: SPIFFE IDs, names in certificates, paths of files.
#include <algorithm>

#include "config/diagnostic.h"
#include "config/texts.h"
#include "proxy/base/spiffe_id.h"

namespace outrigger::config {
namespace {

constexpr size_t kLongestFilePath = 4095;
constexpr size_t kLongestName = 253;

Slip bad(std::string what, std::string tryText = {}) {
  return {Code::BadText, std::move(what), std::move(tryText)};
}

std::optional<Slip> checkIdentityText(Bytes text, Bytes domainAlone) {
  if (text.size() > kLongestSpiffeId) return bad("has more than 2048 octets");
  if (!text.starts_with(kSpiffeScheme)) return bad("begins with spiffe://", "spiffe://shop.example/ns/shop/sa/cart");
  const Bytes rest = text.substr(kSpiffeScheme.size());
  const Bytes domain = rest.substr(0, rest.find('/'));
  if (!isTrustDomain(domain)) return bad("needs a trust domain of lower-case letters, digits, `.`, `-`, `_`");
  const Bytes path = rest.substr(domain.size());
  if (path.empty()) return bad("needs a path behind the trust domain", std::string(text) + std::string(domainAlone));
  if (isSpiffePath(path)) return std::nullopt;
  return bad("needs a path of letters, digits, `.`, `-`, `_`, without an empty segment", "");
}

}  // namespace

std::optional<Slip> checkIdentity(Bytes text) {
  if (text.ends_with("/*")) return bad("stands for one workload here, without `*`");
  return checkIdentityText(text, "/ns/shop/sa/cart");
}

std::optional<Slip> checkIdentityRule(Bytes text) {
  if (!text.starts_with(kSpiffeScheme) || !text.ends_with("/*")) {
    if (text.find('*') != Bytes::npos)
      return bad("may have a `*` as its last segment alone", "spiffe://shop.example/*");
    return checkIdentityText(text, "/*");
  }
  if (text.size() == kSpiffeScheme.size() + 1) {
    return bad("needs a trust domain: no rule takes the callers of all", "spiffe://shop.example/*");
  }
  return checkIdentityText(std::string(text.substr(0, text.size() - 1)) + "all", "");
}

std::optional<Slip> checkFilePath(Bytes text) {
  if (text.starts_with("-----BEGIN")) return bad("needs the path of a PEM file, not what stands in it");
  if (!text.starts_with('/')) return bad("needs the full path of a file", "/certs/tls.crt");
  const bool plain =
      std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (plain && !text.ends_with('/') && text.size() <= kLongestFilePath) return std::nullopt;
  return bad("needs the path of a file, at most 4095 octets without control characters");
}

std::optional<Slip> checkServerName(Bytes text) {
  if (auto slip = checkHost(text)) return slip;
  const HostAndPort host = splitHost(text);
  if (host.port != 0) return bad("needs a name without a port", host.host);
  if (text.starts_with('[') || Address::parse(std::string(text) + ":1")) {
    return bad("needs a name as it stands in certificates, no address", "payments.shop");
  }
  return std::nullopt;
}

// A protobuf name in full: package.Service.
std::optional<Slip> checkServiceName(Bytes text) {
  const bool good = !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, [](char c) {
    return (lowerAscii(c) >= 'a' && lowerAscii(c) <= 'z') || isDigit(c) || c == '.' || c == '_' || c == '-' || c == '/';
  });
  if (good) return std::nullopt;
  return bad("needs the name of a gRPC service: letters, digits, `.`, `_`, `-`, `/`", "shop.Payments");
}

}  // namespace outrigger::config
