// What happened between two readings of the counters: one point of a ring. Pure.
#pragma once

#include "control/live/counts.h"

namespace outrigger::control::live {

/// Times in milliseconds. NaN: nothing ended, so there is nothing to say.
struct FlowPoint {
  float perSecond = 0;
  float success = 0;  ///< share, 0 to 1
  float p50 = 0;
  float p95 = 0;
  float p99 = 0;
  float inFlight = 0;
};

struct UpstreamPoint {
  float perSecond = 0;  ///< requests that ended
  float failed = 0;     ///< of these, per second
  float attempts = 0;   ///< per second
  float retries = 0;    ///< per second
  float would = 0;      ///< that `mode: observe` would have intervened, per second
  int8_t breaker = 0;   ///< the worst that was seen: 0 closed, 1 half-open, 2 open
};

/// `elapsed` > 0. A request that began and ended in between and one that only ended there count alike.
FlowPoint flowPoint(const FlowCounts& before, const FlowCounts& after, Duration elapsed, const metrics::Bounds& bounds);

UpstreamPoint upstreamPoint(const UpstreamCounts& before, const UpstreamCounts& after, Duration elapsed);

/// In milliseconds, linear within a bucket; above the last bound: that bound. NaN of an empty histogram.
double quantile(const telemetry::HistogramSum& histogram, double share, const metrics::Bounds& bounds);

}  // namespace outrigger::control::live
