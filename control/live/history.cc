#include "control/live/history.h"

#include <algorithm>

namespace outrigger::control::live {
namespace {

// An upstream that is new had counted nothing before.
const UpstreamCounts& countsOf(const Counts& counts, size_t index) {
  static const UpstreamCounts kNone;
  return index < counts.upstreams.size() ? counts.upstreams[index] : kNone;
}

}  // namespace

void History::add(Instant now, Counts counts) {
  readings_.push_back({now, std::move(counts)});
  if (readings_.size() == 1) {
    coarseFrom_ = readings_.front();
    return;
  }
  const Reading& before = readings_[readings_.size() - 2];
  const Reading& after = readings_.back();
  if (after.at <= before.at) {  // no time has passed that one could divide by
    readings_.pop_back();
    return;
  }
  addFine(before, after);
  if (fineAdded() % kFinePerCoarse == 0) {
    addCoarse(coarseFrom_, after);
    coarseFrom_ = after;
  }
  if (readings_.size() > kSteady + 1) readings_.pop_front();
}

void History::addFine(const Reading& before, const Reading& after) {
  const Duration elapsed = after.at - before.at;
  for (size_t d = 0; d < kDirectionCount; ++d) {
    flows_[d].fine.add(flowPoint(before.counts.flows[d], after.counts.flows[d], elapsed, bounds_));
  }
  for (size_t i = 0; i < after.counts.upstreams.size(); ++i) {
    rings(i).fine.add(upstreamPoint(countsOf(before.counts, i), after.counts.upstreams[i], elapsed));
  }
}

void History::addCoarse(const Reading& before, const Reading& after) {
  const Duration elapsed = after.at - before.at;
  for (size_t d = 0; d < kDirectionCount; ++d) {
    flows_[d].coarse.add(flowPoint(before.counts.flows[d], after.counts.flows[d], elapsed, bounds_));
  }
  for (size_t i = 0; i < after.counts.upstreams.size(); ++i) {
    UpstreamPoint point = upstreamPoint(countsOf(before.counts, i), after.counts.upstreams[i], elapsed);
    const Ring<UpstreamPoint>& fine = upstreams_[i]->fine;
    for (size_t back = 1; back <= std::min<size_t>(kFinePerCoarse, fine.size()); ++back) {
      point.breaker = std::max(point.breaker, fine[fine.size() - back].breaker);
    }
    upstreams_[i]->coarse.add(point);
  }
}

Rings<UpstreamPoint>& History::rings(size_t index) {
  while (upstreams_.size() <= index) upstreams_.push_back(std::make_unique<Rings<UpstreamPoint>>());
  return *upstreams_[index];
}

FlowPoint History::steadyFlow(Direction direction) const {
  if (readings_.size() < 2) return flowPoint({}, {}, 1s, bounds_);
  const auto d = static_cast<size_t>(direction);
  const Reading& first = readings_.front();
  const Reading& last = readings_.back();
  return flowPoint(first.counts.flows[d], last.counts.flows[d], last.at - first.at, bounds_);
}

UpstreamPoint History::steadyUpstream(size_t index) const {
  if (readings_.size() < 2) return {};
  const Reading& first = readings_.front();
  const Reading& last = readings_.back();
  UpstreamPoint point = upstreamPoint(countsOf(first.counts, index), countsOf(last.counts, index), last.at - first.at);
  point.breaker = static_cast<int8_t>(countsOf(last.counts, index).breaker);
  return point;
}

}  // namespace outrigger::control::live
