// Requests and failures of the last seconds, in ten buckets that are thrown away one by one. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "proxy/base/time.h"

namespace outrigger::policy {

class RateWindow {
 public:
  /// `span` is the time that is remembered, > 0.
  explicit RateWindow(Duration span) : bucketSpan_(std::max<Duration>(span / kBuckets, 1ns)) {}

  struct Counts {
    uint64_t total = 0;
    uint64_t failed = 0;
    /// Failures over total; 0 of an empty window.
    double failureShare() const { return total == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(total); }
  };

  void add(Instant now, bool failed);
  /// What was added in the last `span`, less up to a tenth of it.
  Counts counts(Instant now) const;
  void clear();

 private:
  static constexpr int64_t kBuckets = 10;

  int64_t bucketAt(Instant now) const { return now.time_since_epoch() / bucketSpan_; }
  Counts& bucket(int64_t number) { return buckets_[static_cast<size_t>(number % kBuckets)]; }
  const Counts& bucket(int64_t number) const { return buckets_[static_cast<size_t>(number % kBuckets)]; }
  void advance(int64_t number);

  Duration bucketSpan_;
  std::array<Counts, kBuckets> buckets_{};
  Counts sum_;          // of all buckets
  int64_t newest_ = 0;  // number of the newest bucket since the clock's zero; never goes back
};

}  // namespace outrigger::policy
