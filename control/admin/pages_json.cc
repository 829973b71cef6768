#include "control/admin/pages_json.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "control/telemetry/words.h"
#include "proxy/base/json_text.h"

namespace outrigger::control::admin {
namespace {

using telemetry::kBreakerWords;
using telemetry::kEndpointWords;
using telemetry::wordOf;
using upstream::EndpointState;
using BreakerState = policy::Breaker::State;

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

double milliseconds(Duration span) {
  return rounded(seconds(span) * 1000);
}

// ---- Upstreams: several views of one thing

/// One worker's view, and whose it is.
template <class Report>
struct View {
  uint32_t worker;
  const Report* report;
};
using UpstreamViews = std::vector<View<UpstreamReport>>;
using BreakerViews = std::vector<View<BreakerReport>>;
using EndpointViews = std::vector<View<EndpointReport>>;

// During a reload workers may know different upstreams and endpoints for a moment: all of them are shown, in the order
// in which they turn up.
template <class Report, class Key>
void addView(std::vector<std::vector<View<Report>>>& groups, uint32_t worker, const Report& report, Key key) {
  const auto group = std::ranges::find_if(
      groups, [&](const auto& views) { return std::invoke(key, *views.front().report) == std::invoke(key, report); });
  if (group == groups.end()) {
    groups.push_back({{worker, &report}});
  } else {
    group->push_back({worker, &report});
  }
}

template <class Views, class Of>
bool differ(const Views& views, Of of) {
  return std::ranges::any_of(views, [&](const auto& view) { return of(*view.report) != of(*views.front().report); });
}

template <class Views, class Of>
auto sum(const Views& views, Of of) {
  decltype(of(*views.front().report)) total{};
  for (const auto& view : views) total += of(*view.report);
  return total;
}

template <class Views, class Of>
auto most(const Views& views, Of of) {
  auto best = of(*views.front().report);
  for (const auto& view : views) best = std::max(best, of(*view.report));
  return best;
}

// By how little it gets, not the order of the enum.
int badness(EndpointState state) {
  switch (state) {
    case EndpointState::Healthy: return 0;
    case EndpointState::Returning: return 1;
    case EndpointState::Ejected: return 2;
    case EndpointState::Unhealthy: return 3;
    case EndpointState::Draining: return 4;
  }
  return 0;
}

EndpointState worstState(const EndpointViews& views) {
  return std::ranges::max_element(views, {}, [](const auto& view) { return badness(view.report->state); })
      ->report->state;
}

int64_t ejectedForMs(const EndpointReport& endpoint, Instant now) {
  return endpoint.state == EndpointState::Ejected ? wholeMilliseconds(endpoint.ejectedUntil - now) : 0;
}

int64_t openForMs(const BreakerReport& breaker, Instant now) {
  return breaker.state == BreakerState::Open ? wholeMilliseconds(breaker.openUntil - now) : 0;
}

// Of the one worker that makes them.
void addChecks(Json& json, const EndpointViews& views) {
  for (const auto& [worker, endpoint] : views) {
    if (!endpoint->checks) continue;
    json["health"] = {{"failed_in_a_row", endpoint->checks->failed}, {"passed_in_a_row", endpoint->checks->passed}};
    if (!endpoint->checks->lastFailure.empty()) json["health"]["last_failure"] = endpoint->checks->lastFailure;
  }
}

// The worst that a worker expects.
void addLatencies(Json& json, const EndpointViews& views) {
  const auto latency = most(views, [](const EndpointReport& e) { return e.expectedLatency; });
  if (latency) json["ewma_ms"] = milliseconds(*latency);
}

Json endpointJson(const EndpointViews& views, Instant now) {
  Json json;
  json["address"] = views.front().report->address;
  json["weight"] = views.front().report->weight;
  json["state"] = wordOf(kEndpointWords, worstState(views));
  json["share"] = rounded(-most(views, [](const EndpointReport& e) { return -e.share; }));
  json["in_flight"] = sum(views, [](const EndpointReport& e) { return uint64_t{e.inFlight}; });
  json["failures_in_a_row"] = most(views, [](const EndpointReport& e) { return e.run; });
  json["ejections"] = sum(views, [](const EndpointReport& e) { return uint64_t{e.ejections}; });
  json["ejected_for_ms"] = most(views, [now](const EndpointReport& e) { return ejectedForMs(e, now); });
  if (most(views, [](const EndpointReport& e) { return e.byHand; })) json["by_hand"] = true;
  json["recent"] = {{"requests", sum(views, [](const EndpointReport& e) { return e.requests; })},
                    {"failures", sum(views, [](const EndpointReport& e) { return e.failures; })}};
  json["p99_ms"] = milliseconds(most(views, [](const EndpointReport& e) { return e.p99; }));
  json["slow_score"] = rounded(most(views, [](const EndpointReport& e) { return e.slowScore; }));
  addChecks(json, views);
  addLatencies(json, views);
  if (!differ(views, [](const EndpointReport& e) { return e.state; })) return json;
  for (const auto& [worker, endpoint] : views) {
    json["workers"].push_back({{"worker", worker},
                               {"state", wordOf(kEndpointWords, endpoint->state)},
                               {"share", rounded(endpoint->share)},
                               {"failures_in_a_row", endpoint->run},
                               {"ejected_for_ms", ejectedForMs(*endpoint, now)}});
  }
  return json;
}

// The breakers of its routes, where each has its own.
void addRoutes(Json& json, const UpstreamViews& views, Instant now) {
  std::vector<BreakerViews> routes;
  for (const auto& [worker, upstream] : views) {
    for (const BreakerReport& breaker : upstream->breakers) addView(routes, worker, breaker, &BreakerReport::route);
  }
  for (const BreakerViews& route : routes) {
    json["routes"].push_back(
        {{"route", route.front().report->route},
         {"breaker", wordOf(kBreakerWords, most(route, [](const BreakerReport& b) { return b.state; }))},
         {"open_for_ms", most(route, [now](const BreakerReport& b) { return openForMs(b, now); })}});
  }
}

Json upstreamJson(const UpstreamViews& views, Instant now) {
  Json json;
  json["name"] = views.front().report->name;
  json["breaker"] = wordOf(kBreakerWords, most(views, [](const UpstreamReport& u) { return u.breaker.state; }));
  json["has_breaker"] = most(views, [](const UpstreamReport& u) { return u.hasBreaker; });
  json["open_for_ms"] = most(views, [now](const UpstreamReport& u) { return openForMs(u.breaker, now); });
  json["retry_tokens"] = rounded(sum(views, [](const UpstreamReport& u) { return u.retryTokens; }));
  json["retry_cap"] = rounded(sum(views, [](const UpstreamReport& u) { return u.retryCap; }));
  json["pending"] = sum(views, [](const UpstreamReport& u) { return u.pending; });
  json["connections"] = sum(views, [](const UpstreamReport& u) { return u.connections; });
  json["median_ms"] = milliseconds(most(views, [](const UpstreamReport& u) { return u.median; }));
  if (differ(views, [](const UpstreamReport& u) { return u.breaker.state; })) {
    for (const auto& [worker, upstream] : views) {
      json["workers"].push_back({{"worker", worker},
                                 {"breaker", wordOf(kBreakerWords, upstream->breaker.state)},
                                 {"open_for_ms", openForMs(upstream->breaker, now)}});
    }
  }
  addRoutes(json, views, now);
  std::vector<EndpointViews> endpoints;
  for (const auto& [worker, upstream] : views) {
    for (const EndpointReport& endpoint : upstream->endpoints) {
      addView(endpoints, worker, endpoint, &EndpointReport::address);
    }
  }
  json["endpoints"] = Json::array();
  for (const EndpointViews& endpoint : endpoints) json["endpoints"].push_back(endpointJson(endpoint, now));
  return json;
}

void addSource(Json& json, const discovery::Standing& standing, Instant now) {
  Json& source = json["source"];
  source["from"] = standing.source;
  source["age_ms"] = standing.knownSince ? Json(wholeMilliseconds(now - *standing.knownSince)) : Json();
  if (!standing.trouble.empty()) source["trouble"] = standing.trouble;
}

void addWorkers(Json& json, const Gathering::Result& gathered) {
  json["workers"] = gathered.reports.size() + gathered.silent.size();
  if (!gathered.silent.empty()) json["silent_workers"] = gathered.silent;
}

// ---- Status

Json configState(const ReloadState& reloads) {
  Json json;
  std::error_code error;
  const auto whole = std::filesystem::absolute(reloads.file.path, error);  // who asks may be in another folder
  json["file"] = error ? reloads.file.path : whole.string();
  json["hash"] = reloads.file.hash;
  json["applied_at"] = isoTime(reloads.appliedAt);
  json["newest_is_in_effect"] = reloads.lastGood;
  if (!reloads.lastError.empty()) json["error"] = reloads.lastError;
  json["reloads"] = {{"applied", reloads.applied}, {"unchanged", reloads.unchanged}, {"rejected", reloads.rejected}};
  return json;
}

}  // namespace

std::string isoTime(WallTime when) {
  std::string quoted;
  JsonWriter(quoted).time(when);
  return quoted.substr(1, quoted.size() - 2);
}

Json upstreamsJson(const Gathering::Result& gathered, Instant now, const Standings& standings) {
  std::vector<UpstreamViews> upstreams;
  for (const WorkerReport& report : gathered.reports) {
    for (const UpstreamReport& upstream : report.upstreams) {
      addView(upstreams, report.worker, upstream, &UpstreamReport::name);
    }
  }
  Json json;
  addWorkers(json, gathered);
  json["upstreams"] = Json::array();
  for (const UpstreamViews& upstream : upstreams) {
    json["upstreams"].push_back(upstreamJson(upstream, now));
    const auto standing = standings.find(upstream.front().report->name);
    if (standing != standings.end()) addSource(json["upstreams"].back(), standing->second, now);
  }
  return json;
}

Json decisionJson(const server::Decision& decision, uint32_t worker, const Rules& rules) {
  Json json{{"time", isoTime(decision.time)}, {"worker", worker}, {"kind", decision.kind}};
  if (!decision.upstream.empty()) json["upstream"] = decision.upstream;
  if (!decision.endpoint.empty()) json["endpoint"] = decision.endpoint;
  if (!decision.route.empty()) json["route"] = decision.route;
  json["text"] = decision.text;
  const Rule rule = rules.of(decision);
  if (!rule.place.empty()) json["rule"] = rule.place;
  return json;
}

std::vector<MadeDecision> newestDecisions(const Gathering::Result& gathered) {
  std::vector<MadeDecision> all;
  for (const WorkerReport& report : gathered.reports) {
    uint64_t number = report.decisionsMade;
    for (auto it = report.decisions.rbegin(); it != report.decisions.rend(); ++it) {
      all.push_back({report.worker, number--, &*it});
    }
  }
  std::ranges::stable_sort(all, std::greater<>(), [](const MadeDecision& made) { return made.decision->time; });
  all.resize(std::min(all.size(), server::DecisionRing::kMost));
  return all;
}

Json decisionsJson(const Gathering::Result& gathered, const Rules& rules) {
  Json json;
  addWorkers(json, gathered);
  json["decisions"] = Json::array();
  for (const MadeDecision& made : newestDecisions(gathered)) {
    json["decisions"].push_back(decisionJson(*made.decision, made.worker, rules));
  }
  return json;
}

Json valuesJson(const std::vector<config::EffectiveValue>& values) {
  Json json = Json::array();
  for (const config::EffectiveValue& value : values) {
    json.push_back({{"path", value.path}, {"value", value.value}, {"origin", value.origin}});
  }
  return json;
}

Json configJson(const ConfigFile& file, WallTime appliedAt, const std::vector<config::EffectiveValue>& values) {
  Json json;
  json["file"] = file.path;
  json["hash"] = file.hash;
  json["applied_at"] = isoTime(appliedAt);
  json["values"] = valuesJson(values);
  return json;
}

Json statusJson(const StatusFacts& facts) {
  Json json;
  json["version"] = facts.version;
  json["pid"] = facts.pid;
  json["time"] = isoTime(facts.now);
  json["started_at"] = isoTime(facts.startedAt);
  json["uptime_ms"] = wholeMilliseconds(facts.now - facts.startedAt);
  json["state"] = drainWord(facts.drain);
  json["ready"] = facts.blockers.empty();
  if (!facts.blockers.empty()) json["blockers"] = facts.blockers;
  json["config"] = configState(facts.reloads);
  json["listeners"] = Json::object();
  for (const auto& [name, address] : facts.listeners) json["listeners"][name] = address.text();
  json["workers"] = Json::array();
  for (const WorkerStatus& worker : facts.workers) {
    json["workers"].push_back({{"requests_in_flight", worker.requests},
                               {"inbound_connections", worker.inboundConnections},
                               {"outbound_connections", worker.outboundConnections}});
  }
  json["log_lines_dropped"] = facts.logLinesDropped;
  return json;
}

std::string textOf(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace outrigger::control::admin
