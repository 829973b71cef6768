// What one worker tells the admin pages of itself: plain values, made on the worker's thread and read on the control
// thread. Instants are of the monotonic clock, which all threads share.
#pragma once

#include <string>
#include <vector>

#include "proxy/policy/breaker.h"
#include "proxy/policy/ejection.h"
#include "proxy/server/decision.h"
#include "proxy/server/worker.h"

namespace outrigger::control::admin {

struct EndpointReport {
  std::string address;
  uint32_t weight = 1;
  upstream::EndpointState state = upstream::EndpointState::Healthy;
  double share = 1;  ///< of its weight, that it gets now
  uint32_t inFlight = 0;
  uint32_t run = 0;  ///< failures in a row
  uint32_t ejections = 0;
  Instant ejectedUntil{};  ///< only while Ejected
  bool byHand = false;     ///< ejected so
  uint64_t requests = 0;   ///< of the last seconds, as ejection counts them
  uint64_t failures = 0;   ///< of these
  Duration p99{};          ///< to an answer's head; 0: there are too few
  double slowScore = 0;    ///< what speaks for an ejection by latency, up to 13.8; from 6.9 on it is suspected
  struct Checks {
    uint32_t failed = 0;  ///< in a row
    uint32_t passed = 0;
    std::string lastFailure{};  ///< empty: none has failed
  };
  std::optional<Checks> checks{};             ///< where this worker makes the health checks
  std::optional<Duration> expectedLatency{};  ///< where the upstream balances by it, and it is known
};

struct BreakerReport {
  std::string route;  ///< empty: it is the upstream's own
  policy::Breaker::State state = policy::Breaker::State::Closed;
  Instant openUntil{};  ///< only while Open
};

struct UpstreamReport {
  std::string name;
  bool hasBreaker = false;              ///< its own, or one of a route's
  BreakerReport breaker;                ///< the worst of its routes', where each has its own
  std::vector<BreakerReport> breakers;  ///< of its routes, where each has its own
  double retryTokens = 0;               ///< of the budget, less than one is none
  double retryCap = 0;                  ///< what it holds at most
  uint64_t pending = 0;                 ///< requests that wait
  uint64_t connections = 0;
  Duration median{};  ///< to an answer's head; 0: none yet
  std::vector<EndpointReport> endpoints;
};

struct WorkerReport {
  uint32_t worker = 0;
  std::vector<UpstreamReport> upstreams;
  std::vector<server::Decision> decisions;  ///< oldest first
  uint64_t decisionsMade = 0;               ///< ever: the number of the last one, from 1
  std::vector<server::Trail> trails{};      ///< of the request that was asked for; the newest first
  size_t trailsKept = 0;
  std::optional<WallTime> trailsSince{};  ///< of the oldest that is kept
};

/// On the worker's thread, after its first snapshot.
std::vector<UpstreamReport> reportUpstreams(const server::Worker& worker);
std::vector<server::Decision> reportDecisions(const server::Worker& worker);
/// What there is about a request, by the id that records have of it; with all decisions.
WorkerReport reportOn(const server::Worker& worker, Bytes id);

}  // namespace outrigger::control::admin
