#include "control/telemetry/collector.h"

#include <algorithm>
#include <span>
#include <utility>

#include "control/telemetry/words.h"
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
  Family requests("outrigger_requests_total", "Requests that have ended, by status and by the reason why they ended.",
                  MetricType::Counter);
  Family durations("outrigger_request_duration_seconds",
                   "Time from the first octet of a request to the last of its answer.", MetricType::Histogram);
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
  Family family("outrigger_grpc_responses_total", "gRPC calls that have ended, by their status.", MetricType::Counter);
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
  Family family("outrigger_requests_in_flight", "Requests that were given to an upstream and have not ended.",
                MetricType::Gauge);
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

/// A counter for each word of a closed list.
struct CounterRow {
  const char* name;
  const char* help;
  const char* label;
  std::span<const Bytes> words;
  std::span<const uint64_t> (*of)(const UpstreamSum& sum);
};

template <auto Member, size_t N>
constexpr CounterRow row(const char* name, const char* help, const char* label, const std::array<Bytes, N>& words) {
  static_assert(std::tuple_size_v<std::remove_cvref_t<decltype(UpstreamSum().*Member)>> == N, "a word for each cell");
  return {name, help, label, words, [](const UpstreamSum& sum) { return std::span<const uint64_t>(sum.*Member); }};
}

constexpr CounterRow kAttempts = row<&UpstreamSum::attempts>(
    "outrigger_attempts_total", "Attempts at an endpoint of the upstream, by how they ended.", "result", kAttemptWords);
constexpr CounterRow kRetries = row<&UpstreamSum::retries>(
    "outrigger_retries_total", "Further attempts, by what the one before them came to.", "cause", kRetryWords);
constexpr CounterRow kRetriesRefused = row<&UpstreamSum::retriesRefused>(
    "outrigger_retries_refused_total", "Further attempts that were not made, by why not.", "why", kRefusalWords);
constexpr CounterRow kHedges = row<&UpstreamSum::hedges>(
    "outrigger_hedges_total", "Second attempts beside a slow one, by whether they answered first.", "result",
    kHedgeWords);
constexpr CounterRow kWould = row<&UpstreamSum::would>(
    "outrigger_would_total", "Decisions that were not carried out, for the policy only observes.", "action",
    kWouldWords);
constexpr CounterRow kTransitions = row<&UpstreamSum::breakerTransitions>(
    "outrigger_breaker_transitions_total", "Changes of the breaker's state, by the new state.", "to", kBreakerWords);
constexpr CounterRow kEjections = row<&UpstreamSum::ejections>(
    "outrigger_ejections_total", "Endpoints that were taken out of use for a while, by why.", "cause", kEjectWords);
constexpr CounterRow kRejections =
    row<&UpstreamSum::limitRejections>("outrigger_limit_rejections_total",
                                       "Requests that were refused because a limit was reached.", "limit", kLimitWords);
constexpr CounterRow kConnects = row<&UpstreamSum::connects>(
    "outrigger_upstream_connects_total", "Connections to endpoints that were begun, by what came of them.", "result",
    kConnectWords);

void addCounters(Families& families, const UpstreamSums& upstreams, const CounterRow& row) {
  Family family(row.name, row.help, MetricType::Counter);
  for (const auto& [name, sum] : upstreams) {
    const auto counts = row.of(sum);
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      family.value({label("upstream", name), label(row.label, row.words[i])}, static_cast<double>(counts[i]));
    }
  }
  family.moveTo(families);
}

bool any(std::span<const uint64_t> counts) {
  return std::ranges::any_of(counts, [](uint64_t count) { return count != 0; });
}

// A breaker sets its gauge whenever it changes its state.
void addBreakers(Families& families, const UpstreamSums& upstreams, const ProcessFacts& facts) {
  Family family("outrigger_breaker_state", "State of the upstream's breaker: 0 closed, 1 half-open, 2 open.",
                MetricType::Gauge);
  for (const auto& [name, sum] : upstreams) {
    const bool everSet = sum.breakerState != 0 || any(sum.breakerTransitions);
    if (!everSet || !facts.upstreams.contains(name)) continue;
    family.value({label("upstream", name)}, static_cast<double>(sum.breakerState));
  }
  family.moveTo(families);
}

void addEndpoints(Families& families, const UpstreamSums& upstreams, const ProcessFacts& facts) {
  Family family("outrigger_endpoints", "Endpoints of the upstream, by state.", MetricType::Gauge);
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
  Family family("outrigger_tls_handshakes_total", "TLS handshakes with callers and with endpoints, by how they ended.",
                MetricType::Counter);
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
  Family family("outrigger_certificate_expiry_timestamp_seconds", "When certificates in use expire.",
                MetricType::Gauge);
  for (const auto& [name, at] : facts.certificates) {
    family.value({label("name", name)}, static_cast<double>(at.time_since_epoch() / 1s));
  }
  family.moveTo(families);
}

void addUpstreamConnections(Families& families, const UpstreamSums& upstreams) {
  Family family("outrigger_upstream_connections", "Open connections to endpoints, by whether they serve a request.",
                MetricType::Gauge);
  for (const auto& [name, sum] : upstreams) {
    if (sum.connectionsActive == 0 && sum.connectionsIdle == 0 && !any(sum.connects)) continue;
    family.value({label("upstream", name), label("state", "active")}, static_cast<double>(sum.connectionsActive));
    family.value({label("upstream", name), label("state", "idle")}, static_cast<double>(sum.connectionsIdle));
  }
  family.moveTo(families);
}

void addDownstreamConnections(Families& families, const Served& served, const WorkerSum& workers) {
  Family family("outrigger_downstream_connections", "Open connections of callers.", MetricType::Gauge);
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
  Family ended("outrigger_tcp_connections_total", "TCP connections passed on that have ended, by why.",
               MetricType::Counter);
  Family octets("outrigger_tcp_bytes_total", "Octets of TCP connections, sent to the upstream and received from it.",
                MetricType::Counter);
  Family durations("outrigger_tcp_duration_seconds", "How long TCP connections lasted that were passed on.",
                   MetricType::Histogram);
  Family open("outrigger_tcp_open_connections", "TCP connections that are passed on.", MetricType::Gauge);
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
  Family family("outrigger_probes_total", "Health probes of the app that were passed on, by what it answered.",
                MetricType::Counter);
  const char* const kResults[] = {"ok", "failed"};
  for (size_t i = 0; i < workers.probes.size(); ++i) {
    if (workers.probes[i] > 0) family.value({label("result", kResults[i])}, static_cast<double>(workers.probes[i]));
  }
  family.moveTo(families);
}

void addDetections(Families& families, const WorkerSum& workers) {
  Family family("outrigger_detections_total", "Connections of callers, by what their first octets were.",
                MetricType::Counter);
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
  Family family("outrigger_redirect_refused_total",
                "Connections that were redirected to us and refused: the kernel could not say where they were going "
                "(lookup), or it was to ourselves (loop).",
                MetricType::Counter);
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
  Family family("outrigger_http2_guards_total",
                "HTTP/2 connections that were ended because of what their peer overdid, by what that was.",
                MetricType::Counter);
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

void addOne(Families& families, const char* name, const char* help, MetricType type, double value, Labels labels = {}) {
  Family family(name, help, type);
  family.value(std::move(labels), value);
  family.moveTo(families);
}

double sinceEpoch(WallTime when) {
  return seconds(when.time_since_epoch());
}

void addConfig(Families& families, const ProcessFacts& facts) {
  addOne(families, "outrigger_config_last_reload_successful",
         "Whether the newest version of the config file is the one in effect.", MetricType::Gauge,
         facts.lastReloadGood ? 1 : 0);
  addOne(families, "outrigger_config_last_reload_success_timestamp_seconds",
         "When the config in effect was brought into effect, in seconds since 1970.", MetricType::Gauge,
         sinceEpoch(facts.appliedAt));
  Family reloads("outrigger_config_reloads_total",
                 "Looks at the config file after the first one, by what came of them.", MetricType::Counter);
  reloads.value({label("result", "applied")}, static_cast<double>(facts.applied));
  reloads.value({label("result", "unchanged")}, static_cast<double>(facts.unchanged));
  reloads.value({label("result", "rejected")}, static_cast<double>(facts.rejected));
  reloads.moveTo(families);
  addOne(families, "outrigger_config_info", "The config in effect, by the first digits of the file's SHA-256.",
         MetricType::Gauge, 1, {label("hash", facts.configHash)});
}

void addDiscovery(Families& families, const ProcessFacts& facts) {
  Family age("outrigger_discovery_age_seconds", "Since the endpoints of an upstream that are looked up were confirmed.",
             MetricType::Gauge);
  Family updates("outrigger_discovery_updates_total",
                 "What came of looking up an upstream's endpoints: others, the same, or trouble that began.",
                 MetricType::Counter);
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
  addOne(families, "outrigger_series_dropped",
         "Routes and upstreams that found no room within `metrics.maxSeries` and are counted under `other`.",
         MetricType::Gauge, static_cast<double>(dropped));
}

void addProcess(Families& families, const ProcessFacts& facts) {
  addOne(families, "outrigger_build_info", "The program that runs.", MetricType::Gauge, 1,
         {label("version", facts.version)});
  addOne(families, "outrigger_draining", "Whether this process takes its leave.", MetricType::Gauge,
         facts.draining ? 1 : 0);
  addOne(families, "process_start_time_seconds", "When the process started, in seconds since 1970.", MetricType::Gauge,
         sinceEpoch(facts.startedAt));
  if (!facts.stats) return;
  const ProcessStats& stats = *facts.stats;
  addOne(families, "process_cpu_seconds_total", "Processor time that the process has used, user and system.",
         MetricType::Counter, stats.cpuSeconds);
  addOne(families, "process_resident_memory_bytes", "Memory of the process that is resident.", MetricType::Gauge,
         static_cast<double>(stats.residentBytes));
  addOne(families, "process_open_fds", "File descriptors that are open.", MetricType::Gauge,
         static_cast<double>(stats.openFds));
  addOne(families, "process_max_fds", "File descriptors that may be open.", MetricType::Gauge,
         static_cast<double>(stats.maxFds));
}

void addLag(Families& families, const WorkerSum& workers, const metrics::Bounds& bounds) {
  Family lag("outrigger_eventloop_lag_seconds", "How late timers of the workers' loops are, looked at each second.",
             MetricType::Histogram);
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
