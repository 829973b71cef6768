// The injector's metrics in the Prometheus text format. The control thread only.
#pragma once

#include <string>

#include "proxy/base/time.h"

namespace outrigger::control::injector {

struct WebhookCounts;

struct InjectorFacts {
  std::string configHash;  ///< the first 8 hex digits
  bool lastLoadGood = true;
  WallTime appliedAt{};
  uint64_t applied = 0;  ///< the first one is not counted
  uint64_t rejected = 0;
  bool draining = false;
  WallTime startedAt{};
  WallTime certificateExpiry{};
};

std::string metricsText(const InjectorFacts& facts, const WebhookCounts& counts);

}  // namespace outrigger::control::injector
