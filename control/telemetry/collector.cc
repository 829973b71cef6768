#include "control/telemetry/collector.h"

#include <algorithm>
#include <span>
#include <utility>

#include "control/telemetry/families.h"
#include "proxy/http/grpc.h"

namespace outrigger::control::telemetry {
namespace {

using RequestSums = std::map<RequestLabels, RequestSum>;
using UpstreamSums = std::map<std::string, UpstreamSum>;

// ---- Requests

Labels labelsOf(const RequestLabels& labels) {
  return {label("direction", wordOf(kDirectionWords, labels.direction)), label("route", labels.route),
          label("upstream", labels.upstream)};
}

void addRequests(Families& families, const RequestSums& sums, const metrics::Bounds& bounds) {
  Family requests(familyRow("outrigger_requests_total"));
  Family durations(familyRow("outrigger_request_duration_seconds"));
  for (const auto& [labels, sum] : sums) {
    if (sum.count() > 0) durations.histogram(labelsOf(labels), sum.duration, bounds);
    for (const auto& [key, count] : sum.requests) {
      Labels all = labelsOf(labels);
      all.push_back(label("code", std::to_string(key.first)));
      all.push_back(label("reason", key.second));
      requests.value(std::move(all), static_cast<double>(count));
    }
  }
  requests.moveTo(families);
  durations.moveTo(families);
}

static_assert(http::kGrpcStatusCount == metrics::GrpcCounter::kStatuses, "a cell for each status");

void addGrpc(Families& families, const RequestSums& sums) {
  Family family(familyRow("outrigger_grpc_responses_total"));
  for (const auto& [labels, sum] : sums) {
    for (size_t i = 0; i < sum.grpc.size(); ++i) {
      if (sum.grpc[i] == 0) continue;
      Labels all = labelsOf(labels);
      all.push_back(label("grpc_status", http::grpcStatusWord(static_cast<http::GrpcStatus>(i))));
      family.value(std::move(all), static_cast<double>(sum.grpc[i]));
    }
  }
  family.moveTo(families);
}

// Which upstreams have ended a request of which direction: their gauges have been set, whatever they hold now.
using Served = std::set<std::pair<Direction, std::string>>;

Served servedBy(const RequestSums& sums) {
  Served served;
  for (const auto& [labels, sum] : sums) {
    if (sum.count() > 0) served.emplace(labels.direction, labels.upstream);
  }
  return served;
}

void addInFlight(Families& families, const Served& served, const UpstreamSums& upstreams) {
  Family family(familyRow("outrigger_requests_in_flight"));
  for (const auto& [name, sum] : upstreams) {
    for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
      const int64_t count = sum.inFlight[static_cast<size_t>(direction)];
      if (count == 0 && !served.contains({direction, name})) continue;
      family.value({label("direction", wordOf(kDirectionWords, direction)), label("upstream", name)},
                   static_cast<double>(count));
    }
  }
  family.moveTo(families);
}

// ---- Upstreams

/// A counter of an upstream for each word of its family's last label.
struct CounterRow {
  const FamilyRow& family;
  std::span<const uint64_t> (*of)(const UpstreamSum& sum);

  const LabelRow& label() const { return family.labels.back(); }
};

template <auto Member>
consteval CounterRow row(const FamilyRow& family) {
  using Cells = std::remove_cvref_t<decltype(UpstreamSum().*Member)>;
  if (family.labels.back().words.size() != std::tuple_size_v<Cells>) throw "there must be a word for each cell";
  return {family, [](const UpstreamSum& sum) { return std::span<const uint64_t>(sum.*Member); }};
}

constexpr CounterRow kAttempts = row<&UpstreamSum::attempts>(familyRow("outrigger_attempts_total"));
constexpr CounterRow kRetries = row<&UpstreamSum::retries>(familyRow("outrigger_retries_total"));
constexpr CounterRow kRetriesRefused = row<&UpstreamSum::retriesRefused>(familyRow("outrigger_retries_refused_total"));
constexpr CounterRow kHedges = row<&UpstreamSum::hedges>(familyRow("outrigger_hedges_total"));
constexpr CounterRow kWould = row<&UpstreamSum::would>(familyRow("outrigger_would_total"));
constexpr CounterRow kTransitions =
    row<&UpstreamSum::breakerTransitions>(familyRow("outrigger_breaker_transitions_total"));
constexpr CounterRow kEjections = row<&UpstreamSum::ejections>(familyRow("outrigger_ejections_total"));
constexpr CounterRow kRejections = row<&UpstreamSum::limitRejections>(familyRow("outrigger_limit_rejections_total"));
constexpr CounterRow kConnects = row<&UpstreamSum::connects>(familyRow("outrigger_upstream_connects_total"));

void addCounters(Families& families, const UpstreamSums& upstreams, const CounterRow& row) {
  Family family(row.family);
  for (const auto& [name, sum] : upstreams) {
    const auto counts = row.of(sum);
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      family.value({label("upstream", name), label(row.label().name, row.label().words[i])},
                   static_cast<double>(counts[i]));
    }
  }
  family.moveTo(families);
}

bool any(std::span<const uint64_t> counts) {
  return std::ranges::any_of(counts, [](uint64_t count) { return count != 0; });
}

// A breaker sets its gauge whenever it changes its state.
void addBreakers(Families& families, const UpstreamSums& upstreams, const ProcessFacts& facts) {
  Family family(familyRow("outrigger_breaker_state"));
  for (const auto& [name, sum] : upstreams) {
    const bool everSet = sum.breakerState != 0 || any(sum.breakerTransitions);
    if (!everSet || !facts.upstreams.contains(name)) continue;
    family.value({label("upstream", name)}, static_cast<double>(sum.breakerState));
  }
  family.moveTo(families);
}

void addEndpoints(Families& families, const UpstreamSums& upstreams, const ProcessFacts& facts) {
  Family family(familyRow("outrigger_endpoints"));
  for (const auto& [name, sum] : upstreams) {
    const bool everSet = std::ranges::any_of(sum.endpoints, [](int64_t count) { return count != 0; });
    if (!everSet || !facts.upstreams.contains(name)) continue;
    for (size_t i = 0; i < sum.endpoints.size(); ++i) {
      family.value({label("upstream", name), label("state", kEndpointWords[i])}, static_cast<double>(sum.endpoints[i]));
    }
  }
  family.moveTo(families);
}

void addHandshakes(Families& families, const WorkerSum& workers) {
  Family family(familyRow("outrigger_tls_handshakes_total"));
  for (size_t side = 0; side < kSideWords.size(); ++side) {
    for (size_t i = 0; i < kHandshakeWords.size(); ++i) {
      const uint64_t count = workers.handshakes[side][i];
      if (count == 0) continue;
      family.value({label("side", kSideWords[side]), label("result", kHandshakeWords[i])}, static_cast<double>(count));
    }
  }
  family.moveTo(families);
}

void addCertificates(Families& families, const ProcessFacts& facts) {
  Family family(familyRow("outrigger_certificate_expiry_timestamp_seconds"));
  for (const auto& [name, at] : facts.certificates) {
    family.value({label("name", name)}, static_cast<double>(at.time_since_epoch() / 1s));
  }
  family.moveTo(families);
}

void addUpstreamConnections(Families& families, const UpstreamSums& upstreams) {
  Family family(familyRow("outrigger_upstream_connections"));
  for (const auto& [name, sum] : upstreams) {
    if (sum.connectionsActive == 0 && sum.connectionsIdle == 0 && !any(sum.connects)) continue;
    family.value({label("upstream", name), label("state", "active")}, static_cast<double>(sum.connectionsActive));
    family.value({label("upstream", name), label("state", "idle")}, static_cast<double>(sum.connectionsIdle));
  }
  family.moveTo(families);
}

void addDownstreamConnections(Families& families, const Served& served, const WorkerSum& workers) {
  Family family(familyRow("outrigger_downstream_connections"));
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    const int64_t count = workers.downstreamConnections[static_cast<size_t>(direction)];
    const bool everSet =
        count != 0 || std::ranges::any_of(served, [direction](const auto& entry) { return entry.first == direction; });
    if (everSet) family.value({label("direction", wordOf(kDirectionWords, direction))}, static_cast<double>(count));
  }
  family.moveTo(families);
}

// ---- TCP

void addTunnels(Families& families, const std::map<TunnelLabels, TunnelSum>& sums, const metrics::Bounds& bounds) {
  Family ended(familyRow("outrigger_tcp_connections_total"));
  Family octets(familyRow("outrigger_tcp_bytes_total"));
  Family durations(familyRow("outrigger_tcp_duration_seconds"));
  Family open(familyRow("outrigger_tcp_open_connections"));
  for (const auto& [labels, sum] : sums) {
    const Labels own{label("direction", wordOf(kDirectionWords, labels.direction)), label("upstream", labels.upstream)};
    const auto with = [&own](const char* name, Bytes value) {
      Labels all = own;
      all.push_back(label(name, value));
      return all;
    };
    for (const auto& [reason, count] : sum.ended) ended.value(with("reason", reason), static_cast<double>(count));
    if (sum.sent > 0) octets.value(with("way", "sent"), static_cast<double>(sum.sent));
    if (sum.received > 0) octets.value(with("way", "received"), static_cast<double>(sum.received));
    if (sum.duration.count() > 0) durations.histogram(own, sum.duration, bounds);
    if (sum.open > 0 || sum.duration.count() > 0) open.value(own, static_cast<double>(sum.open));
  }
  ended.moveTo(families);
  octets.moveTo(families);
  durations.moveTo(families);
  open.moveTo(families);
}

void addProbes(Families& families, const WorkerSum& workers) {
  Family family(familyRow("outrigger_probes_total"));
  const char* const kResults[] = {"ok", "failed"};
  for (size_t i = 0; i < workers.probes.size(); ++i) {
    if (workers.probes[i] > 0) family.value({label("result", kResults[i])}, static_cast<double>(workers.probes[i]));
  }
  family.moveTo(families);
}

void addDetections(Families& families, const WorkerSum& workers) {
  Family family(familyRow("outrigger_detections_total"));
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    const auto& counts = workers.detections[static_cast<size_t>(direction)];
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      family.value({label("direction", wordOf(kDirectionWords, direction)), label("verdict", kDetectionWords[i])},
                   static_cast<double>(counts[i]));
    }
  }
  family.moveTo(families);
}

void addRedirectsRefused(Families& families, const WorkerSum& workers) {
  Family family(familyRow("outrigger_redirect_refused_total"));
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    const auto& counts = workers.redirectsRefused[static_cast<size_t>(direction)];
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      family.value({label("direction", wordOf(kDirectionWords, direction)), label("why", kRedirectRefusalWords[i])},
                   static_cast<double>(counts[i]));
    }
  }
  family.moveTo(families);
}

void addHttp2Guards(Families& families, const WorkerSum& workers) {
  Family family(familyRow("outrigger_http2_guards_total"));
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    const auto& counts = workers.http2Guards[static_cast<size_t>(direction)];
    static_assert(std::tuple_size_v<std::remove_cvref_t<decltype(counts)>> == kGuardWords.size(),
                  "a word for each cell");
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      family.value({label("direction", wordOf(kDirectionWords, direction)), label("guard", kGuardWords[i])},
                   static_cast<double>(counts[i]));
    }
  }
  family.moveTo(families);
}

// ---- The process

void addOne(Families& families, const FamilyRow& row, double value, Labels labels = {}) {
  Family family(row);
  family.value(std::move(labels), value);
  family.moveTo(families);
}

double sinceEpoch(WallTime when) {
  return seconds(when.time_since_epoch());
}

void addConfig(Families& families, const ProcessFacts& facts) {
  addOne(families, familyRow("outrigger_config_last_reload_successful"), facts.lastReloadGood ? 1 : 0);
  addOne(families, familyRow("outrigger_config_last_reload_success_timestamp_seconds"), sinceEpoch(facts.appliedAt));
  Family reloads(familyRow("outrigger_config_reloads_total"));
  reloads.value({label("result", "applied")}, static_cast<double>(facts.applied));
  reloads.value({label("result", "unchanged")}, static_cast<double>(facts.unchanged));
  reloads.value({label("result", "rejected")}, static_cast<double>(facts.rejected));
  reloads.moveTo(families);
  addOne(families, familyRow("outrigger_config_info"), 1, {label("hash", facts.configHash)});
}

void addDiscovery(Families& families, const ProcessFacts& facts) {
  Family age(familyRow("outrigger_discovery_age_seconds"));
  Family updates(familyRow("outrigger_discovery_updates_total"));
  for (const auto& [name, discovery] : facts.discovery) {
    if (discovery.age) age.value({label("upstream", name)}, seconds(*discovery.age));
    for (const auto& [result, count] :
         {std::pair("applied", discovery.applied), std::pair("unchanged", discovery.unchanged),
          std::pair("failed", discovery.failed)}) {
      updates.value({label("upstream", name), label("result", result)}, static_cast<double>(count));
    }
  }
  age.moveTo(families);
  updates.moveTo(families);
}

void addDropped(Families& families, size_t dropped) {
  addOne(families, familyRow("outrigger_series_dropped"), static_cast<double>(dropped));
}

void addProcess(Families& families, const ProcessFacts& facts) {
  addOne(families, familyRow("outrigger_build_info"), 1, {label("version", facts.version)});
  addOne(families, familyRow("outrigger_draining"), facts.draining ? 1 : 0);
  addOne(families, familyRow("process_start_time_seconds"), sinceEpoch(facts.startedAt));
  if (!facts.stats) return;
  const ProcessStats& stats = *facts.stats;
  addOne(families, familyRow("process_cpu_seconds_total"), stats.cpuSeconds);
  addOne(families, familyRow("process_resident_memory_bytes"), static_cast<double>(stats.residentBytes));
  addOne(families, familyRow("process_open_fds"), static_cast<double>(stats.openFds));
  addOne(families, familyRow("process_max_fds"), static_cast<double>(stats.maxFds));
}

void addLag(Families& families, const WorkerSum& workers, const metrics::Bounds& bounds) {
  Family lag(familyRow("outrigger_eventloop_lag_seconds"));
  if (workers.eventLoopLag.count() > 0) lag.histogram({}, workers.eventLoopLag, bounds);
  lag.moveTo(families);
}

}  // namespace

Families Collector::collect() const {
  const RequestSums requests = sumRequests(registry_);
  const Served served = servedBy(requests);
  const UpstreamSums upstreams = sumUpstreams(registry_);
  const WorkerSum workers = sumWorkers(registry_);
  const metrics::Bounds bounds =
      registry_.shards().empty() ? metrics::Bounds::standard() : registry_.shards().front()->bounds;
  Families families;
  addRequests(families, requests, bounds);
  addGrpc(families, requests);
  addInFlight(families, served, upstreams);
  addCounters(families, upstreams, kAttempts);
  addCounters(families, upstreams, kRetries);
  addCounters(families, upstreams, kRetriesRefused);
  addCounters(families, upstreams, kHedges);
  addCounters(families, upstreams, kWould);
  addBreakers(families, upstreams, facts_);
  addCounters(families, upstreams, kTransitions);
  addCounters(families, upstreams, kEjections);
  addEndpoints(families, upstreams, facts_);
  addCounters(families, upstreams, kRejections);
  addUpstreamConnections(families, upstreams);
  addCounters(families, upstreams, kConnects);
  addDownstreamConnections(families, served, workers);
  addProbes(families, workers);
  addDetections(families, workers);
  addRedirectsRefused(families, workers);
  addTunnels(families, sumTunnels(registry_), bounds);
  addHttp2Guards(families, workers);
  addHandshakes(families, workers);
  addCertificates(families, facts_);
  addConfig(families, facts_);
  addDiscovery(families, facts_);
  addLag(families, workers, bounds);
  addDropped(families, registry_.dropped());
  addProcess(families, facts_);
  return families;
}

}  // namespace outrigger::control::telemetry
