// What a snapshot says about one upstream. Immutable and shared by all workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/address.h"
#include "proxy/base/protocol.h"
#include "proxy/base/tls.h"
#include "proxy/policy/limits.h"
#include "proxy/policy/maglev.h"
#include "proxy/policy/settings.h"

namespace outrigger::upstream {

struct EndpointSettings {
  Address address;      ///< as configured: its name in records, pages and metrics
  Address dial;         ///< where it is called: the same, or its sidecar
  uint32_t weight = 1;  ///< 1 to 1000
};

struct ClusterSettings {
  std::string name;
  std::vector<EndpointSettings> endpoints;
  bool awaited = false;  ///< it is not known yet which endpoints there are: requests wait for them, as for a place
  policy::PolicySettings policy;
  policy::BalanceSettings balance;
  std::shared_ptr<const policy::Maglev> hashTable;  ///< of the endpoints in their order, with Balance::Hash
  std::optional<policy::HealthSettings> health;
  std::optional<Duration> slowStart;  ///< in which an endpoint that is new or was unhealthy grows to its full share
  Protocol protocol = Protocol::Http1;
  std::shared_ptr<const TlsClientSettings> tls;  ///< nullptr: plain
  policy::ProxyProtocol proxyProtocol = policy::ProxyProtocol::None;
  /// What an HTTP connection begins with, which many callers share: the header of `proxyProtocol` that names none.
  std::string sharedIntroduction{};
  bool anonymous = false;    ///< one of many that share their cells: how many endpoints are healthy is not shown
  bool sidecar = false;      ///< its endpoints' marks and reasons are believed
  bool holdsPlaces = false;  ///< the app beside us: a request keeps its place until the app has answered (POLICIES §5)
  uint32_t series = 0;       ///< index of its metrics::UpstreamSeries
  uint32_t workers = 1;      ///< connections, pending and the budget are split evenly over them
  /// Exact over all workers; kept across reloads by name.
  std::shared_ptr<policy::SharedLimit> requests;
};

}  // namespace outrigger::upstream
