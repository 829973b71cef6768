#include "control/live/points.h"

#include <limits>

namespace outrigger::control::live {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// Cells of several workers are read one after the other: a sum may be a hair behind itself, never below.
uint64_t grown(uint64_t before, uint64_t after) {
  return after > before ? after - before : 0;
}

float rate(uint64_t before, uint64_t after, Duration elapsed) {
  return static_cast<float>(static_cast<double>(grown(before, after)) / seconds(elapsed));
}

double milliseconds(Duration span) {
  return seconds(span) * 1000;
}

telemetry::HistogramSum grown(const telemetry::HistogramSum& before, const telemetry::HistogramSum& after) {
  telemetry::HistogramSum between;
  for (size_t i = 0; i < between.buckets.size(); ++i) between.buckets[i] = grown(before.buckets[i], after.buckets[i]);
  return between;
}

}  // namespace

double quantile(const telemetry::HistogramSum& histogram, double share, const metrics::Bounds& bounds) {
  const auto count = static_cast<double>(histogram.count());
  if (count == 0) return kNothing;
  const double rank = share * count;
  double below = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(histogram.buckets[i]);
    if (here > 0 && below + here >= rank) {
      const double from = i == 0 ? 0 : milliseconds(bounds[i - 1]);
      return from + (milliseconds(bounds[i]) - from) * (rank - below) / here;
    }
    below += here;
  }
  return milliseconds(bounds[bounds.size() - 1]);
}

FlowPoint flowPoint(const FlowCounts& before, const FlowCounts& after, Duration elapsed,
                    const metrics::Bounds& bounds) {
  const telemetry::HistogramSum between = grown(before.duration, after.duration);
  const auto requests = static_cast<double>(grown(before.requests, after.requests));
  const auto failed = static_cast<double>(grown(before.failed, after.failed));
  const auto at = [&](double share) { return static_cast<float>(quantile(between, share, bounds)); };
  return {.perSecond = rate(before.requests, after.requests, elapsed),
          .success = static_cast<float>(requests == 0 ? kNothing : std::max(0.0, 1 - failed / requests)),
          .p50 = at(0.5),
          .p95 = at(0.95),
          .p99 = at(0.99),
          .inFlight = static_cast<float>(after.inFlight)};
}

UpstreamPoint upstreamPoint(const UpstreamCounts& before, const UpstreamCounts& after, Duration elapsed) {
  uint64_t wouldBefore = 0;
  uint64_t wouldAfter = 0;
  for (size_t i = 0; i < after.would.size(); ++i) {
    wouldBefore += before.would[i];
    wouldAfter += after.would[i];
  }
  const bool opened = after.opened > before.opened;  // it may have closed again within the second
  return {.perSecond = rate(before.requests, after.requests, elapsed),
          .failed = rate(before.failed, after.failed, elapsed),
          .attempts = rate(before.attempts, after.attempts, elapsed),
          .retries = rate(before.retries, after.retries, elapsed),
          .would = rate(wouldBefore, wouldAfter, elapsed),
          .breaker = static_cast<int8_t>(opened ? 2 : after.breaker)};
}

}  // namespace outrigger::control::live
