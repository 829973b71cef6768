#include "proxy/policy/deadline.h"

#include <algorithm>

namespace outrigger::policy {

RequestDeadline requestDeadline(const TimeoutSettings& settings, Instant start, Instant callersDeadline) {
  const Instant own = settings.request ? after(start, *settings.request) : kNever;
  return callersDeadline < own ? RequestDeadline{callersDeadline, true} : RequestDeadline{own, false};
}

Instant attemptDeadline(const TimeoutSettings& settings, Instant now, Instant requestDeadline, uint32_t triesLeft) {
  if (!settings.attempt.isAuto) return settings.attempt.value ? after(now, *settings.attempt.value) : kNever;
  if (requestDeadline == kNever) return kNever;
  const Duration left = std::max(requestDeadline - now, Duration::zero());
  return now + left / std::max(triesLeft, 1U);
}

}  // namespace outrigger::policy
