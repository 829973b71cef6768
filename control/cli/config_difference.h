// What one config says otherwise than another, in groups, and what becomes of it when the sidecar takes the later one
// over. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/changes.h"
#include "config/load.h"

namespace outrigger::control::cli {

struct DifferenceGroup {
  std::string name;  ///< "upstreams.payments", "policies.default", "routes", "listen", "workers"
  std::vector<config::Change> changes;
  std::vector<std::string> atReload;  ///< sentences without a full stop; empty where nothing needs saying
  bool needsRestart = false;          ///< a reload leaves a part of it as it was
};

/// Both were loaded without an error. In the order of the format; empty: they say the same. Secrets are hidden, and a
/// change of one is a change.
std::vector<DifferenceGroup> differenceBetween(const config::LoadResult& before, const config::LoadResult& after);

}  // namespace outrigger::control::cli
