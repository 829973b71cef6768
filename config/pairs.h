// Values of one map that must not contradict each other: no try may take longer than the request, no wait begin above
// its cap. Written together they are an error; a written one against an inherited one: the smaller counts. Pure.
#pragma once

#include <span>

#include "config/diagnostic.h"
#include "config/node.h"

namespace outrigger::config {

struct Pair {
  Bytes path;     ///< of the map, keys apart by points; empty: the map itself
  Bytes smaller;  ///< its value is at most that of `larger`; both are times, or both sizes
  Bytes larger;
};

std::span<const Pair> policyPairs();
std::span<const Pair> filePairs();
std::span<const Pair> upstreamPairs();

/// Reports the pairs of one written map that contradict each other.
void checkPairs(const Node& written, std::span<const Pair> pairs, Diagnostics& diagnostics);

/// `effective`, a policy, with both halves of the breaker's look at slow calls off where `own` switches one off.
/// Reports a half that `own` switches on while the other is off.
Node settleSlowCalls(const Node& effective, const Node& own, Diagnostics& diagnostics);

/// `effective` with every value that goes beyond its partner set to the partner's. Says so where the value that is cut
/// was written in `own`, the map that stands on top.
Node settlePairs(const Node& effective, const Node& own, std::span<const Pair> pairs, Diagnostics& diagnostics);

}  // namespace outrigger::config
