// What the live page's rings are made from: the cells of all workers put together at one instant, by direction and by
// upstream. Unlike the sums of a scrape (telemetry/sums.h) no label is copied and no map is built, for it is done each
// second, whether somebody looks or not: at 1,000 routes and two workers it takes a fraction of a millisecond. The
// control thread only.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "control/telemetry/sums.h"

namespace outrigger::control::live {

struct FlowCounts {
  uint64_t requests = 0;
  /// Those that failed in the eyes of the caller: 5xx, an answer that was cut, a gRPC call that ended in trouble of the
  /// server (unknown, deadline exceeded, internal, unavailable, data loss).
  uint64_t failed = 0;
  telemetry::HistogramSum duration{};
  int64_t inFlight = 0;
};

struct UpstreamCounts {
  uint64_t requests = 0;
  uint64_t failed = 0;
  uint64_t attempts = 0;
  uint64_t retries = 0;
  uint64_t refused = 0;  ///< retries that something stood against
  uint64_t hedges = 0;
  uint64_t opened = 0;              ///< times that a breaker opened
  std::array<uint64_t, 5> would{};  ///< policy::Would
  int64_t breaker = 0;              ///< 0 closed, 1 half-open, 2 open; of the worst worker
  int64_t inFlight = 0;             ///< outbound; of the app: inbound
};

struct Counts {
  std::array<FlowCounts, kDirectionCount> flows;
  std::vector<UpstreamCounts> upstreams;  ///< by the registry's index, up to CountReader::kMostUpstreams
};

class CountReader {
 public:
  /// Upstreams beyond these are counted in their direction only. A sidecar that calls more has a page that shows these.
  static constexpr size_t kMostUpstreams = 100;

  /// `registry` outlives the reader.
  explicit CountReader(const telemetry::SeriesRegistry& registry) : registry_(registry) {}

  Counts read();

 private:
  void learnLabels();

  const telemetry::SeriesRegistry& registry_;
  std::vector<std::optional<size_t>> upstreamOf_;  // by the index of the request series
  size_t namesKnown_ = 0;
};

}  // namespace outrigger::control::live
