// How long to wait before something is tried again. Pure.
#pragma once

#include "proxy/base/rng.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// The delay before the next try of an exchange: decorrelated jitter, d = min(max, uniform(base, 3 · previous)).
/// `previous` is the last delay of this exchange, 0 before the first (which then lies between base and 3 · base).
Duration nextBackoff(const BackoffSettings& settings, Duration previous, Rng& rng);

/// For how long something that keeps failing is left alone: base · 2^doublings, at most `max`, less 0 to 20 %, so that
/// those who saw the same failure do not return together.
Duration jitteredPause(Duration base, uint32_t doublings, Duration max, Rng& rng);

/// Where counts of doublings stop: more would change nothing.
inline constexpr uint32_t kMostDoublings = 30;

}  // namespace outrigger::policy
