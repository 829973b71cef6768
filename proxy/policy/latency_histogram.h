// The 99th percentile of an endpoint's recent answers, in constant space: a histogram whose buckets grow by an eighth
// of an octave, in two halves that take turns. Covers the last 10 to 20 s; where these hold too few answers, up to the
// last 120 s. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

class LatencyHistogram {
 public:
  static constexpr uint32_t kLeastSamples = 100;

  /// `sample` is >= 0; beyond two minutes it counts as two minutes.
  void add(Instant now, Duration sample) {
    if (now >= closes_) advance(now);
    ++present_.total;
    ++present_.buckets[bucketOf(sample)];
  }

  /// What one answer in a hundred exceeds, to about 6 %; nullopt while there are less than 100.
  std::optional<Duration> p99() const;
  /// Answers, and those that took longer than `bar` (or nearly: to the start of its bucket).
  RateWindow::Counts countsAbove(Duration bar) const;
  void clear();

 private:
  // Of microseconds (1024 ns): each octave in 8 buckets, below 8 one each.
  static constexpr int kUnit = 10;
  static constexpr size_t kStep = 3;
  static constexpr uint64_t kLargest = (uint64_t{1} << 27) - 1;
  static constexpr size_t kBuckets = 200;

  static size_t bucketOf(Duration sample) {
    const uint64_t units = std::min(static_cast<uint64_t>(sample.count()) >> kUnit, kLargest);
    if (units < 8) return units;
    const auto octave = static_cast<size_t>(std::bit_width(units)) - kStep;
    return (octave << kStep) + ((units >> (octave - 1)) & 7);
  }
  static Duration lowerEnd(size_t bucket);

  void advance(Instant now);

  struct Half {
    uint32_t total = 0;
    std::array<uint32_t, kBuckets> buckets{};
  };
  Half present_;
  Half before_;
  Instant started_{};
  Instant closes_{};  // when to look whether the present half is complete
};

}  // namespace outrigger::policy
