// What a balancer sees of one endpoint; kept up to date by its owner. A plain value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "proxy/policy/peak_ewma.h"

namespace outrigger::policy {

struct Candidate {
  uint32_t weight = 1;    ///< as configured, 1 to 1000
  double share = 1;       ///< part of the weight it gets now: 0 out of use, < 1 returning
  uint32_t inFlight = 0;  ///< attempts under way, and failed ones that still count
  PeakEwma latency{};     ///< with Balance::Ewma

  bool usable() const { return share > 0; }
  double effectiveWeight() const { return weight * share; }
};

/// Usable, and not among the indices to avoid.
inline bool mayTake(const Candidate& candidate, uint32_t index, std::span<const uint32_t> avoid) {
  return candidate.usable() && std::ranges::find(avoid, index) == avoid.end();
}

}  // namespace outrigger::policy
