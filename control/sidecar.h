// The running sidecar: puts the parts together and carries each config into effect. Lives on the control thread;
// workers run beside it.
//
//   Reloader ──► SnapshotBuilder ──► WorkerHost ──► server::Worker (data plane, one thread each)
//      ▲                                 │
//   file, SIGHUP                    decisions, breaker transitions
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/admin/admin_pages.h"
#include "control/discovery/api_server.h"
#include "control/discovery/discovery.h"
#include "control/discovery/kubernetes_sources.h"
#include "control/drain.h"
#include "control/http_endpoint.h"
#include "control/listener_table.h"
#include "control/log.h"
#include "control/reloader.h"
#include "control/snapshot_builder.h"
#include "control/telemetry/telemetry_pages.h"
#include "control/tracing/exporter.h"
#include "control/worker_host.h"

namespace outrigger::control {

class Sidecar final : private HostEvents, private DrainSteps, private DialSink {
 public:
  struct Options {
    std::string configFile = "/etc/outrigger/outrigger.yaml";
    std::optional<std::string> defaultsFile;  ///< the config file lies over this one
    std::optional<std::string> stateFolder;
    std::optional<uint32_t> workers;  ///< instead of what the config says
    std::string serviceAccount = discovery::kServiceAccountFolder;
    std::optional<Address> nameServer{};  ///< instead of those in resolv.conf
  };

  /// All outlive the sidecar; `loop` is the control thread's.
  Sidecar(net::EventLoop& loop, Log& log, LogWriter& writer, Options options);
  ~Sidecar();

  /// Loads the config and begins to serve. False: there is nothing to run; reloads().lastError says why.
  bool start();
  /// Also follow the config file from now on.
  void follow() { reloader_.watch(); }

  void onSignal(int number);

  /// Also tell somebody else of every decision.
  void onEveryDecision(std::function<void(const server::Decision&)> listener) { listener_ = std::move(listener); }

  /// Cells of an upstream, on the first worker.
  const metrics::UpstreamSeries& series(const std::string& upstream) {
    return shards_.front()->upstreams[registry_->upstream(upstream)];
  }
  const Reloader& reloader() const { return reloader_; }
  const ListenerTable& listeners() const { return listeners_; }

 private:
  std::expected<void, std::string> apply(const config::LoadResult& loaded);
  void install(const std::shared_ptr<const exchange::Snapshot>& snapshot, const config::Model& model);
  /// Other endpoints of upstreams that are looked up; all else stays as it is.
  void installFound();
  void makeWorkers(const config::Model& model);
  void carryOut(ListenerTable::Change change);
  ProcessView makeView();

  void onDecision(const server::Decision& decision) override;
  void onBreakerChanged(uint32_t from, const server::BreakerNews& news) override;
  void onHealthChanged(uint32_t from, const server::HealthNews& news) override;
  void onTraced(std::vector<server::TracedRequest> requests) override { exporter_.take(std::move(requests)); }

  void makeInboundAnswersLast() override;
  void closeInboundListeners() override;
  void closeIdleInbound() override;
  int64_t requestsInFlight() const override;
  int64_t connections(Direction direction) const override;
  bool appIsThere() override;
  void finish() override;
  void sendLastSpans();
  void onLastSpansLate() { loop_.stop(); }
  void onConnected(std::unique_ptr<Transport> transport) override;
  void onDialFailed(const Error& error) override;

  net::EventLoop& loop_;
  Log& log_;
  LogWriter& writer_;
  Options options_;
  Reloader reloader_;
  Drain drain_;
  ListenerTable listeners_;
  std::vector<std::unique_ptr<metrics::Shard>> shards_;
  std::optional<telemetry::SeriesRegistry> registry_;
  std::optional<SnapshotBuilder> builder_;
  discovery::KubernetesSources kubernetes_;
  discovery::Discovery discovery_;
  tracing::Exporter exporter_;
  std::vector<std::unique_ptr<WorkerHost>> hosts_;
  std::shared_ptr<const config::Model> model_;
  std::map<std::string, WallTime> certificates_;  // of the model
  std::optional<admin::AdminPages> adminPages_;
  std::optional<telemetry::TelemetryPages> telemetryPages_;
  std::optional<HttpEndpoint> admin_;
  std::optional<HttpEndpoint> telemetry_;
  std::unique_ptr<Dial> appProbe_;
  bool appIsThere_ = true;
  bool ending_ = false;   // the end was asked for
  bool hurried_ = false;  // and once more
  Timer<Sidecar, &Sidecar::onLastSpansLate> lastSpans_{*this};
  Instant nextProbeAt_{};
  std::function<void(const server::Decision&)> listener_;
};

/// Workers for `workers: auto`: the CPU quota of the container, rounded up, 1 to 4.
uint32_t automaticWorkers();

}  // namespace outrigger::control
