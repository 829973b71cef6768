// The JSON of the admin pages, made from plain values: what was gathered is one thing, how it is shown another. Keys
// are in snake_case, times in RFC 3339, spans in milliseconds. Pure; the control thread.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/effective.h"
#include "control/admin/gathering.h"
#include "control/admin/rules.h"
#include "control/discovery/discovery.h"
#include "control/drain.h"
#include "control/reloader.h"

namespace outrigger::control::admin {

using Json = nlohmann::ordered_json;

using Standings = std::map<std::string, discovery::Standing>;

/// What /api/upstreams shows. Several workers become one view: requests, connections, tokens and ejections add up; of a
/// breaker or an endpoint the worst worker's state counts, with the longest time and run and the smallest share. Where
/// the workers' states differ, `workers` tells each one's.
/// `standings`: of upstreams whose endpoints are looked up.
Json upstreamsJson(const Gathering::Result& gathered, Instant now, const Standings& standings = {});

/// One of a worker's decisions; they are numbered from 1.
struct MadeDecision {
  uint32_t worker;
  uint64_t number;
  const server::Decision* decision;
};

/// The last of all workers, as many as a ring holds, newest first. They point into `gathered`.
std::vector<MadeDecision> newestDecisions(const Gathering::Result& gathered);

/// What /api/decisions shows: the last of all workers, newest first, each with the place of the rule that it follows.
Json decisionsJson(const Gathering::Result& gathered, const Rules& rules = {});
Json decisionJson(const server::Decision& decision, uint32_t worker, const Rules& rules);

/// What /api/config shows.
Json configJson(const ConfigFile& file, WallTime appliedAt, const std::vector<config::EffectiveValue>& values);

/// The values of it: path, value, origin.
Json valuesJson(const std::vector<config::EffectiveValue>& values);

struct WorkerStatus {
  int64_t requests = 0;  ///< in flight
  int64_t inboundConnections = 0;
  int64_t outboundConnections = 0;
};

struct StatusFacts {
  std::string version{};
  int64_t pid = 0;
  WallTime startedAt{};
  WallTime now{};
  Drain::State drain = Drain::State::Serving;
  std::vector<std::string> blockers{};  ///< of /ready
  const ReloadState& reloads;
  const std::map<std::string, Address>& listeners;
  std::vector<WorkerStatus> workers{};
  uint64_t logLinesDropped = 0;
};

/// What /api/status shows.
Json statusJson(const StatusFacts& facts);

/// RFC 3339, UTC, with milliseconds.
std::string isoTime(WallTime when);

/// As text, with its line end. Octets that are not UTF-8 become U+FFFD.
std::string textOf(const Json& json);

}  // namespace outrigger::control::admin
