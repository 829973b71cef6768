#include "proxy/policy/health.h"

#include <utility>

namespace outrigger::policy {
namespace {

constexpr int kStretch = 5;  // intervals between checks of an endpoint that traffic proves well

}  // namespace

bool HealthRecord::observe(Instant now, const HealthSettings& settings, Bytes failure) {
  lastCheck_ = now;
  const bool good = failure.empty();
  if (!good) lastFailure_ = failure;
  ++(good ? passed_ : failed_);
  (good ? failed_ : passed_) = 0;
  const bool changes = unhealthy_ ? passed_ >= settings.healthy : failed_ >= settings.unhealthy;
  if (changes) unhealthy_ = !unhealthy_;
  return changes;
}

bool HealthRecord::adopt(bool unhealthy) {
  failed_ = passed_ = 0;
  return std::exchange(unhealthy_, unhealthy) != unhealthy;
}

// Anywhere in the first interval: not all endpoints, and not all sidecars, at once.
Instant HealthRecord::firstLook(Instant now, const HealthSettings& settings, Rng& rng) {
  return now + rng.between(Duration::zero(), settings.interval);
}

Instant HealthRecord::nextLook(Instant now, const HealthSettings& settings, Rng& rng) {
  return now + rng.between(settings.interval * 9 / 10, settings.interval * 11 / 10);
}

// A look comes up to 10 % before its interval is over, which is no reason to wait for the next.
bool HealthRecord::due(Instant now, const HealthSettings& settings) const {
  const bool provenWell =
      !unhealthy_ && failed_ == 0 && lastSuccess_ && now - *lastSuccess_ <= settings.interval && lastCheck_;
  return !provenWell || now - *lastCheck_ >= kStretch * settings.interval - settings.interval / 2;
}

}  // namespace outrigger::policy
