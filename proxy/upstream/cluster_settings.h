// What a snapshot says about one upstream. Immutable and shared by all workers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/base/address.h"
#include "proxy/policy/limits.h"
#include "proxy/policy/settings.h"

namespace outrigger::upstream {

struct EndpointSettings {
  Address address;
  uint32_t weight = 1;  ///< 1 to 1000
};

struct ClusterSettings {
  std::string name;
  std::vector<EndpointSettings> endpoints;
  policy::PolicySettings policy;
  policy::Balance balance = policy::Balance::LeastRequest;
  uint32_t series = 0;   ///< index of its metrics::UpstreamSeries
  uint32_t workers = 1;  ///< connections, pending and the budget are split evenly over them
  /// Exact over all workers; kept across reloads by name.
  std::shared_ptr<policy::SharedLimit> requests;
};

}  // namespace outrigger::upstream
