// The series of CONTRACT §6 that this version has something behind, made from the cells of all workers and a few facts
// about the process. Sums.h says how several workers become one. A series appears once it is not zero, a gauge once it
// has been set; those of the process and its config are always there. The control thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/telemetry/exposition.h"
#include "control/telemetry/process_stats.h"
#include "control/telemetry/sums.h"
#include "proxy/base/time.h"

namespace outrigger::control::telemetry {

/// How it stands with the endpoints of an upstream that are looked up.
struct DiscoveryFacts {
  std::optional<Duration> age;  ///< since what is known was confirmed; nullopt: nothing is
  uint64_t applied = 0;
  uint64_t unchanged = 0;
  uint64_t failed = 0;
};

/// What no cell knows.
struct ProcessFacts {
  std::string version;
  std::string configHash;  ///< the first 8 hex digits
  bool lastReloadGood = true;
  WallTime appliedAt{};
  uint64_t applied = 0;
  uint64_t unchanged = 0;
  uint64_t rejected = 0;
  bool draining = false;
  WallTime startedAt{};
  std::optional<ProcessStats> stats;
  /// The upstreams that are configured now: of others only what still counts is shown, not how they were last seen.
  std::set<std::string, std::less<>> upstreams;
  std::map<std::string, WallTime> certificates;     ///< when they expire, by what they are
  std::map<std::string, DiscoveryFacts> discovery;  ///< by upstream
};

class Collector {
 public:
  /// `registry` outlives the collector.
  Collector(const SeriesRegistry& registry, ProcessFacts facts) : registry_(registry), facts_(std::move(facts)) {}

  Families collect() const;

 private:
  const SeriesRegistry& registry_;
  const ProcessFacts facts_;
};

}  // namespace outrigger::control::telemetry
