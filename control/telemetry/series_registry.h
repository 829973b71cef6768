// Which labels belong to which cells. Indices are handed out when a snapshot is built and stay for the life of the
// process, so that what was counted stays counted across reloads. The control thread only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "proxy/base/direction.h"
#include "proxy/metrics/shard.h"

namespace outrigger::control::telemetry {

struct RequestLabels {
  Direction direction = Direction::Outbound;
  std::string route;     ///< empty: no route matched
  std::string upstream;  ///< empty: it ended before one was chosen
  auto operator<=>(const RequestLabels&) const = default;
};

struct TunnelLabels {
  Direction direction = Direction::Outbound;
  std::string upstream;
  auto operator<=>(const TunnelLabels&) const = default;
};

class SeriesRegistry {
 public:
  /// The index of the cells, named `other`, that all share for whom there is no room.
  static constexpr uint32_t kOther = 0;

  /// The shards get room for every index that is handed out; they outlive the registry. Once about `maxSeries` series
  /// are spoken for, new labels share one set of cells named `other`.
  SeriesRegistry(std::vector<metrics::Shard*> shards, size_t maxSeries);

  uint32_t request(const RequestLabels& labels);
  uint32_t upstream(const std::string& name);
  uint32_t tunnel(const TunnelLabels& labels);

  const std::vector<metrics::Shard*>& shards() const { return shards_; }
  /// Labels by index.
  const std::vector<RequestLabels>& requests() const { return requests_; }
  const std::vector<std::string>& upstreams() const { return upstreams_; }
  const std::vector<TunnelLabels>& tunnels() const { return tunnels_; }
  /// How many different labels share `other` for want of room.
  size_t dropped() const { return droppedRequests_.size() + droppedUpstreams_.size() + droppedTunnels_.size(); }

 private:
  // What one set of cells becomes, about: a histogram and a few codes; a dozen counters and gauges.
  static constexpr size_t kSeriesPerRequest = 22;
  static constexpr size_t kSeriesPerUpstream = 20;
  static constexpr size_t kSeriesPerTunnel = 22;

  bool spend(size_t series);

  std::vector<metrics::Shard*> shards_;
  size_t left_;
  std::vector<RequestLabels> requests_;
  std::map<RequestLabels, uint32_t> requestIndex_;
  std::vector<std::string> upstreams_;
  std::map<std::string, uint32_t> upstreamIndex_;
  std::vector<TunnelLabels> tunnels_;
  std::map<TunnelLabels, uint32_t> tunnelIndex_;
  std::set<RequestLabels> droppedRequests_;  // each snapshot asks again
  std::set<std::string> droppedUpstreams_;
  std::set<TunnelLabels> droppedTunnels_;
};

}  // namespace outrigger::control::telemetry
