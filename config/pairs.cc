#include "config/pairs.h"

#include <algorithm>

#include "config/quantity.h"

namespace outrigger::config {
namespace {

constexpr Pair kPolicyPairs[] = {
    {"timeout", "attempt", "request"}, {"timeout", "connect", "request"}, {"retry.backoff", "base", "max"},
    {"breaker", "open", "maxOpen"},    {"eject", "baseTime", "maxTime"},  {"limits", "idle", "maxAge"},
};

constexpr Pair kFilePairs[] = {
    {"http", "targetBytes", "headBytes"},
    {"http", "keepAlive", "maxAge"},
    {"shutdown", "lameDuck", "grace"},
};

constexpr Pair kUpstreamPairs[] = {{"health", "timeout", "interval"}};

const Node* follow(const Node& node, Bytes path) {
  const Node* at = &node;
  while (at != nullptr && !path.empty()) {
    const size_t point = std::min(path.find('.'), path.size());
    at = at->find(path.substr(0, point));
    path.remove_prefix(std::min(point + 1, path.size()));
  }
  return at;
}

// Milliseconds or octets; nullopt: `none`, `auto`, nothing.
std::optional<int64_t> amountOf(const Node* node) {
  if (node == nullptr) return std::nullopt;
  if (const auto duration = readDuration(node->text())) return *duration / 1ms;
  if (const auto octets = readSize(node->text())) return static_cast<int64_t>(*octets);
  return std::nullopt;
}

// The two values, if they contradict each other.
struct Conflict {
  const Node* smaller = nullptr;
  const Node* larger = nullptr;
  explicit operator bool() const { return smaller != nullptr; }
};

Conflict conflictIn(const Node& map, const Pair& pair) {
  const Node* at = follow(map, pair.path);
  if (at == nullptr) return {};
  const Conflict both{at->find(pair.smaller), at->find(pair.larger)};
  const auto smaller = amountOf(both.smaller);
  const auto larger = amountOf(both.larger);
  return smaller && larger && *smaller > *larger ? both : Conflict{};
}

Node withAt(const Node& map, Bytes path, Bytes key, const Node& value) {
  if (path.empty()) return with(map, key, value);
  const size_t point = std::min(path.find('.'), path.size());
  const Bytes first = path.substr(0, point);
  const Node* inner = map.find(first);
  if (inner == nullptr) return map;
  return with(map, first, withAt(*inner, path.substr(std::min(point + 1, path.size())), key, value));
}

std::string comparison(const Pair& pair, const Conflict& conflict) {
  return inQuotes(pair.smaller) + " is " + std::string(conflict.smaller->text()) + ", more than " +
         inQuotes(pair.larger) + " with " + std::string(conflict.larger->text());
}

}  // namespace

std::span<const Pair> policyPairs() {
  return kPolicyPairs;
}

std::span<const Pair> filePairs() {
  return kFilePairs;
}

std::span<const Pair> upstreamPairs() {
  return kUpstreamPairs;
}

void checkPairs(const Node& written, std::span<const Pair> pairs, Diagnostics& diagnostics) {
  for (const Pair& pair : pairs) {
    const Conflict conflict = conflictIn(written, pair);
    if (!conflict) continue;
    diagnostics.report(Code::ImpossiblePair, conflict.smaller->place(), comparison(pair, conflict),
                       std::string(pair.smaller) + ": " + std::string(conflict.larger->written()));
  }
}

Node settleSlowCalls(const Node& effective, const Node& own, Diagnostics& diagnostics) {
  struct Half {
    Bytes key;
    Bytes other;
    Bytes why;
    Bytes tryText;
  };
  constexpr Half kHalves[] = {
      {"slowPercent", "slowCall", "which calls are slow", "slowCall: 500ms"},
      {"slowCall", "slowPercent", "how many slow calls open the breaker", "slowPercent: 50"},
  };
  const Node* written = own.find("breaker");
  Node settled = effective;
  for (const Half& half : kHalves) {
    const Node* value = written == nullptr ? nullptr : written->find(half.key);
    const Node* other = follow(settled, "breaker") == nullptr ? nullptr : follow(settled, "breaker")->find(half.other);
    if (value == nullptr || value->isInvalid() || other == nullptr || other->isInvalid()) continue;
    const Node* otherWritten = written->find(half.other);
    if (value->is("none") && otherWritten == nullptr) {
      settled = withAt(settled, "breaker", half.other, *value);
    } else if (!value->is("none") && other->is("none")) {
      diagnostics.report(Code::MissingKey, value->place(),
                         inQuotes(half.key) + " needs " + inQuotes(half.other) + " beside it: " + std::string(half.why),
                         std::string(half.tryText));
    }
  }
  return settled;
}

Node settlePairs(const Node& effective, const Node& own, std::span<const Pair> pairs, Diagnostics& diagnostics) {
  Node settled = effective;
  for (const Pair& pair : pairs) {
    const Conflict conflict = conflictIn(settled, pair);
    if (!conflict) continue;
    const Node* map = follow(own, pair.path);
    const bool both = map != nullptr && map->find(pair.smaller) != nullptr && map->find(pair.larger) != nullptr;
    if (map != nullptr && map->find(pair.smaller) != nullptr && !both) {
      diagnostics.report(
          Code::CutByInherited, conflict.smaller->place(),
          comparison(pair, conflict) + ", which is inherited: " + std::string(conflict.larger->text()) + " counts",
          std::string(pair.larger) + ": " + std::string(conflict.smaller->written()) + " as well");
    }
    settled = withAt(settled, pair.path, pair.smaller, *conflict.larger);
  }
  return settled;
}

}  // namespace outrigger::config
