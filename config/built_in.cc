#include "config/built_in.h"

#include <cassert>

#include "config/yaml.h"

namespace outrigger::config {
namespace {

constexpr Bytes kFile = R"(version: 1
listen: {inbound: "[::]:15106", outbound: "127.0.0.1:15101", admin: "127.0.0.1:15100", telemetry: "[::]:15190"}
workers: 1
log: {level: info, access: errors, sample: 100, path: route, headers: []}
admin: {actions: false}
outbound: {unknown: auto}
redirect: {enabled: false, skipPorts: [], skipCidrs: []}
opaquePorts: []
shutdown: {lameDuck: 5s, grace: 25s}
http: {headBytes: 60KiB, headFields: 100, targetBytes: 8KiB, headTimeout: 10s, keepAlive: 60s, maxAge: none,
       streams: 100, connect: false}
metrics: {maxSeries: 10000, buckets: auto}
policies:
  default:
    timeout: {request: 15s, attempt: auto, connect: 1s, idle: 5m, body: 30s}
    retry:
      limit: 2
      when: [unsent, reset, timeout, 502, 503, 504]
      methods: [GET, HEAD, OPTIONS, TRACE, PUT, DELETE]
      idempotencyKey: none
      backoff: {base: 25ms, max: 1s}
      bufferBody: 64KiB
      budget: {percent: 10, minPerSecond: 1, burst: auto}
    hedge: {percent: 0}
    failures: [unsent, reset, timeout, 502, 503, 504]
    breaker:
      consecutive: 5
      window: 10s
      minRequests: 20
      errorPercent: 50
      slowPercent: none
      slowCall: none
      open: 500ms
      maxOpen: 2s
      per: upstream
    eject: {consecutive: 5, errors: auto, latency: auto, baseTime: 5s, maxTime: 5m, maxPercent: 50}
    limits: {connections: 1024, requests: 4096, pending: 1024, pendingTimeout: 1s, idle: auto, maxAge: none}
    mode: enforce
  inbound:
    timeout: {request: none}
    retry: {when: [unsent]}
    breaker: none
    eject: none
    limits: {requests: 1024, pending: 1024, pendingTimeout: 100ms}
)";

constexpr Bytes kUpstream = R"(policy: default
balance: least-request
health: none
slowStart: none
sidecar: false
listen: none
protocol: http1
tls: none
proxyProtocol: none
)";

constexpr Bytes kHealth = R"(kind: http
path: /
host: auto
interval: 5s
timeout: 1s
unhealthy: 3
healthy: 2
)";

constexpr Bytes kApp = R"(probes: []
policy: inbound
protocol: auto
proxyProtocol: none
)";

constexpr Bytes kAppTls = "clients: auto\n";

constexpr Bytes kUpstreamTls = "mode: simple\n";

constexpr Bytes kAccess = R"(default: deny
rules: []
mode: enforce
)";

constexpr Bytes kTracing = R"(service: auto
sample: 1
)";

Node read(Bytes text) {
  Diagnostics diagnostics("built-in", text);
  const auto node = readYaml(Source::BuiltIn, diagnostics);
  assert(node && !diagnostics.hasErrors());
  return node.value_or(Node());
}

}  // namespace

Node builtInFile() {
  return read(kFile);
}

Node builtInUpstream() {
  return read(kUpstream);
}

Node builtInHealth() {
  return read(kHealth);
}

Node builtInApp() {
  return read(kApp);
}

Node builtInAppTls() {
  return read(kAppTls);
}

Node builtInUpstreamTls() {
  return read(kUpstreamTls);
}

Node builtInAccess() {
  return read(kAccess);
}

Node builtInTracing() {
  return read(kTracing);
}

}  // namespace outrigger::config
