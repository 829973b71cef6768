// Compiles a Model into a Snapshot: routes for the router, filters, upstream settings, indices of metric cells. The
// control thread only. Keeps between reloads what must not begin anew: shared limits by upstream, and filters whose
// settings have not changed (a token bucket stays as full as it is).
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

#include "config/model.h"
#include "control/discovery/source.h"
#include "control/telemetry/series_registry.h"
#include "control/tls_files.h"
#include "proxy/exchange/snapshot.h"
#include "proxy/server/downstream_connection.h"

namespace outrigger::control {

/// How connections of the data plane are treated.
server::ServingRules servingRules(const config::HttpModel& http);

class SnapshotBuilder {
 public:
  /// `registry` outlives the builder; `workers` >= 1 share the split limits.
  SnapshotBuilder(telemetry::SeriesRegistry& registry, uint32_t workers) : registry_(registry), workers_(workers) {}

  /// What the loader cannot find out: a regular expression that does not compile, a certificate that is of no use.
  using Failure = TlsFiles::Failure;
  using Built = std::expected<std::shared_ptr<const exchange::Snapshot>, Failure>;
  /// `found`: the endpoints of upstreams that are looked up.
  Built build(const config::Model& model, const discovery::FoundEndpoints& found = {});
  /// The model that was built last and is in effect once more, with other endpoints: reads no file anew.
  Built rebuild(const config::Model& model, const discovery::FoundEndpoints& found);

  /// Of the last model that was built.
  const TlsFiles& tlsFiles() const { return tlsFiles_; }

 private:
  struct KeptFilter {
    config::Node settings;
    std::shared_ptr<const exchange::Filter> filter;
  };
  using FilterKey = std::pair<std::string, size_t>;  // route name, position

  Built assemble(const config::Model& model, const discovery::FoundEndpoints& found);
  /// Gives it its series and its limit; returns its number. complete() does the first half.
  uint32_t addCluster(exchange::Snapshot& snapshot, upstream::ClusterSettings settings);
  std::shared_ptr<const upstream::ClusterSettings> complete(upstream::ClusterSettings settings);
  void addApp(exchange::Snapshot& snapshot, const config::Model& model);
  void addProbes(exchange::Snapshot& snapshot, const config::AppModel& app);
  void addPassages(exchange::Snapshot& snapshot, const config::Model& model);
  void addTunnel(const config::Model& model, const config::RouteModel& route, exchange::Snapshot& snapshot);
  void addAppTunnels(const config::RouteModel& route, exchange::Snapshot& snapshot, uint32_t app);
  void addMirrors(exchange::Snapshot& snapshot, const config::Model& model, const discovery::FoundEndpoints& found);
  std::shared_ptr<const policy::Maglev> hashTable(const upstream::ClusterSettings& settings);
  exchange::Route buildRoute(const config::Model& model, const config::RouteModel& route, exchange::Snapshot& snapshot);
  exchange::Forward buildForward(const config::Model& model, const config::RouteModel& route, const config::ToModel& to,
                                 exchange::Snapshot& snapshot);
  std::shared_ptr<const exchange::Filter> filterFor(const FilterKey& key, const config::FilterModel& model);

  std::expected<void, Failure> addUpstreams(exchange::Snapshot& snapshot, const config::Model& model,
                                            const discovery::FoundEndpoints& found);
  std::expected<void, Failure> addReception(exchange::Snapshot& snapshot, const config::Model& model);

  telemetry::SeriesRegistry& registry_;
  uint32_t workers_;
  TlsFiles tlsFiles_;
  std::map<std::string, std::shared_ptr<policy::SharedLimit>> limits_;
  std::map<std::string, std::shared_ptr<const policy::Maglev>> hashTables_;  // by upstream
  std::map<size_t, uint32_t>
      mirrors_;  // of the snapshot that is being built: the cluster by the number of the upstream
  std::map<FilterKey, KeptFilter> filters_;
  std::map<FilterKey, KeptFilter> fresh_;  // of the snapshot that is being built
};

}  // namespace outrigger::control
