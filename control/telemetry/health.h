// What /ready and /live answer, apart from how it is found out (CONTRACT §7). Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"
#include "control/page_server.h"

namespace outrigger::control::telemetry {

/// Why the process should get no traffic now; empty: it should. `model` is the one in effect, or nullptr; `bound` holds
/// the listeners that stand, by name.
std::vector<std::string> readyBlockers(const config::Model* model, const std::map<std::string, Address>& bound,
                                       bool draining);

/// 200 without blockers, else 503.
Page renderReady(const std::vector<std::string>& blockers);

/// A worker whose loop has not come round for this long is taken for dead.
inline constexpr Duration kLongestSilence = 10s;

/// `silences`: for each worker, how long ago its loop came round. 200 if none is too long, else 503.
Page renderLive(std::span<const Duration> silences);

}  // namespace outrigger::control::telemetry
