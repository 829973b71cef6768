// The metrics as a table: what each is called, what kind it is, which labels it has and what may stand there, and the
// sentence that explains it. The collector, the injector's metrics and the page control/METRICS.md are made from it.
// Constants; any thread.
#pragma once

#include <prometheus/metric_type.h>

#include <span>

#include "control/telemetry/words.h"

namespace outrigger::control::telemetry {

struct LabelRow {
  Bytes name;
  std::span<const Bytes> words{};  ///< the closed list; empty: see `what`
  Bytes what{};                    ///< what stands there, where that is no closed list
};

struct FamilyRow {
  const char* name;
  prometheus::MetricType type;
  std::span<const LabelRow> labels;
  const char* help;  ///< one sentence
};

namespace table {

inline constexpr auto kCounter = prometheus::MetricType::Counter;
inline constexpr auto kGauge = prometheus::MetricType::Gauge;
inline constexpr auto kHistogram = prometheus::MetricType::Histogram;

inline constexpr std::array<Bytes, 2> kConnectionWords{"active", "idle"};
inline constexpr std::array<Bytes, 2> kProbeWords{"ok", "failed"};
inline constexpr std::array<Bytes, 2> kWayWords{"sent", "received"};
inline constexpr std::array<Bytes, 3> kReloadWords{"applied", "unchanged", "rejected"};
inline constexpr std::array<Bytes, 3> kDiscoveryWords{"applied", "unchanged", "failed"};
inline constexpr std::array<Bytes, 5> kInjectionWords{"injected", "skipped", "refused", "forbidden", "malformed"};

inline constexpr std::array<Bytes, 3> kSpanWords{"exported", "dropped", "refused"};
inline constexpr std::array<Bytes, 2> kStreamWords{"access", "process"};

inline constexpr LabelRow kDirection{"direction", kDirectionWords};
inline constexpr LabelRow kRoute{"route", {}, "a route of the file; empty: none matched"};
inline constexpr LabelRow kUpstream{"upstream", {}, "an upstream of the file, or `app`; empty: none was chosen"};
inline constexpr LabelRow kOneUpstream{"upstream", {}, "an upstream of the file, or `app`"};
inline constexpr LabelRow kReason{"reason", {}, "a word of REASONS.md"};

inline constexpr LabelRow kRequests[] = {kDirection, kRoute, kUpstream, {"code", {}, "the status"}, kReason};
inline constexpr LabelRow kOfRoute[] = {kDirection, kRoute, kUpstream};
inline constexpr LabelRow kGrpc[] = {kDirection, kRoute, kUpstream, {"grpc_status", {}, "gRPC's word for the status"}};
inline constexpr LabelRow kInFlight[] = {kDirection, kOneUpstream};
inline constexpr LabelRow kOfUpstream[] = {kOneUpstream};
inline constexpr LabelRow kAttempts[] = {kOneUpstream, {"result", kAttemptWords}};
inline constexpr LabelRow kRetries[] = {kOneUpstream, {"cause", kRetryWords}};
inline constexpr LabelRow kRefusals[] = {kOneUpstream, {"why", kRefusalWords}};
inline constexpr LabelRow kHedges[] = {kOneUpstream, {"result", kHedgeWords}};
inline constexpr LabelRow kWould[] = {kOneUpstream, {"action", kWouldWords}};
inline constexpr LabelRow kTransitions[] = {kOneUpstream, {"to", kBreakerWords}};
inline constexpr LabelRow kEjections[] = {kOneUpstream, {"cause", kEjectWords}};
inline constexpr LabelRow kEndpoints[] = {kOneUpstream, {"state", kEndpointWords}};
inline constexpr LabelRow kLimits[] = {kOneUpstream, {"limit", kLimitWords}};
inline constexpr LabelRow kConnections[] = {kOneUpstream, {"state", kConnectionWords}};
inline constexpr LabelRow kConnects[] = {kOneUpstream, {"result", kConnectWords}};
inline constexpr LabelRow kOfDirection[] = {kDirection};
inline constexpr LabelRow kProbes[] = {{"result", kProbeWords}};
inline constexpr LabelRow kDetections[] = {kDirection, {"verdict", kDetectionWords}};
inline constexpr LabelRow kRedirects[] = {kDirection, {"why", kRedirectRefusalWords}};
inline constexpr LabelRow kTcpEnded[] = {kDirection, kOneUpstream, kReason};
inline constexpr LabelRow kTcpBytes[] = {kDirection, kOneUpstream, {"way", kWayWords}};
inline constexpr LabelRow kGuards[] = {kDirection, {"guard", kGuardWords}};
inline constexpr LabelRow kHandshakes[] = {{"side", kSideWords}, {"result", kHandshakeWords}};
inline constexpr LabelRow kCertificates[] = {{"name", {}, "what shows the certificate"}};
inline constexpr LabelRow kReloads[] = {{"result", kReloadWords}};
inline constexpr LabelRow kHash[] = {{"hash", {}, "8 hex digits"}};
inline constexpr LabelRow kDiscovery[] = {kOneUpstream, {"result", kDiscoveryWords}};
inline constexpr LabelRow kVersion[] = {{"version", {}, "the version"}};
inline constexpr LabelRow kSpans[] = {{"result", kSpanWords}};
inline constexpr LabelRow kLogLines[] = {{"stream", kStreamWords}};
inline constexpr LabelRow kInjections[] = {{"result", kInjectionWords}};

}  // namespace table

inline constexpr FamilyRow kFamilies[] = {
    // Requests
    {"outrigger_requests_total", table::kCounter, table::kRequests,
     "Requests that have ended, by status and by the reason why they ended."},
    {"outrigger_request_duration_seconds", table::kHistogram, table::kOfRoute,
     "Time from the first octet of a request to the last of its answer."},
    {"outrigger_grpc_responses_total", table::kCounter, table::kGrpc, "gRPC calls that have ended, by their status."},
    {"outrigger_requests_in_flight", table::kGauge, table::kInFlight,
     "Requests that were given to an upstream and have not ended."},
    // Upstreams
    {"outrigger_attempts_total", table::kCounter, table::kAttempts,
     "Attempts at an endpoint of the upstream, by how they ended."},
    {"outrigger_retries_total", table::kCounter, table::kRetries,
     "Further attempts, by what the one before them came to."},
    {"outrigger_retries_refused_total", table::kCounter, table::kRefusals,
     "Further attempts that were not made, by why not."},
    {"outrigger_hedges_total", table::kCounter, table::kHedges,
     "Second attempts beside a slow one, by whether they answered first."},
    {"outrigger_would_total", table::kCounter, table::kWould,
     "Decisions that were not carried out, for the policy only observes."},
    {"outrigger_breaker_state", table::kGauge, table::kOfUpstream,
     "State of the upstream's breaker: 0 closed, 1 half-open, 2 open."},
    {"outrigger_breaker_transitions_total", table::kCounter, table::kTransitions,
     "Changes of the breaker's state, by the new state."},
    {"outrigger_ejections_total", table::kCounter, table::kEjections,
     "Endpoints that were taken out of use for a while, by why."},
    {"outrigger_endpoints", table::kGauge, table::kEndpoints, "Endpoints of the upstream, by state."},
    {"outrigger_limit_rejections_total", table::kCounter, table::kLimits,
     "Requests that were refused because a limit was reached."},
    {"outrigger_upstream_connections", table::kGauge, table::kConnections,
     "Open connections to endpoints, by whether they serve a request."},
    {"outrigger_upstream_connects_total", table::kCounter, table::kConnects,
     "Connections to endpoints that were begun, by what came of them."},
    // Callers
    {"outrigger_downstream_connections", table::kGauge, table::kOfDirection, "Open connections of callers."},
    {"outrigger_probes_total", table::kCounter, table::kProbes,
     "Health probes of the app that were passed on, by what it answered."},
    {"outrigger_detections_total", table::kCounter, table::kDetections,
     "Connections of callers, by what their first octets were."},
    {"outrigger_redirect_refused_total", table::kCounter, table::kRedirects,
     "Connections that were redirected to us and refused: the kernel could not say where they were going (lookup), "
     "or it was to ourselves (loop)."},
    {"outrigger_http2_guards_total", table::kCounter, table::kGuards,
     "HTTP/2 connections that were ended because of what their peer overdid, by what that was."},
    // TCP
    {"outrigger_tcp_connections_total", table::kCounter, table::kTcpEnded,
     "TCP connections passed on that have ended, by why."},
    {"outrigger_tcp_bytes_total", table::kCounter, table::kTcpBytes,
     "Octets of TCP connections, sent to the upstream and received from it."},
    {"outrigger_tcp_duration_seconds", table::kHistogram, table::kInFlight,
     "How long TCP connections lasted that were passed on."},
    {"outrigger_tcp_open_connections", table::kGauge, table::kInFlight, "TCP connections that are passed on."},
    // TLS
    {"outrigger_tls_handshakes_total", table::kCounter, table::kHandshakes,
     "TLS handshakes with callers and with endpoints, by how they ended."},
    {"outrigger_certificate_expiry_timestamp_seconds", table::kGauge, table::kCertificates,
     "When certificates in use expire."},
    // Config and discovery
    {"outrigger_config_last_reload_successful",
     table::kGauge,
     {},
     "Whether the newest version of the config file is the one in effect."},
    {"outrigger_config_last_reload_success_timestamp_seconds",
     table::kGauge,
     {},
     "When the config in effect was brought into effect, in seconds since 1970."},
    {"outrigger_config_reloads_total", table::kCounter, table::kReloads,
     "Looks at the config file after the first one, by what came of them."},
    {"outrigger_config_info", table::kGauge, table::kHash,
     "The config in effect, by the first digits of the file's SHA-256."},
    {"outrigger_discovery_age_seconds", table::kGauge, table::kOfUpstream,
     "Since the endpoints of an upstream that are looked up were confirmed."},
    {"outrigger_discovery_updates_total", table::kCounter, table::kDiscovery,
     "What came of looking up an upstream's endpoints: others, the same, or trouble that began."},
    // The process
    {"outrigger_spans_total", table::kCounter, table::kSpans,
     "Spans of traces, by what became of them: exported; dropped, for a queue was full; refused by the collector."},
    {"outrigger_log_lines_dropped_total", table::kCounter, table::kLogLines,
     "Lines that were lost, for whoever reads stdout (access) or stderr (process) is too slow."},
    {"outrigger_series_dropped",
     table::kGauge,
     {},
     "Routes and upstreams that found no room within `metrics.maxSeries` and are counted under `other`."},
    {"outrigger_eventloop_lag_seconds",
     table::kHistogram,
     {},
     "How late timers of the workers' loops are, looked at each second."},
    {"outrigger_build_info", table::kGauge, table::kVersion, "The program that runs."},
    {"outrigger_draining", table::kGauge, {}, "Whether this process takes its leave."},
    {"process_start_time_seconds", table::kGauge, {}, "When the process started, in seconds since 1970."},
    {"process_cpu_seconds_total", table::kCounter, {}, "Processor time that the process has used, user and system."},
    {"process_resident_memory_bytes", table::kGauge, {}, "Memory of the process that is resident."},
    {"process_open_fds", table::kGauge, {}, "File descriptors that are open."},
    {"process_max_fds", table::kGauge, {}, "File descriptors that may be open."},
    // The injector
    {"outrigger_injections_total", table::kCounter, table::kInjections,
     "Reviews of new pods, by what became of them: only of the injector."},
};

constexpr const char* kindWord(prometheus::MetricType kind) {
  if (kind == table::kCounter) return "counter";
  return kind == table::kHistogram ? "histogram" : "gauge";
}

/// The row of that name; a name that has none does not compile.
consteval const FamilyRow& familyRow(Bytes name) {
  for (const FamilyRow& row : kFamilies) {
    if (row.name == name) return row;
  }
  throw "control/telemetry/families.h has no row for this metric";
}

}  // namespace outrigger::control::telemetry
