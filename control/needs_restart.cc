#include "control/needs_restart.h"

#include <algorithm>

#include "proxy/base/bytes.h"

namespace outrigger::control {
namespace {

// Sidecar::makeWorkers, and the tables of counters that the workers write to.
constexpr Bytes kMadeOnce[] = {"workers", "metrics.maxSeries", "metrics.buckets"};

bool isBelow(Bytes path, Bytes key) {
  return path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[');
}

}  // namespace

std::vector<std::string> needsRestart(std::span<const config::Change> changes) {
  std::vector<std::string> keys;
  for (const Bytes key : kMadeOnce) {
    const bool touched =
        std::ranges::any_of(changes, [&](const config::Change& change) { return isBelow(change.path, key); });
    if (touched) keys.emplace_back(key);
  }
  return keys;
}

}  // namespace outrigger::control
