// The cells of all workers put together, by labels. Pure; the control thread.
//
// Counters and histograms add up. So do gauges of what each worker has of its own: requests, connections. What every
// worker judges for itself does not: two workers with a breaker each make no breaker state of 4, and three endpoints
// seen by two workers are not six. The breaker counts as its worst worker sees it, and the endpoints are shown as the
// worker sees them that has the most of them out of `healthy`; taken from one worker, the states add up to the number
// of endpoints.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "control/telemetry/series_registry.h"
#include "proxy/base/bytes.h"

namespace outrigger::control::telemetry {

/// The newest trace of one bucket.
struct BucketExemplar {
  size_t bucket = 0;
  metrics::Exemplar exemplar{};
};

struct HistogramSum {
  std::array<uint64_t, metrics::Bounds::kMost + 1> buckets{};  ///< not cumulated
  uint64_t nanoseconds = 0;
  std::vector<BucketExemplar> exemplars{};  ///< by bucket, ascending; of few buckets there is one

  void add(const metrics::Histogram& histogram);
  void add(const metrics::Exemplars& exemplars);
  uint64_t count() const;
};

struct RequestSum {
  std::map<std::pair<uint16_t, Bytes>, uint64_t> requests;  ///< by status and the word of the reason
  HistogramSum duration;
  std::array<uint64_t, metrics::GrpcCounter::kStatuses> grpc{};

  uint64_t count() const { return duration.count(); }
};

/// In the order of metrics::UpstreamSeries.
struct UpstreamSum {
  std::array<int64_t, kDirectionCount> inFlight{};
  std::array<uint64_t, 6> attempts{};
  std::array<uint64_t, 4> retries{};
  std::array<uint64_t, 8> retriesRefused{};
  std::array<uint64_t, 2> hedges{};
  std::array<uint64_t, 5> would{};
  int64_t breakerState = 0;
  std::array<uint64_t, 3> breakerTransitions{};
  std::array<uint64_t, 4> ejections{};
  std::array<uint64_t, 3> limitRejections{};
  std::array<int64_t, 5> endpoints{};
  int64_t connectionsActive = 0;
  int64_t connectionsIdle = 0;
  std::array<uint64_t, 3> connects{};
};

struct TunnelSum {
  std::map<Bytes, uint64_t> ended;  ///< by the word of the reason
  HistogramSum duration;
  int64_t open = 0;
  uint64_t sent = 0;
  uint64_t received = 0;
};

struct WorkerSum {
  std::array<std::array<uint64_t, metrics::kDetectionCount>, kDirectionCount> detections{};
  std::array<uint64_t, 2> probes{};  ///< answered well; not
  std::array<std::array<uint64_t, metrics::kRedirectRefusalCount>, kDirectionCount> redirectsRefused{};
  std::array<int64_t, kDirectionCount> downstreamConnections{};
  std::array<std::array<uint64_t, 10>, kDirectionCount> http2Guards{};
  std::array<std::array<uint64_t, 3>, 2> handshakes{};  ///< as metrics::HandshakeCounters
  HistogramSum eventLoopLag;
  uint64_t spansDropped = 0;
};

std::map<RequestLabels, RequestSum> sumRequests(const SeriesRegistry& registry);
/// By name. Breaker state and endpoints are left out of what is counted under `other`: there they are of no one
/// upstream.
std::map<std::string, UpstreamSum> sumUpstreams(const SeriesRegistry& registry);
std::map<TunnelLabels, TunnelSum> sumTunnels(const SeriesRegistry& registry);
WorkerSum sumWorkers(const SeriesRegistry& registry);

}  // namespace outrigger::control::telemetry
