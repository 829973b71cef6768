#include "control/live/rules.h"

#include <algorithm>
#include <array>
#include <optional>

#include "control/admin/rule_places.h"

namespace outrigger::control::live {
namespace {

struct Row {
  Bytes word;  ///< a decision's kind, or a request's reason
  Bytes section;
};

// Of the upstream's policy.
constexpr std::array<Row, 20> kOfPolicy{{
    {"breaker", "breaker"},
    {"ejection", "eject"},
    {"suspect", "eject"},
    {"return", "eject"},
    {"panic", "eject"},
    {"breaker-open", "breaker"},
    {"limit-connections", "limits.connections"},
    {"limit-requests", "limits.requests"},
    {"limit-pending", "limits.pending"},
    {"pending-timeout", "limits.pendingTimeout"},
    {"attempt-timeout", "timeout.attempt"},
    {"request-timeout", "timeout.request"},
    {"idle-timeout", "timeout.idle"},
    {"body-timeout", "timeout.body"},
    {"connect-timeout", "timeout.connect"},
    {"connect-failed", "retry"},
    {"upstream-reset", "retry"},
    {"upstream-malformed", "retry"},
    {"tls-failed", "retry"},
    {"deadline-exceeded", "timeout"},
}};

// Of the file as a whole.
constexpr std::array<Row, 8> kOfTop{{
    {"access", "access"},
    {"denied", "access"},
    {"unauthenticated", "access"},
    {"no-route", "routes"},
    {"header-timeout", "http.headTimeout"},
    {"headers-too-large", "http.headBytes"},
    {"uri-too-long", "http.targetBytes"},
    {"draining", "shutdown"},
}};

template <size_t N>
Bytes sectionOf(const std::array<Row, N>& rows, Bytes word) {
  const auto row = std::ranges::find(rows, word, &Row::word);
  return row == rows.end() ? Bytes() : row->section;
}

const config::Node* descend(const config::Node* node, Bytes path) {
  while (node != nullptr && !path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    node = node->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return node;
}

// The first value in there that a file says.
const config::Node* written(const config::Node& node) {
  if (!node.isMap()) return node.source() == config::Source::File ? &node : nullptr;
  for (const config::Node::Entry& entry : node.entries()) {
    if (const config::Node* found = written(entry.value)) return found;
  }
  return nullptr;
}

}  // namespace

std::string Rules::placeText(config::Place place) const {
  return admin::shortPlace(files_, place);
}

const config::RouteModel* Rules::route(Bytes name) const {
  const auto found = std::ranges::find_if(
      model_.routes, [name](const config::RouteModel& route) { return route.name == name && !route.implicit; });
  return found == model_.routes.end() ? nullptr : &*found;
}

Rule Rules::ofRoute(const config::RouteModel& route) const {
  return {placeText(route.place), "routes." + route.name};
}

Rule Rules::ofTop(Bytes key) const {
  const config::Node* node = descend(&effective_, key);
  const config::Node* line = node == nullptr ? nullptr : written(*node);
  return {line == nullptr ? "" : placeText(line->place()), std::string(key)};
}

Rule Rules::ofPolicy(const server::Decision& decision, Bytes section) const {
  const bool toApp = decision.upstream == "app" && model_.app.has_value();
  const auto upstream = std::ranges::find(model_.upstreams, decision.upstream, &config::UpstreamModel::name);
  if (!toApp && upstream == model_.upstreams.end()) return {};
  const std::string& policy = toApp ? model_.app->policy : upstream->policy;
  const std::string path = "policies." + policy + "." + std::string(section);
  const config::Node* policies = effective_.find("policies");
  const config::Node* own = policies == nullptr ? nullptr : policies->find(policy);
  const config::Node* node = descend(own, section);
  if (const config::Node* line = node == nullptr ? nullptr : written(*node)) return {placeText(line->place()), path};
  return {placeText(toApp ? model_.app->place : upstream->place), path + ", built-in"};
}

Rule Rules::of(const server::Decision& decision) const {
  const Bytes word = decision.reason.empty() ? Bytes(decision.kind) : Bytes(decision.reason);
  if (const Bytes section = sectionOf(kOfPolicy, word); !section.empty()) {
    const config::RouteModel* own = route(decision.route);
    const config::Node* routes = effective_.find("routes");
    if (own != nullptr && routes != nullptr) {
      const auto index = static_cast<size_t>(own - model_.routes.data());
      const config::Node* over = index < routes->items().size() ? routes->items()[index].find("override") : nullptr;
      const config::Node* node = descend(over, section);
      if (const config::Node* line = node == nullptr ? nullptr : written(*node)) {
        return {placeText(line->place()), "routes." + own->name + ".override." + std::string(section)};
      }
    }
    return ofPolicy(decision, section);
  }
  if (const Bytes section = sectionOf(kOfTop, word); !section.empty()) return ofTop(section);
  if (const config::RouteModel* own = route(decision.route)) return ofRoute(*own);
  const auto upstream = std::ranges::find(model_.upstreams, decision.upstream, &config::UpstreamModel::name);
  if (upstream == model_.upstreams.end()) return {};
  return {placeText(upstream->place), "upstreams." + upstream->name};
}

}  // namespace outrigger::control::live
