// An estimate of a stream's median in constant space: the value moves up a little after a larger sample and down after
// a smaller one (frugal streaming; Ma, Muthukrishnan and Sandler, 2013), by steps that grow while they agree. Pure.
#pragma once

#include "proxy/base/time.h"

namespace outrigger::policy {

class RunningMedian {
 public:
  /// `sample` is >= 0.
  void add(Duration sample);

  /// 0 before the first sample.
  Duration value() const { return value_; }

 private:
  Duration value_ = Duration::zero();
  Duration step_ = Duration::zero();
  bool rising_ = false;
  bool seeded_ = false;
};

}  // namespace outrigger::policy
