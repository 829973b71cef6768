// Parts of the live page's state: the rings, the upstreams with their endpoints, and the map between callers, app and
// upstreams. The control thread.
#pragma once

#include "control/admin/rules.h"
#include "control/live/live_json.h"

namespace outrigger::control::live {

/// The pod's name, or the machine's.
std::string processName();

Json flowsJson(const History& history, const Progress& since);

/// `upstreams`, those out of order first, then the busiest, and all their `endpoints` in one list.
void addUpstreams(Json& state, const ProcessView& view, const History& history,
                  const admin::Gathering::Result& gathered, const Progress& since);
/// Policy, mode and place of each upstream.
void addPlaces(Json& state, const config::Model& model, const admin::Rules& rules);
/// To the endpoint or upstream that it is about: since when, and why.
void explainBy(Json& state, const server::Decision& decision);
/// Those that changed last first, then those that are out; then as they came. Leaves kMostEndpointsShown.
void sortEndpoints(Json& state);

/// Nodes and edges, of a state that has flows, upstreams and endpoints.
Json mapJson(const Json& state);

}  // namespace outrigger::control::live
