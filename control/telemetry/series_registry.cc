#include "control/telemetry/series_registry.h"

namespace outrigger::control::telemetry {
namespace {

constexpr const char* kOtherName = "other";

}  // namespace

SeriesRegistry::SeriesRegistry(std::vector<metrics::Shard*> shards, size_t maxSeries)
    : shards_(std::move(shards)), left_(maxSeries) {
  requests_.push_back({Direction::Outbound, kOtherName, kOtherName});
  upstreams_.emplace_back(kOtherName);
  tunnels_.push_back({Direction::Outbound, kOtherName});
  for (metrics::Shard* shard : shards_) {
    shard->requests.growTo(1);
    shard->upstreams.growTo(1);
    shard->tunnels.growTo(1);
  }
}

bool SeriesRegistry::spend(size_t series) {
  if (left_ < series) return false;
  left_ -= series;
  return true;
}

uint32_t SeriesRegistry::request(const RequestLabels& labels) {
  if (const auto known = requestIndex_.find(labels); known != requestIndex_.end()) return known->second;
  if (requests_.size() >= metrics::SteadyArray<metrics::RequestSeries>::kMost || !spend(kSeriesPerRequest)) {
    droppedRequests_.insert(labels);
    return kOther;
  }
  const auto index = static_cast<uint32_t>(requests_.size());
  requests_.push_back(labels);
  requestIndex_.emplace(labels, index);
  for (metrics::Shard* shard : shards_) shard->requests.growTo(requests_.size());
  return index;
}

uint32_t SeriesRegistry::upstream(const std::string& name) {
  if (const auto known = upstreamIndex_.find(name); known != upstreamIndex_.end()) return known->second;
  if (upstreams_.size() >= metrics::SteadyArray<metrics::UpstreamSeries>::kMost || !spend(kSeriesPerUpstream)) {
    droppedUpstreams_.insert(name);
    return kOther;
  }
  const auto index = static_cast<uint32_t>(upstreams_.size());
  upstreams_.push_back(name);
  upstreamIndex_.emplace(name, index);
  for (metrics::Shard* shard : shards_) shard->upstreams.growTo(upstreams_.size());
  return index;
}

uint32_t SeriesRegistry::tunnel(const TunnelLabels& labels) {
  if (const auto known = tunnelIndex_.find(labels); known != tunnelIndex_.end()) return known->second;
  if (tunnels_.size() >= metrics::SteadyArray<metrics::TunnelSeries>::kMost || !spend(kSeriesPerTunnel)) {
    droppedTunnels_.insert(labels);
    return kOther;
  }
  const auto index = static_cast<uint32_t>(tunnels_.size());
  tunnels_.push_back(labels);
  tunnelIndex_.emplace(labels, index);
  for (metrics::Shard* shard : shards_) shard->tunnels.growTo(tunnels_.size());
  return index;
}

}  // namespace outrigger::control::telemetry
