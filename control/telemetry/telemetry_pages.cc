#include "control/telemetry/telemetry_pages.h"

#include "control/accept.h"
#include "control/gzip.h"
#include "control/telemetry/collector.h"
#include "control/telemetry/health.h"

namespace outrigger::control::telemetry {
namespace {

constexpr size_t kHashDigits = 8;
constexpr const char* kApp = "app";

ProcessFacts factsOf(const ProcessView& view) {
  const ReloadState& reloads = view.reloader.state();
  ProcessFacts facts;
  facts.version = OUTRIGGER_VERSION;
  facts.configHash = reloads.file.hash.substr(0, kHashDigits);
  facts.lastReloadGood = reloads.lastGood;
  facts.appliedAt = reloads.appliedAt;
  facts.applied = reloads.applied;
  facts.unchanged = reloads.unchanged;
  facts.rejected = reloads.rejected;
  facts.draining = view.drain.draining();
  facts.startedAt = view.startedAt;
  facts.stats = readProcessStats();
  facts.certificates = view.certificates;
  if (view.discovery != nullptr) {
    for (const auto& [name, standing] : view.discovery->standings()) {
      DiscoveryFacts& discovery = facts.discovery[name];
      if (standing.knownSince) discovery.age = view.turn.now - *standing.knownSince;
      discovery.applied = standing.applied;
      discovery.unchanged = standing.unchanged;
      discovery.failed = standing.failed;
    }
  }
  if (view.model == nullptr) return facts;
  for (const config::UpstreamModel& upstream : view.model->upstreams) facts.upstreams.insert(upstream.name);
  if (view.model->app) facts.upstreams.insert(kApp);
  return facts;
}

constexpr MediaType kOpenMetrics{"application", "openmetrics-text", "1.0.0"};
constexpr MediaType kPlain{"text", "plain", "0.0.4"};

// OpenMetrics for whoever asks for it by name and does not like the other better.
TextFormat wantedFormat(Bytes accept) {
  const int open = qualityOf(kOpenMetrics, accept, true).value_or(0);
  const bool better = open > 0 && open >= qualityOf(kPlain, accept).value_or(0);
  return better ? TextFormat::OpenMetrics : TextFormat::Prometheus;
}

// A worker leaves its first sign of life a second after its start; until then the process's own age counts.
Duration silenceOf(const metrics::Shard& shard, const ProcessView& view) {
  const int64_t heartbeat = shard.worker.heartbeat.value();
  return heartbeat == 0 ? view.turn.wall - view.startedAt : view.turn.now - Instant(Duration(heartbeat));
}

}  // namespace

std::string metricsText(const ProcessView& view, TextFormat format) {
  return exposition(Collector(view.registry, factsOf(view)).collect(), format);
}

Page metricsPage(const ProcessView& view, const PageRequest& request) {
  const TextFormat format = wantedFormat(request.accept);
  Page page{.contentType = std::string(contentTypeOf(format)),
            .body = metricsText(view, format),
            .vary = "accept, accept-encoding"};
  if (!takesGzip(request.acceptEncoding)) return page;
  std::string packed = gzip(page.body);
  if (packed.empty()) return page;
  page.body = std::move(packed);
  page.gzipped = true;
  return page;
}

Page readyPage(const ProcessView& view) {
  return renderReady(readyBlockers(view.model.get(), view.listeners.addresses(), view.drain.draining()));
}

Page livePage(const ProcessView& view) {
  std::vector<Duration> silences;
  for (const metrics::Shard* shard : view.registry.shards()) silences.push_back(silenceOf(*shard, view));
  return renderLive(silences);
}

void addTelemetryPages(PageServer& server, const ProcessView& view) {
  server.add(http::Method::Get, "/metrics",
             [&view](const PageRequest& request, const GivePage& give) { give(metricsPage(view, request)); });
  server.add(http::Method::Get, "/ready", [&view](const PageRequest&, const GivePage& give) { give(readyPage(view)); });
  server.add(http::Method::Get, "/live", [&view](const PageRequest&, const GivePage& give) { give(livePage(view)); });
}

TelemetryPages::TelemetryPages(ProcessView view) : view_(std::move(view)), server_(view_.turn) {
  addTelemetryPages(server_, view_);
}

}  // namespace outrigger::control::telemetry
