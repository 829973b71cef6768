#include "proxy/policy/failure_run.h"

#include <algorithm>
#include <cmath>

namespace outrigger::policy {

uint32_t unlikelyRun(uint32_t least, double failureShare, double surprise) {
  constexpr double kAllowance = 0.01;
  const double each = -std::log(failureShare + kAllowance);
  if (each * UINT32_MAX <= surprise) return UINT32_MAX;
  return std::max(least, static_cast<uint32_t>(std::ceil(surprise / each)));
}

}  // namespace outrigger::policy
