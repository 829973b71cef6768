#include "control/live/counts.h"

#include <algorithm>
#include <numeric>

#include "proxy/exchange/reply_table.h"
#include "proxy/policy/breaker.h"

namespace outrigger::control::live {
namespace {

constexpr std::array<size_t, 5> kGrpcTrouble{2, 4, 13, 14, 15};

template <size_t N>
uint64_t total(const std::array<metrics::Counter, N>& cells) {
  return std::accumulate(cells.begin(), cells.end(), uint64_t{0},
                         [](uint64_t sum, const metrics::Counter& cell) { return sum + cell.value(); });
}

struct Ended {
  uint64_t requests = 0;
  uint64_t failed = 0;
};

// What fails as gRPC may have failed as HTTP as well, and counts once.
Ended endedOf(const metrics::RequestSeries& cells) {
  Ended ended;
  cells.requests.forEach([&ended](uint16_t status, Reason reason, uint64_t count) {
    const bool cut = status < 400 && exchange::replyRow(reason).isError;
    ended.requests += count;
    if (status >= 500 || cut) ended.failed += count;
  });
  uint64_t trouble = 0;
  for (const size_t status : kGrpcTrouble) trouble += cells.grpc.value(status);
  ended.failed = std::max(ended.failed, trouble);
  return ended;
}

void addUpstream(UpstreamCounts& counts, const metrics::UpstreamSeries& cells, bool countsBreaker) {
  counts.attempts += total(cells.attempts);
  counts.retries += total(cells.retries);
  counts.refused += total(cells.retriesRefused);
  counts.hedges += total(cells.hedges);
  counts.opened += cells.breakerTransitions[static_cast<size_t>(policy::Breaker::State::Open)].value();
  for (size_t i = 0; i < counts.would.size(); ++i) counts.would[i] += cells.would[i].value();
  for (const metrics::Gauge& gauge : cells.inFlight) counts.inFlight += gauge.value();
  if (countsBreaker) counts.breaker = std::max(counts.breaker, cells.breakerState.value());
}

}  // namespace

// Labels are only ever added; an upstream may get its own after a route to it.
void CountReader::learnLabels() {
  const auto& names = registry_.upstreams();
  const auto& labels = registry_.requests();
  if (upstreamOf_.size() == labels.size() && namesKnown_ == names.size()) return;
  namesKnown_ = names.size();
  upstreamOf_.clear();
  for (const telemetry::RequestLabels& label : labels) {
    const auto found = std::ranges::find(names, label.upstream);
    const auto index = static_cast<size_t>(found - names.begin());
    const bool kept = !label.upstream.empty() && index < std::min(names.size(), kMostUpstreams);
    upstreamOf_.push_back(kept ? std::optional(index) : std::nullopt);
  }
}

Counts CountReader::read() {
  learnLabels();
  Counts counts;
  counts.upstreams.resize(std::min(registry_.upstreams().size(), kMostUpstreams));
  for (const metrics::Shard* shard : registry_.shards()) {
    for (size_t i = 0; i < registry_.requests().size(); ++i) {
      const metrics::RequestSeries& cells = shard->requests[i];
      const Ended ended = endedOf(cells);
      FlowCounts& flow = counts.flows[static_cast<size_t>(registry_.requests()[i].direction)];
      flow.requests += ended.requests;
      flow.failed += ended.failed;
      flow.duration.add(cells.duration);
      if (!upstreamOf_[i]) continue;
      counts.upstreams[*upstreamOf_[i]].requests += ended.requests;
      counts.upstreams[*upstreamOf_[i]].failed += ended.failed;
    }
    for (size_t i = 0; i < registry_.upstreams().size(); ++i) {
      const metrics::UpstreamSeries& cells = shard->upstreams[i];
      for (size_t d = 0; d < kDirectionCount; ++d) counts.flows[d].inFlight += cells.inFlight[d].value();
      const bool ofOne = i != telemetry::SeriesRegistry::kOther;
      if (i < counts.upstreams.size()) addUpstream(counts.upstreams[i], cells, ofOne);
    }
  }
  return counts;
}

}  // namespace outrigger::control::live
