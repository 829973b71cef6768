// One worker's cells. The control thread makes room before it hands out an index (and hands it out by mailbox, so the
// worker sees the room); the worker alone writes the cells; the control thread reads them at scrape. Cells never move
// and are never taken away: what was counted stays counted across reloads.
#pragma once

#include <array>
#include <memory>

#include "proxy/metrics/series.h"

namespace outrigger::metrics {

/// An array that grows in blocks and never moves its elements.
template <class T>
class SteadyArray {
 public:
  /// The control thread only; at most kMost elements, further ones are not made.
  void growTo(size_t count) {
    for (; size_ < count && size_ < kMost; size_ += kPerBlock) {
      blocks_[size_ / kPerBlock] = std::make_unique<std::array<T, kPerBlock>>();
    }
  }
  T& operator[](size_t i) { return (*blocks_[i / kPerBlock])[i % kPerBlock]; }
  const T& operator[](size_t i) const { return (*blocks_[i / kPerBlock])[i % kPerBlock]; }

 private:
  static constexpr size_t kPerBlock = 8;
  static constexpr size_t kBlocks = 4096;

 public:
  static constexpr size_t kMost = kPerBlock * kBlocks;

 private:
  size_t size_ = 0;
  std::array<std::unique_ptr<std::array<T, kPerBlock>>, kBlocks> blocks_;
};

struct Shard {
  explicit Shard(const Bounds& durationBounds) : bounds(durationBounds) {}

  const Bounds bounds;
  WorkerSeries worker;
  SteadyArray<RequestSeries> requests;
  SteadyArray<UpstreamSeries> upstreams;
  SteadyArray<TunnelSeries> tunnels;
};

}  // namespace outrigger::metrics
