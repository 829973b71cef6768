#include "proxy/policy/readiness.h"

#include <algorithm>
#include <utility>

namespace outrigger::policy {
namespace {

constexpr double kFirstShare = 0.1;
constexpr int kWarmingSteps = 50;

}  // namespace

std::optional<ReadinessNews> Readiness::observe(Instant now, const HealthSettings& settings, Bytes failure) {
  const bool wasOut = out();
  if (failure.empty()) drainingUntil_.reset();
  const bool changed = checks_.observe(now, settings, failure);
  if (wasOut && !out()) warmUp(now);
  if (!changed) return std::nullopt;
  return unhealthy() ? ReadinessNews::Unhealthy : ReadinessNews::Healthy;
}

void Readiness::adopt(Instant now, bool unhealthy) {
  if (checks_.adopt(unhealthy) && !unhealthy) warmUp(now);
}

void Readiness::forgetChecks(Instant now) {
  adopt(now, false);
}

bool Readiness::drain(Instant until) {
  const bool news = !draining();
  drainingUntil_ = until;
  return news;
}

bool Readiness::letGo(Instant now) {
  if (!std::exchange(heldUntil_, std::nullopt)) return false;
  warmUp(now);
  return true;
}

void Readiness::refresh(Instant now, std::optional<Duration> slowStart) {
  if (heldUntil_ && now >= *heldUntil_) letGo(now);
  if (drainingUntil_ && now >= *drainingUntil_) {
    drainingUntil_.reset();
    warmUp(now);
  }
  if (warmingSince_ && (!slowStart || now - *warmingSince_ >= *slowStart)) warmingSince_.reset();
}

double Readiness::share(Instant now, std::optional<Duration> slowStart) const {
  if (out()) return 0;
  if (!warmingSince_ || !slowStart || *slowStart <= Duration::zero()) return 1;
  const double done = seconds(now - *warmingSince_) / seconds(*slowStart);
  return std::clamp(kFirstShare + (1 - kFirstShare) * done, kFirstShare, 1.0);
}

Instant Readiness::nextChange(Instant now, std::optional<Duration> slowStart) const {
  Instant next = std::min(drainingUntil_.value_or(kNever), heldUntil_.value_or(kNever));
  if (warmingSince_ && slowStart && !out()) {
    const Duration step = std::max<Duration>(*slowStart / kWarmingSteps, 1ms);
    next = std::min({next, now + step, *warmingSince_ + *slowStart});
  }
  return next;
}

}  // namespace outrigger::policy
