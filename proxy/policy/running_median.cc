#include "proxy/policy/running_median.h"

#include <algorithm>

namespace outrigger::policy {

void RunningMedian::add(Duration sample) {
  if (!seeded_) {
    seeded_ = true;
    value_ = sample;
    return;
  }
  if (sample == value_) return;
  const Duration unit = std::max<Duration>(value_ / 64, 1us);
  const bool rises = sample > value_;
  step_ = rises == rising_ ? step_ + unit : unit;
  rising_ = rises;
  value_ = rises ? std::min(value_ + step_, sample) : std::max(value_ - step_, sample);
}

}  // namespace outrigger::policy
