// A latency histogram with fixed bounds: one array increment and a sum for each observation. Single writer.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "proxy/base/time.h"
#include "proxy/metrics/cell.h"

namespace outrigger::metrics {

/// Upper bounds of the buckets, ascending; shared by all histograms of a process.
class Bounds {
 public:
  static constexpr size_t kMost = 31;

  /// At most kMost bounds, ascending, > 0.
  explicit Bounds(std::span<const Duration> bounds);
  /// 0.5 ms to 10 s, about three a decade.
  static Bounds standard();

  size_t size() const { return count_; }
  Duration operator[](size_t i) const { return bounds_[i]; }

  /// The first bucket whose bound is not below `value`; size() if there is none. Short times are by far the most
  /// frequent, so a walk from below beats a binary search.
  size_t bucketOf(Duration value) const {
    size_t i = 0;
    while (i < count_ && value > bounds_[i]) ++i;
    return i;
  }

 private:
  std::array<Duration, kMost> bounds_{};
  size_t count_ = 0;
};

class Histogram {
 public:
  void observe(Duration value, const Bounds& bounds) {
    buckets_[bounds.bucketOf(value)].add();
    sum_.add(static_cast<uint64_t>(value.count()));
  }

  /// Observations in that bucket alone, not cumulated.
  uint64_t bucket(size_t i) const { return buckets_[i].value(); }
  /// Nanoseconds.
  uint64_t sum() const { return sum_.value(); }

 private:
  std::array<Counter, Bounds::kMost + 1> buckets_;
  Counter sum_;
};

}  // namespace outrigger::metrics
