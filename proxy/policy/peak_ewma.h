// What to expect of one endpoint's latency: a moving average that follows each peak at once and forgets it over 10 s
// (Finagle's peak EWMA). An endpoint that nothing has been heard of for half a second is by and by taken for a usual
// one. Pure.
#pragma once

#include "proxy/base/time.h"

namespace outrigger::policy {

class PeakEwma {
 public:
  /// An answer took so long.
  void observe(Instant now, Duration latency);
  /// An attempt failed: it counts as slow, however soon it did.
  void observeFailure(Instant now, Duration latency, Duration usual);
  /// No answer had come at that age, when it was not wanted any more: news only where that is longer than expected.
  void observeSilence(Instant now, Duration age, Duration usual);

  bool known() const { return known_; }
  /// As it was at the last answer.
  Duration value() const { return value_; }
  /// `usual` is what the other endpoints show: taken for one that is not known yet.
  Duration expected(Instant now, Duration usual) const;

 private:
  Duration value_{};
  Instant at_{};
  bool known_ = false;
};

}  // namespace outrigger::policy
