#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

void RateWindow::add(Instant now, bool failed) {
  advance(bucketAt(now));
  Counts& present = bucket(newest_);
  ++present.total;
  ++sum_.total;
  present.failed += failed ? 1 : 0;
  sum_.failed += failed ? 1 : 0;
}

void RateWindow::advance(int64_t number) {
  if (number <= newest_) return;
  const int64_t firstNew = std::max(newest_ + 1, number - kBuckets + 1);
  for (int64_t n = firstNew; n <= number; ++n) {
    Counts& expired = bucket(n);
    sum_.total -= expired.total;
    sum_.failed -= expired.failed;
    expired = {};
  }
  newest_ = number;
}

RateWindow::Counts RateWindow::counts(Instant now) const {
  const int64_t present = bucketAt(now);
  if (present <= newest_) return sum_;
  Counts kept;
  for (int64_t n = std::max<int64_t>(present - kBuckets + 1, 0); n <= newest_; ++n) {
    kept.total += bucket(n).total;
    kept.failed += bucket(n).failed;
  }
  return kept;
}

void RateWindow::clear() {
  buckets_ = {};
  sum_ = {};
}

}  // namespace outrigger::policy
