// What `top` shows: the state of /api/live as lines for a terminal of some size, or as JSON. Keys that are missing, as
// from another version, count as nothing. Pure.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "control/cli/fitted_table.h"

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

/// Where it is shown.
struct TopView {
  static constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

  size_t columns = 80;
  size_t lines = 24;
  bool utf8 = true;
  std::string notice{};  ///< what is wrong with the state itself: "the sidecar has gone"; shown instead of its troubles
  std::string keys{};    ///< "q quits", where there are keys
};

/// At most `view.lines` lines, each of at most `view.columns` columns: the head, what is wrong, both directions with
/// their last minute, the upstreams by trouble (top_order.h) as far as there is room, and the last decisions.
std::vector<TonedLine> topLines(const Json& state, const TopView& view);

/// The same without its history: `inbound` and `outbound` as they are now, the upstreams with their endpoints in the
/// same order, the last decisions and what is wrong.
Json topReport(const Json& state);

}  // namespace outrigger::control::cli
