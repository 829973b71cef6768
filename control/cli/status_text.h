// What `status` and `top` say of a sidecar, made from the JSON of its admin pages. Keys that are missing, as from
// another version, count as zero. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "control/cli/text_table.h"

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

/// The answers of /api/status, /api/upstreams and /api/decisions.
struct StatusPages {
  Json status;
  Json upstreams;
  Json decisions;
};

/// What is wrong with it, one sentence each, the worst first; empty: nothing.
std::vector<std::string> troubles(const StatusPages& pages);

/// One screen.
std::string statusText(const StatusPages& pages);

/// All of it in one object, with the last decisions and what is wrong.
Json statusReport(const StatusPages& pages);

/// Of an upstream or a route: "closed", "half-open", "open, 3 s left", "open; the next request probes it".
std::string breakerText(const Json& json);
/// How much trouble that is: 2 open, 1 half-open, 0 closed or open without refusing anybody any more.
int breakerRank(const Json& json);
/// Of an upstream's breakers, one that is not closed: "open, 3 s left, route pay"; "no breaker" where it has none.
std::string breakerCell(const Json& upstream);
/// "healthy", "healthy, 20 of 20 requests failed", "ejected, 30 s left", "ejected by hand until restored".
std::string endpointStateText(const Json& endpoint);

/// A line for each upstream.
TextTable upstreamTable(const Json& upstreams);
/// A line for each endpoint; `only`: of this upstream.
TextTable endpointTable(const Json& upstreams, const std::string& only = {});

}  // namespace outrigger::control::cli
