#include "proxy/policy/backoff.h"

#include <algorithm>

namespace outrigger::policy {

Duration nextBackoff(const BackoffSettings& settings, Duration previous, Rng& rng) {
  const Duration base = std::min(settings.base, settings.max);
  return std::min(settings.max, rng.between(base, 3 * std::max(base, previous)));
}

Duration jitteredPause(Duration base, uint32_t doublings, Duration max, Rng& rng) {
  Duration pause = base;
  for (uint32_t i = 0; i < doublings && pause < max; ++i) pause *= 2;
  pause = std::min(pause, max);
  return pause - rng.between(Duration::zero(), pause / 5);
}

}  // namespace outrigger::policy
