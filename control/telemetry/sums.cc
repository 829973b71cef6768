#include "control/telemetry/sums.h"

#include <algorithm>
#include <numeric>

#include "proxy/exchange/reply_table.h"

namespace outrigger::control::telemetry {
namespace {

template <size_t N>
void addCounters(std::array<uint64_t, N>& sums, const std::array<metrics::Counter, N>& cells) {
  for (size_t i = 0; i < N; ++i) sums[i] += cells[i].value();
}

template <size_t N>
void addGauges(std::array<int64_t, N>& sums, const std::array<metrics::Gauge, N>& cells) {
  for (size_t i = 0; i < N; ++i) sums[i] += cells[i].value();
}

using EndpointCounts = decltype(UpstreamSum::endpoints);  // the healthy ones first

// By how many are out; then by how many there are, since a worker may have none yet.
std::pair<int64_t, int64_t> severity(const EndpointCounts& counts) {
  const int64_t all = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  return {all - counts[0], all};
}

void addWhatAddsUp(UpstreamSum& sum, const metrics::UpstreamSeries& cells) {
  addGauges(sum.inFlight, cells.inFlight);
  addCounters(sum.attempts, cells.attempts);
  addCounters(sum.retries, cells.retries);
  addCounters(sum.retriesRefused, cells.retriesRefused);
  addCounters(sum.hedges, cells.hedges);
  addCounters(sum.would, cells.would);
  addCounters(sum.breakerTransitions, cells.breakerTransitions);
  addCounters(sum.ejections, cells.ejections);
  addCounters(sum.limitRejections, cells.limitRejections);
  addCounters(sum.connects, cells.connects);
  sum.connectionsActive += cells.connectionsActive.value();
  sum.connectionsIdle += cells.connectionsIdle.value();
}

void takeTheWorst(UpstreamSum& sum, const metrics::UpstreamSeries& cells) {
  sum.breakerState = std::max(sum.breakerState, cells.breakerState.value());
  EndpointCounts counts{};
  addGauges(counts, cells.endpoints);
  if (severity(counts) > severity(sum.endpoints)) sum.endpoints = counts;
}

}  // namespace

void HistogramSum::add(const metrics::Histogram& histogram) {
  for (size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
  nanoseconds += histogram.sum();
}

void HistogramSum::add(const metrics::Exemplars& added) {
  if (!added.any()) return;
  for (size_t i = 0; i < buckets.size(); ++i) {
    const auto exemplar = added.read(i);
    if (!exemplar) continue;
    const auto at = std::ranges::lower_bound(exemplars, i, {}, &BucketExemplar::bucket);
    if (at == exemplars.end() || at->bucket != i) {
      exemplars.insert(at, {i, *exemplar});
    } else if (at->exemplar.at < exemplar->at) {
      at->exemplar = *exemplar;
    }
  }
}

uint64_t HistogramSum::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), uint64_t{0});
}

std::map<RequestLabels, RequestSum> sumRequests(const SeriesRegistry& registry) {
  std::map<RequestLabels, RequestSum> sums;
  const auto& labels = registry.requests();
  for (const metrics::Shard* shard : registry.shards()) {
    for (size_t i = 0; i < labels.size(); ++i) {
      RequestSum& sum = sums[labels[i]];  // a route may be named `other`, like the overflow
      const metrics::RequestSeries& cells = shard->requests[i];
      cells.requests.forEach([&sum](uint16_t status, Reason reason, uint64_t count) {
        sum.requests[{status, exchange::replyRow(reason).word}] += count;
      });
      sum.duration.add(cells.duration);
      sum.duration.add(cells.exemplars);
      for (size_t status = 0; status < sum.grpc.size(); ++status) sum.grpc[status] += cells.grpc.value(status);
    }
  }
  return sums;
}

std::map<std::string, UpstreamSum> sumUpstreams(const SeriesRegistry& registry) {
  std::map<std::string, UpstreamSum> sums;
  const auto& names = registry.upstreams();
  for (const metrics::Shard* shard : registry.shards()) {
    for (size_t i = 0; i < names.size(); ++i) {
      UpstreamSum& sum = sums[names[i]];
      addWhatAddsUp(sum, shard->upstreams[i]);
      if (i != SeriesRegistry::kOther) takeTheWorst(sum, shard->upstreams[i]);
    }
  }
  return sums;
}

std::map<TunnelLabels, TunnelSum> sumTunnels(const SeriesRegistry& registry) {
  std::map<TunnelLabels, TunnelSum> sums;
  const auto& labels = registry.tunnels();
  for (const metrics::Shard* shard : registry.shards()) {
    for (size_t i = 0; i < labels.size(); ++i) {
      TunnelSum& sum = sums[labels[i]];
      const metrics::TunnelSeries& cells = shard->tunnels[i];
      cells.ended.forEach(
          [&sum](uint16_t, Reason reason, uint64_t count) { sum.ended[exchange::replyRow(reason).word] += count; });
      sum.duration.add(cells.duration);
      sum.open += cells.open.value();
      sum.sent += cells.sent.value();
      sum.received += cells.received.value();
    }
  }
  return sums;
}

WorkerSum sumWorkers(const SeriesRegistry& registry) {
  WorkerSum sum;
  for (const metrics::Shard* shard : registry.shards()) {
    addCounters(sum.probes, shard->worker.probes);
    addGauges(sum.downstreamConnections, shard->worker.downstreamConnections);
    for (size_t direction = 0; direction < kDirectionCount; ++direction) {
      addCounters(sum.detections[direction], shard->worker.detections[direction]);
      addCounters(sum.redirectsRefused[direction], shard->worker.redirectsRefused[direction]);
      addCounters(sum.http2Guards[direction], shard->worker.http2Guards[direction]);
    }
    for (size_t side = 0; side < sum.handshakes.size(); ++side) {
      addCounters(sum.handshakes[side], shard->worker.handshakes[side]);
    }
    sum.eventLoopLag.add(shard->worker.eventLoopLag);
    sum.spansDropped += shard->worker.spansDropped.value();
  }
  return sum;
}

}  // namespace outrigger::control::telemetry
