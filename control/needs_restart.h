// What a reload leaves as it was: it is made once, when the sidecar starts. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/changes.h"

namespace outrigger::control {

/// Which of these keys the changes touch: "workers", "metrics.maxSeries", "metrics.buckets".
std::vector<std::string> needsRestart(std::span<const config::Change> changes);

}  // namespace outrigger::control
