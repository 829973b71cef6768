#include "control/explain/explanation.h"

#include <algorithm>
#include <filesystem>

#include "config/effective.h"
#include "config/nearest.h"
#include "control/admin/rules.h"
#include "control/explain/policy_words.h"
#include "control/explain/reception.h"
#include "control/explain/route_search.h"
#include "control/pass_clusters.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/http/host.h"

namespace outrigger::control::explain {
namespace {

using config::RouteModel;
using PathKind = policy::RouteMatch::PathKind;

constexpr size_t kMostHosts = 8;

std::string pathText(const policy::RouteMatch& match) {
  switch (match.pathKind) {
    case PathKind::Exact: return "the path " + match.path;
    case PathKind::Prefix: return "paths at and below " + match.path;
    case PathKind::Regex: return "paths like " + match.path;
    case PathKind::Any: break;
  }
  return "any path";
}

template <class List, class Text>
std::string joined(const List& list, Text&& text) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ", ") + text(item);
  return out;
}

std::string hostText(const policy::RouteMatch& match) {
  if (match.host.empty()) return "any host";
  return match.host.starts_with('.') ? "hosts that end in " + match.host : "the host " + match.host;
}

std::string portText(uint16_t port) {
  return port == 0 ? "none" : std::to_string(port);
}

std::string methodText(const std::string& method) {
  return method;
}

// Values of headers are not shown: they may be what tells one customer from another.
std::string headerText(const std::pair<std::string, std::string>& header) {
  return "`" + header.first + "` with the value that the route names";
}

std::string wanted(const policy::RouteMatch& match, Condition condition) {
  switch (condition) {
    case Condition::Host: return hostText(match);
    case Condition::Port: return "the port " + joined(match.ports, portText);
    case Condition::Method: return "the method " + joined(match.methods, methodText);
    case Condition::Path: return pathText(match);
    case Condition::Header: break;
  }
  return "the header " + joined(match.headers, headerText);
}

std::string conditionsText(const policy::RouteMatch& match) {
  std::string text = hostText(match);
  if (!match.ports.empty()) text += "; " + wanted(match, Condition::Port);
  if (!match.methods.empty()) text += "; " + wanted(match, Condition::Method);
  text += "; " + pathText(match);
  if (!match.headers.empty()) text += "; " + wanted(match, Condition::Header);
  return text;
}

Json millis(const std::optional<Duration>& time) {
  if (!time) return nullptr;
  return std::chrono::duration<double, std::milli>(*time).count();
}

Json worstCaseJson(const WorstCase& worst) {
  Json json{{"text", worstCaseText(worst)},        {"tries", worst.tries},
            {"delivered", worst.delivered},        {"hedged", worst.hedged},
            {"per_try_ms", millis(worst.perTry)},  {"cap_ms", millis(worst.cap)},
            {"backoff_ms", millis(worst.backoff)}, {"tried_ms", millis(worst.tried)},
            {"total_ms", millis(worst.total)},     {"load", worst.load}};
  json["load_under_budget"] = worst.loadOverBudget ? Json(*worst.loadOverBudget) : Json(nullptr);
  return json;
}

// One look at the config from one request.
class Explainer {
 public:
  Explainer(const AskedRequest& asked, const config::LoadResult& loaded)
      : asked_(asked), model_(*loaded.model), head_(asked.head()), direction_(asked.direction()) {
    for (const std::string& file : loaded.files) names_.push_back(std::filesystem::path(file).filename().string());
    values_ = config::effectiveValues(loaded.effective, names_);
  }

  Json tell() const {
    const Reception reception = receive(model_, asked_);
    Json json{{"outcome", reception.outcome.value_or("")},
              {"route", nullptr},
              {"passed_over", Json::array()},
              {"on_the_way", reception.notes},
              {"targets", Json::array()}};
    if (reception.outcome) return json;
    RouteSearch search{.found = reception.route, .before = {}};
    if (!search.found) search = searchRoutes(model_.routes, direction_, head_);
    json["outcome"] = search.found ? outcome(model_.routes[*search.found]) : noRoute();
    json["passed_over"] = passedOver(search);
    if (search.found) addRoute(*search.found, json);
    return json;
  }

 private:
  std::string placeText(config::Place place) const { return admin::shortPlace(names_, place); }

  Json routeJson(const RouteModel& route) const {
    return {{"name", route.name},
            {"place", placeText(route.place)},
            {"implicit", route.implicit},
            {"takes", conditionsText(route.match)}};
  }

  std::string noRoute() const {
    if (passesUnknown(model_, direction_)) return "no route: passed on to where it was going, without policies";
    const exchange::ReplyRow& row = exchange::replyRow(Reason::NoRoute);
    return "no route: answered with " + std::to_string(row.status) + ", reason " + std::string(row.word) + hint();
  }

  // A host that was meant, perhaps; else those that there are.
  std::string hint() const {
    std::vector<Bytes> hosts;
    for (const RouteModel& route : model_.routes) {
      const std::string& host = route.match.host;
      const bool leads = route.match.direction == direction_ && !host.empty() && !host.starts_with('.');
      if (leads && std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
    }
    const auto asked = http::parseHost(head_.authority);
    if (const auto near = asked ? config::nearest(asked->host, hosts) : std::nullopt) {
      return "; try the host " + std::string(*near);
    }
    if (hosts.empty()) return "";
    const bool all = hosts.size() <= kMostHosts;
    hosts.resize(std::min(hosts.size(), kMostHosts));
    return "; hosts that lead somewhere: " + joined(hosts, [](Bytes host) { return std::string(host); }) +
           (all ? "" : ", ...");
  }

  std::string outcome(const RouteModel& route) const {
    if (const auto* respond = std::get_if<config::RespondModel>(&route.action)) {
      return "answered by the route with " + std::to_string(respond->status);
    }
    if (const auto* redirect = std::get_if<config::RedirectModel>(&route.action)) {
      return "redirected by the route with " + std::to_string(redirect->status);
    }
    const auto& to = std::get<config::ToModel>(route.action);
    return "sent to " + joined(to.targets, [this](const config::TargetModel& t) { return "`" + nameOf(t) + "`"; });
  }

  Json passedOver(const RouteSearch& search) const {
    Json list = Json::array();
    for (const PassedOver& one : search.before) {
      const RouteModel& route = model_.routes[one.route];
      if (route.implicit) continue;
      list.push_back(
          {{"route", route.name}, {"place", placeText(route.place)}, {"wants", wanted(route.match, one.condition)}});
    }
    return list;
  }

  const std::string& nameOf(const config::TargetModel& target) const {
    static const std::string app = "app";
    return target.upstream ? model_.upstreams[*target.upstream].name : app;
  }

  void addRoute(size_t number, Json& json) const {
    const RouteModel& route = model_.routes[number];
    json["route"] = routeJson(route);
    for (Json& step : onTheWay(route)) json["on_the_way"].push_back(std::move(step));
    const auto* to = std::get_if<config::ToModel>(&route.action);
    if (to == nullptr) return;
    uint32_t weights = 0;
    for (const config::TargetModel& target : to->targets) weights += target.weight;
    for (const config::TargetModel& target : to->targets) {
      if (target.weight > 0) json["targets"].push_back(targetJson(number, target, 100.0 * target.weight / weights));
    }
  }

  Json onTheWay(const RouteModel& route) const {
    Json list = Json::array();
    for (const config::FilterModel& filter : route.filters) {
      list.push_back("the filter " + filter.name + " (" + placeText(filter.place) + ")");
    }
    if (route.rewrite.prefix) {
      list.push_back("the prefix " + route.match.path + " is replaced by " + *route.rewrite.prefix);
    }
    if (route.rewrite.host) list.push_back("the host is replaced by " + *route.rewrite.host);
    const auto* to = std::get_if<config::ToModel>(&route.action);
    if (to != nullptr && to->mirror) {
      list.push_back("a copy of " + percentText(to->mirror->percent) + " of the requests goes to `" +
                     model_.upstreams[to->mirror->upstream].name + "` as well");
    }
    return list;
  }

  Json targetJson(size_t route, const config::TargetModel& target, double share) const {
    const config::UpstreamModel* upstream = target.upstream ? &model_.upstreams[*target.upstream] : nullptr;
    const policy::PolicySettings& settings = upstream != nullptr ? upstream->settings : model_.app->settings;
    const std::string& policy = upstream != nullptr ? upstream->policy : model_.app->policy;
    const size_t endpoints = upstream != nullptr ? upstream->endpoints.size() : 1;
    const Circumstances given{.timeout = target.timeout,
                              .retry = target.retry,
                              .hedge = target.hedge,
                              .mode = settings.mode,
                              .endpoints = endpoints,
                              .sidecar = upstream != nullptr && upstream->sidecar,
                              .timeoutForGrpc = target.ownRequestTimeout};
    const WorstCase worst = worstCase(given, head_);
    Json json{{"upstream", nameOf(target)},
              {"place", placeText(upstream != nullptr ? upstream->place : model_.app->place)},
              {"share_percent", share},
              {"policy", policy},
              {"endpoints", endpointsText(upstream)},
              {"worst_case", worstCaseJson(worst)},
              {"words", Json::array()},
              {"values", Json::array()}};
    for (const auto& words :
         {timeWords(worst, given, head_), replayWords(worst, given, head_), guardWords(settings, endpoints)}) {
      for (const std::string& sentence : words) json["words"].push_back(sentence);
    }
    addValues("policies." + config::keyInPath(policy) + ".", "routes[" + std::to_string(route) + "].override.",
              json["values"]);
    return json;
  }

  std::string endpointsText(const config::UpstreamModel* upstream) const {
    if (upstream == nullptr) return "1 endpoint";
    if (upstream->dns) return "endpoints from the DNS, " + upstream->dns->name;
    if (upstream->kubernetes) return "endpoints of the Kubernetes service " + upstream->kubernetes->service;
    const size_t count = upstream->endpoints.size();
    return std::to_string(count) + (count == 1 ? " endpoint" : " endpoints");
  }

  // The policy's values; what the route overrides is the route's.
  void addValues(const std::string& policy, const std::string& override, Json& list) const {
    for (const config::EffectiveValue& value : values_) {
      if (!value.path.starts_with(policy)) continue;
      const std::string path = value.path.substr(policy.size());
      const auto own = std::ranges::find(values_, override + path, &config::EffectiveValue::path);
      const bool overridden = own != values_.end();
      const config::EffectiveValue& counts = overridden ? *own : value;
      list.push_back({{"path", path}, {"value", counts.value}, {"origin", counts.origin}, {"override", overridden}});
    }
  }

  const AskedRequest& asked_;
  const config::Model& model_;
  const http::RequestHead head_;
  const Direction direction_;
  std::vector<std::string> names_;
  std::vector<config::EffectiveValue> values_;
};

}  // namespace

Json explanation(const AskedRequest& asked, const config::LoadResult& loaded) {
  Json json{{"method", asked.method()},
            {"url", asked.url()},
            {"direction", asked.direction() == Direction::Inbound ? "inbound" : "outbound"}};
  json.update(Explainer(asked, loaded).tell());
  return json;
}

}  // namespace outrigger::control::explain
