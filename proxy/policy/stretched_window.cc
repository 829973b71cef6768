#include "proxy/policy/stretched_window.h"

namespace outrigger::policy {

// A bucket takes what comes in a tenth of the span, but goes on until it holds five requests, or for half a minute.
void StretchedWindow::advance(Instant now) {
  const Bucket& present = buckets_[newest_];
  const bool old = now - present.start >= kLongest / kBuckets;
  if (present.counts.total > 0 && present.counts.total < kFull && !old) return;
  if (present.counts.total > 0) newest_ = (newest_ + 1) % kBuckets;
  buckets_[newest_] = {now, {}};
  closes_ = now + span_ / kBuckets;
}

StretchedWindow::Counts StretchedWindow::counts(Instant now) const {
  Counts sum;
  for (size_t age = 0; age < kBuckets; ++age) {
    const Bucket& bucket = buckets_[(newest_ + kBuckets - age) % kBuckets];
    const Duration old = now - bucket.start;
    if (old > kLongest || (old > span_ && sum.total >= kLeastRequests)) break;
    sum.total += bucket.counts.total;
    sum.failed += bucket.counts.failed;
  }
  return sum;
}

void StretchedWindow::clear() {
  buckets_ = {};
  closes_ = {};
}

}  // namespace outrigger::policy
