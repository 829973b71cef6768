// How much time an attempt gets (POLICIES §2). Pure.
#pragma once

#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// The instant by which a request that began at `start` must be answered: its own timeout or the caller's deadline,
/// whichever comes first; kNever if there is neither.
struct RequestDeadline {
  Instant at = kNever;
  bool callers = false;  ///< the caller's is the nearer one: expiry says nothing about the service
};
RequestDeadline requestDeadline(const TimeoutSettings& settings, Instant start, Instant callersDeadline);

/// When the attempt that begins at `now` is asked to end. `auto`: the time left is shared evenly by the tries that are
/// still allowed, this one included (`triesLeft` >= 1). A fixed one may lie behind the deadline of the request. kNever:
/// no limit of its own.
Instant attemptDeadline(const TimeoutSettings& settings, Instant now, Instant requestDeadline, uint32_t triesLeft);

}  // namespace outrigger::policy
