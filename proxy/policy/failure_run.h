// How long a run of failures must be before chance alone cannot have made it. Pure.
#pragma once

#include <cstdint>

namespace outrigger::policy {

/// -ln of how unlikely a run must be: one in a million condemns, one in a hundred those who have failed before.
inline constexpr double kOneInAMillion = 13.8;
inline constexpr double kOneInAHundred = 4.6;

/// The length of a run that a service which fails with the share `failureShare` (0 to 1) makes once in a million times
/// (e^-surprise), one point allowed for what the share does not show yet: max(least, ⌈surprise / −ln(share + 0.01)⌉).
/// UINT32_MAX where no run says anything.
uint32_t unlikelyRun(uint32_t least, double failureShare, double surprise = kOneInAMillion);

}  // namespace outrigger::policy
