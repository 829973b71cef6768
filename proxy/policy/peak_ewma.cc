#include "proxy/policy/peak_ewma.h"

#include <algorithm>
#include <cmath>

namespace outrigger::policy {
namespace {

constexpr Duration kDecay = 10s;
constexpr Duration kFresh = 500ms;
constexpr int kFailureCosts = 10;         // usual latencies
constexpr Duration kFailureAtFirst = 1s;  // while nothing is usual

// `from` has been on its way to `to` for that long.
Duration blend(Duration from, Duration to, Duration span) {
  const double left = std::exp(-seconds(span) / seconds(kDecay));
  return to + Duration(static_cast<int64_t>(static_cast<double>((from - to).count()) * left));
}

}  // namespace

void PeakEwma::observe(Instant now, Duration latency) {
  value_ = !known_ || latency >= value_ ? latency : blend(value_, latency, now - at_);
  known_ = true;
  at_ = now;
}

void PeakEwma::observeFailure(Instant now, Duration latency, Duration usual) {
  observe(now, std::max(latency, usual > Duration::zero() ? kFailureCosts * usual : kFailureAtFirst));
}

void PeakEwma::observeSilence(Instant now, Duration age, Duration usual) {
  if (age > expected(now, usual)) observe(now, age);
}

Duration PeakEwma::expected(Instant now, Duration usual) const {
  if (!known_) return usual;
  const Duration silent = now - at_ - kFresh;
  return silent <= Duration::zero() ? value_ : blend(value_, usual, silent);
}

}  // namespace outrigger::policy
