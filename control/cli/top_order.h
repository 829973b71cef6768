// The upstreams of a sidecar and their endpoints in the order in which somebody wants to see them: what is out of order
// first. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

/// An endpoint or an upstream; it points into the state.
struct Standing {
  const Json* json;
  bool trouble;  ///< it is out of use, it fails, or it is suspiciously slow
};

struct StandingUpstream : Standing {
  std::vector<Standing> endpoints;
};

/// Of what /api/live tells. Upstreams with an open breaker first, then with a half-open one, with endpoints that are
/// out, with failures, with a slow endpoint; what is alike by name. Endpoints: those that are out, that fail, that are
/// slow; what is alike as the sidecar has it.
std::vector<StandingUpstream> byTrouble(const Json& state);

}  // namespace outrigger::control::cli
