// The rings behind the live page: the last five minutes by the second, and the last hour by ten seconds, of both
// directions and of each upstream. A point of ten seconds is made from the counters at its two ends, so its percentiles
// are those of its requests, not means of percentiles. Memory: 16 KiB for each direction and 16 KiB for each upstream,
// of at most CountReader::kMostUpstreams. The control thread only.
#pragma once

#include <deque>
#include <memory>

#include "control/live/points.h"
#include "control/live/ring.h"

namespace outrigger::control::live {

template <class Point>
struct Rings {
  Ring<Point> fine{300};    ///< of a second
  Ring<Point> coarse{360};  ///< of ten seconds
};

class History {
 public:
  static constexpr uint64_t kFinePerCoarse = 10;
  /// A number to read is of this many seconds: steadier than one second's, and still quick.
  static constexpr size_t kSteady = 5;

  explicit History(const metrics::Bounds& bounds) : bounds_(bounds) {}

  /// What the counters say at `now`, once a second or so; the first call only begins.
  void add(Instant now, Counts counts);

  const Rings<FlowPoint>& flow(Direction direction) const { return flows_[static_cast<size_t>(direction)]; }
  /// By the registry's index; nullptr: nothing is kept of it (yet).
  const Rings<UpstreamPoint>* upstream(size_t index) const {
    return index < upstreams_.size() ? upstreams_[index].get() : nullptr;
  }
  /// Of the last kSteady seconds.
  FlowPoint steadyFlow(Direction direction) const;
  UpstreamPoint steadyUpstream(size_t index) const;
  /// As they were read last; nullptr before the first time.
  const Counts* latest() const { return readings_.empty() ? nullptr : &readings_.back().counts; }
  /// Points of a second, and of ten, that were ever added.
  uint64_t fineAdded() const { return flows_[0].fine.added(); }
  uint64_t coarseAdded() const { return flows_[0].coarse.added(); }

 private:
  struct Reading {
    Instant at{};
    Counts counts;
  };

  void addFine(const Reading& before, const Reading& after);
  void addCoarse(const Reading& before, const Reading& after);
  Rings<UpstreamPoint>& rings(size_t index);

  const metrics::Bounds bounds_;
  std::array<Rings<FlowPoint>, kDirectionCount> flows_;
  std::vector<std::unique_ptr<Rings<UpstreamPoint>>> upstreams_;
  std::deque<Reading> readings_;  // the last kSteady + 1
  Reading coarseFrom_;            // where the running ten seconds began
};

}  // namespace outrigger::control::live
