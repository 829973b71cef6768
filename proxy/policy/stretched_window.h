// Requests and failures of the last seconds, or of the last 50 requests where seconds hold too few: so that an endpoint
// with five requests a second is judged as soundly as a busy one. Ten buckets, each closed once it is old enough and
// full enough. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

class StretchedWindow {
 public:
  using Counts = RateWindow::Counts;

  static constexpr uint64_t kLeastRequests = 50;
  static constexpr Duration kLongest = 5min;

  /// `span` is the time that is remembered where it holds enough, > 0.
  explicit StretchedWindow(Duration span) { configure(span); }
  /// What was counted stays.
  void configure(Duration span) { span_ = std::max<Duration>(span, 1us); }

  void add(Instant now, bool failed) {
    if (now >= closes_) advance(now);
    Bucket& present = buckets_[newest_];
    ++present.counts.total;
    present.counts.failed += failed ? 1 : 0;
  }

  /// What was added in the last `span`, or the last 50 of it, but nothing from before the last 5 min; less up to a
  /// tenth.
  Counts counts(Instant now) const;
  void clear();

 private:
  static constexpr size_t kBuckets = 10;
  static constexpr uint64_t kFull = kLeastRequests / kBuckets;

  struct Bucket {
    Instant start{};
    Counts counts;
  };

  void advance(Instant now);

  Duration span_{};
  std::array<Bucket, kBuckets> buckets_{};
  size_t newest_ = 0;
  Instant closes_{};  // when to look whether the newest bucket is complete
};

}  // namespace outrigger::policy
