// How long a run of failures must be before chance alone cannot have made it. Pure.
#pragma once

#include <cstdint>

namespace outrigger::policy {

/// The length of a run that a service which fails with the share `failureShare` (0 to 1) makes once in a million times
/// (e^-13.8), one point allowed for what the share does not show yet: max(least, ⌈13.8 / −ln(share + 0.01)⌉).
/// UINT32_MAX where no run says anything.
uint32_t unlikelyRun(uint32_t least, double failureShare);

}  // namespace outrigger::policy
