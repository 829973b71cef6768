// What a worker learns of one route to one upstream, beside what it learns of the upstream as a whole. Shared by the
// generations of snapshots that have such a route, which is known by its name. One worker's thread.
#pragma once

#include "proxy/policy/running_median.h"

namespace outrigger::upstream {

struct RouteState {
  /// Of the time to an answer's head.
  policy::RunningMedian median;
};

}  // namespace outrigger::upstream
