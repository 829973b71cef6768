#include "control/live/live_parts.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "control/environment.h"
#include "control/telemetry/words.h"

namespace outrigger::control::live {
namespace {

using admin::isoTime;

// Few digits: thousands of these leave in one page.
Json number(float value, float steps = 100) {
  if (std::isnan(value)) return {};
  const double rounded =
      std::round(static_cast<double>(value) * static_cast<double>(steps)) / static_cast<double>(steps);
  return rounded == std::floor(rounded) ? Json(static_cast<int64_t>(rounded)) : Json(rounded);
}

constexpr float kShareSteps = 10'000;

template <class Point, class Of>
Json column(const Ring<Point>& ring, size_t from, Of of) {
  Json list = Json::array();
  for (size_t i = from; i < ring.size(); ++i) list.push_back(of(ring[i]));
  return list;
}

Json flowRing(const Ring<FlowPoint>& ring, uint64_t since) {
  const size_t from = ring.from(since);
  Json json;
  json["per_second"] = column(ring, from, [](const FlowPoint& p) { return number(p.perSecond); });
  json["success"] = column(ring, from, [](const FlowPoint& p) { return number(p.success, kShareSteps); });
  json["p50_ms"] = column(ring, from, [](const FlowPoint& p) { return number(p.p50); });
  json["p95_ms"] = column(ring, from, [](const FlowPoint& p) { return number(p.p95); });
  json["p99_ms"] = column(ring, from, [](const FlowPoint& p) { return number(p.p99); });
  json["in_flight"] = column(ring, from, [](const FlowPoint& p) { return number(p.inFlight); });
  return json;
}

Json flowNow(const FlowPoint& point) {
  return {{"per_second", number(point.perSecond)}, {"success", number(point.success, kShareSteps)},
          {"p50_ms", number(point.p50)},           {"p95_ms", number(point.p95)},
          {"p99_ms", number(point.p99)},           {"in_flight", number(point.inFlight)}};
}

// An upstream's ring begins when the upstream does: its numbers count from its own start, and its end is now.
Json upstreamRing(const Ring<UpstreamPoint>& ring, uint64_t fresh) {
  const size_t from = ring.size() - std::min<uint64_t>(fresh, ring.size());
  Json json;
  json["per_second"] = column(ring, from, [](const UpstreamPoint& p) { return number(p.perSecond); });
  json["failed"] = column(ring, from, [](const UpstreamPoint& p) { return number(p.failed); });
  json["attempts"] = column(ring, from, [](const UpstreamPoint& p) { return number(p.attempts); });
  json["breaker"] = column(ring, from, [](const UpstreamPoint& p) { return Json(p.breaker); });
  return json;
}

Json shareOk(const UpstreamPoint& point) {
  if (point.perSecond <= 0) return {};
  return number(1 - std::min(point.failed / point.perSecond, 1.0F), kShareSteps);
}

Json amplification(const UpstreamPoint& point) {
  if (point.perSecond <= 0) return {};
  return number(point.attempts / point.perSecond);
}

Json wouldJson(const UpstreamCounts& counts) {
  Json json = Json::object();
  for (size_t i = 0; i < counts.would.size(); ++i) {
    if (counts.would[i] > 0) json[std::string(telemetry::kWouldWords[i])] = counts.would[i];
  }
  return json;
}

void addCounted(Json& upstream, const telemetry::SeriesRegistry& registry, const History& history,
                const Progress& since) {
  const auto& names = registry.upstreams();
  const auto found = std::ranges::find(names, upstream.at("name").get_ref<const std::string&>());
  const auto index = static_cast<size_t>(found - names.begin());
  const Rings<UpstreamPoint>* rings = found == names.end() ? nullptr : history.upstream(index);
  if (rings == nullptr) return;
  const UpstreamPoint steady = history.steadyUpstream(index);
  upstream["now"] = {{"per_second", number(steady.perSecond)},
                     {"success", shareOk(steady)},
                     {"amplification", amplification(steady)},
                     {"retries_per_second", number(steady.retries)}};
  const UpstreamCounts& counts = history.latest()->upstreams[index];
  upstream["in_flight"] = counts.inFlight;
  upstream["would"] = wouldJson(counts);
  upstream["fine"] = upstreamRing(rings->fine, history.fineAdded() - since.fine);
  upstream["coarse"] = upstreamRing(rings->coarse, history.coarseAdded() - since.coarse);
}

// What is out of order is shown before what is busy.
std::pair<bool, double> weightOf(const Json& upstream) {
  const auto now = upstream.find("now");
  return {upstream.at("breaker") != "closed", now == upstream.end() ? -1 : now->at("per_second").get<double>()};
}

// nullptr: it is not shown.
Json* upstreamNamed(Json& state, const std::string& name) {
  for (Json& upstream : state["upstreams"]) {
    if (upstream.at("name") == name) return &upstream;
  }
  return nullptr;
}

std::string changedAt(const Json& endpoint) {
  const auto at = endpoint.find("changed_at");
  return at == endpoint.end() ? "" : at->get<std::string>();
}

Json badges(const Json& state, const Json& upstream) {
  Json list = Json::array();
  if (upstream.at("breaker") == "open") list.push_back("breaker open");
  if (upstream.at("breaker") == "half-open") list.push_back("breaker half-open");
  size_t all = 0;
  std::map<std::string, size_t> out;
  for (const Json& endpoint : state.at("endpoints")) {
    if (endpoint.at("upstream") != upstream.at("name")) continue;
    ++all;
    const std::string word = endpoint.at("state");
    if (word != "healthy") ++out[word];
  }
  for (const auto& [word, count] : out)
    list.push_back(std::to_string(count) + " of " + std::to_string(all) + " " + word);
  const auto now = upstream.find("now");
  if (now != upstream.end() && now->at("retries_per_second").get<double>() > 0) list.push_back("retrying");
  return list;
}

}  // namespace

std::string processName() {
  if (const auto pod = fromEnvironment("POD_NAME"); pod && !pod->empty()) return *pod;
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "outrigger";
}

Json flowsJson(const History& history, const Progress& since) {
  Json json;
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    const Rings<FlowPoint>& rings = history.flow(direction);
    json[std::string(telemetry::wordOf(telemetry::kDirectionWords, direction))] = {
        {"now", flowNow(history.steadyFlow(direction))},
        {"fine", flowRing(rings.fine, since.fine)},
        {"coarse", flowRing(rings.coarse, since.coarse)}};
  }
  return json;
}

void addUpstreams(Json& state, const ProcessView& view, const History& history,
                  const admin::Gathering::Result& gathered, const Progress& since) {
  const bool looksUp = view.discovery != nullptr;
  Json all = admin::upstreamsJson(gathered, view.turn.now,
                                  looksUp ? view.discovery->standings() : admin::Standings())["upstreams"];
  for (Json& upstream : all) addCounted(upstream, view.registry, history, since);
  std::vector<Json> sorted(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
  std::ranges::stable_sort(sorted, std::greater<>(), weightOf);
  state["upstreams_left_out"] = sorted.size() - std::min(sorted.size(), kMostUpstreamsShown);
  sorted.resize(std::min(sorted.size(), kMostUpstreamsShown));
  state["upstreams"] = Json::array();
  state["endpoints"] = Json::array();
  for (Json& upstream : sorted) {
    for (Json& endpoint : upstream["endpoints"]) {
      Json row{{"upstream", upstream["name"]}};
      row.update(endpoint);
      row["pending"] = upstream["pending"];
      state["endpoints"].push_back(std::move(row));
    }
    upstream.erase("endpoints");
    state["upstreams"].push_back(std::move(upstream));
  }
}

void addPlaces(Json& state, const config::Model& model, const admin::Rules& rules) {
  const auto add = [&](const std::string& name, const std::string& policy, const policy::PolicySettings& settings,
                       config::Place place) {
    Json* upstream = upstreamNamed(state, name);
    if (upstream == nullptr) return;
    (*upstream)["policy"] = policy;
    (*upstream)["mode"] = settings.mode == policy::Mode::Observe ? "observe" : "enforce";
    (*upstream)["place"] = rules.placeText(place);
    (*upstream)["has_breaker"] = settings.breaker.has_value();
  };
  for (const config::UpstreamModel& upstream : model.upstreams) {
    add(upstream.name, upstream.policy, upstream.settings, upstream.place);
  }
  if (!model.app) return;
  add("app", model.app->policy, model.app->settings, model.app->place);
  if (Json* app = upstreamNamed(state, "app")) (*app)["is_app"] = true;
}

void explainBy(Json& state, const server::Decision& decision) {
  if (decision.kind == "request" || decision.upstream.empty()) return;
  Json* upstream = decision.kind == "breaker" ? upstreamNamed(state, decision.upstream) : nullptr;
  if (upstream != nullptr) {
    (*upstream)["breaker_since"] = isoTime(decision.time);
    (*upstream)["breaker_why"] = decision.text;
  }
  if (decision.endpoint.empty()) return;
  for (Json& endpoint : state["endpoints"]) {
    if (endpoint.at("address") != decision.endpoint || endpoint.at("upstream") != decision.upstream) continue;
    endpoint["changed_at"] = isoTime(decision.time);
    endpoint["why"] = decision.text;
  }
}

void sortEndpoints(Json& state) {
  Json& list = state["endpoints"];
  std::vector<Json> sorted(std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  std::ranges::stable_sort(sorted, [](const Json& a, const Json& b) {
    const bool aIn = a.at("state") == "healthy";
    const bool bIn = b.at("state") == "healthy";
    return std::tuple(changedAt(b), aIn) < std::tuple(changedAt(a), bIn);
  });
  state["endpoints_left_out"] = sorted.size() - std::min(sorted.size(), kMostEndpointsShown);
  sorted.resize(std::min(sorted.size(), kMostEndpointsShown));
  list = Json::array();
  for (Json& endpoint : sorted) list.push_back(std::move(endpoint));
}

Json mapJson(const Json& state) {
  Json map{{"edges", Json::array()}};
  const auto inbound = state.at("flows").at("inbound").at("now");
  for (const Json& upstream : state.at("upstreams")) {
    const bool app = upstream.contains("is_app");
    const auto now = upstream.find("now");
    Json edge{{"from", app ? "callers" : "app"}, {"to", upstream.at("name")}};
    edge["per_second"] = app ? inbound.at("per_second") : now == upstream.end() ? Json() : now->at("per_second");
    edge["success"] = app ? inbound.at("success") : now == upstream.end() ? Json() : now->at("success");
    edge["badges"] = badges(state, upstream);
    map["edges"].push_back(std::move(edge));
  }
  return map;
}

}  // namespace outrigger::control::live
