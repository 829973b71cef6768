#include "proxy/exchange/redaction.h"

#include <algorithm>

#include "proxy/policy/hash.h"

namespace outrigger::exchange {
namespace {

constexpr size_t kShortestId = 8;
constexpr size_t kLongestId = 64;

bool looksLikeAnId(Bytes id) {
  return id.size() >= kShortestId && id.size() <= kLongestId && std::ranges::all_of(id, [](char c) {
           const char l = lowerAscii(c);
           return isDigit(c) || (l >= 'a' && l <= 'f') || c == '-';
         });
}

}  // namespace

Bytes recordedMethod(http::Method method) {
  return method == http::Method::Other ? Bytes("OTHER") : http::methodName(method);
}

Bytes recordedId(Bytes id, Arena& arena) {
  if (id.empty() || looksLikeAnId(id)) return id;
  constexpr Bytes kDigits = "0123456789abcdef";
  constexpr size_t kSize = 17;
  char* text = static_cast<char*>(arena.allocate(kSize, 1));
  text[0] = '~';
  uint64_t hash = policy::hashOf(id);
  for (size_t at = kSize - 1; at > 0; --at, hash >>= 4) text[at] = kDigits[hash & 15];
  return {text, kSize};
}

Shape shapeOf(const Route* route, Bytes upstream) {
  if (route == nullptr) return {"*", "/*"};
  const Bytes host = route->host.empty() ? upstream : Bytes(route->host);
  return {host.empty() ? Bytes("*") : host, route->path};
}

}  // namespace outrigger::exchange
