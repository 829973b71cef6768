#include "proxy/base/spiffe_id.h"

#include <algorithm>

namespace outrigger {
namespace {

constexpr size_t kLongestTrustDomain = 255;

bool isDomainOctet(char c) {
  return (c >= 'a' && c <= 'z') || isDigit(c) || c == '.' || c == '-' || c == '_';
}

bool isPathOctet(char c) {
  return isDomainOctet(c) || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool isTrustDomain(Bytes text) {
  return !text.empty() && text.size() <= kLongestTrustDomain && std::ranges::all_of(text, isDomainOctet);
}

bool isSpiffePath(Bytes path) {
  while (!path.empty()) {
    if (path.front() != '/') return false;
    path.remove_prefix(1);
    const Bytes segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == ".." || !std::ranges::all_of(segment, isPathOctet))
      return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

}  // namespace outrigger
