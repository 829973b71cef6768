#include "proxy/policy/latency_histogram.h"

namespace outrigger::policy {
namespace {

constexpr Duration kShortest = 10s;  // of a half
constexpr Duration kLongest = 60s;

}  // namespace

void LatencyHistogram::advance(Instant now) {
  if (present_.total > 0) {
    if (present_.total < kLeastSamples && now - started_ < kLongest) return;
    before_ = now - started_ < 2 * kLongest ? present_ : Half{};
    present_ = {};
  }
  started_ = now;
  closes_ = now + kShortest;
}

// An order statistic: of n answers the n/100-th from the top, counted within its bucket as if the bucket were filled
// evenly.
std::optional<Duration> LatencyHistogram::p99() const {
  const uint32_t total = present_.total + before_.total;
  if (total < kLeastSamples) return std::nullopt;
  uint32_t left = total / 100;
  for (size_t bucket = kBuckets; bucket-- > 0;) {
    const uint32_t here = present_.buckets[bucket] + before_.buckets[bucket];
    if (here < left) {
      left -= here;
      continue;
    }
    const double part = (left - 0.5) / here;
    const Duration width = lowerEnd(bucket + 1) - lowerEnd(bucket);
    return lowerEnd(bucket + 1) - Duration(static_cast<int64_t>(static_cast<double>(width.count()) * part));
  }
  return std::nullopt;
}

RateWindow::Counts LatencyHistogram::countsAbove(Duration bar) const {
  RateWindow::Counts counts{.total = uint64_t{present_.total} + before_.total};
  for (size_t bucket = bucketOf(bar); bucket < kBuckets; ++bucket) {
    counts.failed += present_.buckets[bucket] + before_.buckets[bucket];
  }
  return counts;
}

Duration LatencyHistogram::lowerEnd(size_t bucket) {
  const size_t octave = bucket >> kStep;
  const size_t units = octave == 0 ? bucket : (8 + (bucket & 7)) << (octave - 1);
  return Duration(static_cast<int64_t>(units << kUnit));
}

void LatencyHistogram::clear() {
  present_ = {};
  before_ = {};
  closes_ = {};
}

}  // namespace outrigger::policy
