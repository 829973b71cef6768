// The state that the live page shows, as JSON: what /api/live gives whole, and /api/events whole at first and then by
// what is new. Keys are in snake_case, times in RFC 3339, spans in milliseconds, shares from 0 to 1; null: nothing to
// say. The control thread.
//
// No octet of a request is in here but what decisions hold of it: host and path as the route names them.
#pragma once

#include <map>

#include "control/admin/pages_json.h"
#include "control/live/history.h"
#include "control/process_view.h"

namespace outrigger::control::live {

using admin::Json;

/// How far a reader has come: what is new is behind these numbers. All zero: everything is.
struct Progress {
  uint64_t fine = 0;
  uint64_t coarse = 0;
  std::map<uint32_t, uint64_t> decisions{};  ///< by worker
  std::optional<uint64_t> reloads{};         ///< nullopt: the config is to be told as well
};

/// At most so much of each is shown; what is left out is counted, and /api/upstreams and /api/config have it all.
inline constexpr size_t kMostUpstreamsShown = 100;
inline constexpr size_t kMostEndpointsShown = 300;
inline constexpr size_t kMostValuesShown = 2'000;

/// `gathered`: reports with upstreams and decisions. What was told before `since` is left out of rings, decisions and
/// config; everything else is always whole. `fine_at` and `coarse_at` number the last point of the rings, which all end
/// there: a reader takes of each as many as it has not seen.
Json liveJson(const ProcessView& view, const History& history, const admin::Gathering::Result& gathered,
              const Progress& since);

Progress progressAt(const ProcessView& view, const History& history, const admin::Gathering::Result& gathered);

/// What /api/config/history shows.
Json reloadsJson(const ReloadHistory& history);

}  // namespace outrigger::control::live
