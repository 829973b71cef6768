#include "control/admin/worker_report.h"

namespace outrigger::control::admin {
namespace {

EndpointReport reportEndpoint(Instant now, const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                              const policy::Candidate& candidate) {
  const upstream::ClusterSettings& settings = cluster.settings();
  const policy::EndpointRecord& record = endpoint.record();
  EndpointReport report;
  report.address = endpoint.address().text();
  report.weight = candidate.weight;
  report.state = endpoint.state();
  report.share = candidate.share;
  report.inFlight = candidate.inFlight;
  report.run = record.run();
  report.ejections = record.ejections();
  report.byHand = endpoint.readiness().held();
  report.ejectedUntil = report.byHand ? endpoint.readiness().heldUntil() : record.ejectedUntil();
  const policy::RateWindow::Counts counts = record.counts(now);
  report.requests = counts.total;
  report.failures = counts.failed;
  report.p99 = record.latency().p99();
  report.slowScore = record.latency().value();
  const policy::HealthRecord& checks = endpoint.readiness().checks();
  const bool checked = settings.health && checks.failed() + checks.passed() > 0;
  if (checked) report.checks = {checks.failed(), checks.passed(), checks.lastFailure()};
  const bool byLatency = settings.balance.kind == policy::Balance::Ewma && candidate.latency.known();
  if (byLatency) report.expectedLatency = candidate.latency.value();
  return report;
}

BreakerReport reportBreaker(const std::string& route, const policy::Breaker& breaker) {
  return {route, breaker.state(), breaker.openUntil()};
}

}  // namespace

std::vector<UpstreamReport> reportUpstreams(const server::Worker& worker) {
  std::vector<UpstreamReport> reports;
  worker.forEachCluster([&](const upstream::Cluster& cluster) {
    UpstreamReport report;
    report.name = cluster.name();
    report.hasBreaker = cluster.breaker() != nullptr;
    if (const policy::Breaker* worst = cluster.breaker()) report.breaker = reportBreaker({}, *worst);
    cluster.forEachRouteBreaker([&report](const std::string& route, const policy::Breaker& breaker) {
      report.breakers.push_back(reportBreaker(route, breaker));
    });
    report.retryTokens = cluster.retryTokens();
    report.retryCap = cluster.retryCap();
    report.pending = cluster.pending();
    report.connections = cluster.connections();
    report.median = cluster.median();
    cluster.endpoints().forEach([&](const upstream::Endpoint& endpoint, const policy::Candidate& candidate) {
      report.endpoints.push_back(reportEndpoint(worker.now(), cluster, endpoint, candidate));
    });
    reports.push_back(std::move(report));
  });
  return reports;
}

WorkerReport reportOn(const server::Worker& worker, Bytes id) {
  WorkerReport report{.upstreams = {}, .decisions = reportDecisions(worker)};
  report.trails = worker.trails().find(id);
  report.trailsKept = worker.trails().size();
  if (report.trailsKept > 0) report.trailsSince = worker.trails().since();
  return report;
}

std::vector<server::Decision> reportDecisions(const server::Worker& worker) {
  const auto& decisions = worker.decisions().all();
  return {decisions.begin(), decisions.end()};
}

}  // namespace outrigger::control::admin
