#include "control/admin/rules.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace outrigger::control::admin {
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

std::string shortPlace(std::span<const std::string> files, config::Place place) {
  if (place.line == 0 || place.file >= files.size()) return "";
  return std::filesystem::path(files[place.file]).filename().string() + ":" + std::to_string(place.line);
}

const config::RouteModel* Rules::route(Bytes name) const {
  const auto found = std::ranges::find_if(
      model_->routes, [name](const config::RouteModel& route) { return route.name == name && !route.implicit; });
  return found == model_->routes.end() ? nullptr : &*found;
}

const config::UpstreamModel* Rules::upstream(Bytes name) const {
  const auto found = std::ranges::find(model_->upstreams, name, &config::UpstreamModel::name);
  return found == model_->upstreams.end() ? nullptr : &*found;
}

std::string Rules::ofRoute(Bytes name) const {
  const config::RouteModel* own = model_ == nullptr ? nullptr : route(name);
  return own == nullptr ? "" : placeText(own->place);
}

std::string Rules::ofUpstream(Bytes name) const {
  if (model_ == nullptr) return "";
  if (name == "app" && model_->app) return placeText(model_->app->place);
  const config::UpstreamModel* own = upstream(name);
  return own == nullptr ? "" : placeText(own->place);
}

Rule Rules::ofRoute(const config::RouteModel& route) const {
  return {placeText(route.place), "routes." + route.name};
}

Rule Rules::ofTop(Bytes key) const {
  const config::Node* node = descend(effective_, key);
  const config::Node* line = node == nullptr ? nullptr : written(*node);
  return {line == nullptr ? "" : placeText(line->place()), std::string(key)};
}

Rule Rules::ofPolicy(const server::Decision& decision, Bytes section) const {
  const bool toApp = decision.upstream == "app" && model_->app.has_value();
  const config::UpstreamModel* upstream = this->upstream(decision.upstream);
  if (!toApp && upstream == nullptr) return {};
  const std::string& policy = toApp ? model_->app->policy : upstream->policy;
  const std::string path = "policies." + policy + "." + std::string(section);
  const config::Node* policies = effective_->find("policies");
  const config::Node* own = policies == nullptr ? nullptr : policies->find(policy);
  const config::Node* node = descend(own, section);
  if (const config::Node* line = node == nullptr ? nullptr : written(*node)) return {placeText(line->place()), path};
  return {placeText(toApp ? model_->app->place : upstream->place), path + ", built-in"};
}

// What the route overrides, where it does.
Rule Rules::ofOverride(Bytes routeName, Bytes section) const {
  const config::RouteModel* own = route(routeName);
  const config::Node* routes = effective_->find("routes");
  if (own == nullptr || routes == nullptr) return {};
  const auto index = static_cast<size_t>(own - model_->routes.data());
  const config::Node* over = index < routes->items().size() ? routes->items()[index].find("override") : nullptr;
  const config::Node* node = descend(over, section);
  const config::Node* line = node == nullptr ? nullptr : written(*node);
  if (line == nullptr) return {};
  return {placeText(line->place()), "routes." + own->name + ".override." + std::string(section)};
}

Rule Rules::of(const server::Decision& decision) const {
  if (model_ == nullptr) return {};
  const Bytes word = decision.reason.empty() ? Bytes(decision.kind) : Bytes(decision.reason);
  if (const Bytes section = sectionOf(kOfPolicy, word); !section.empty()) {
    const Rule over = ofOverride(decision.route, section);
    return over.path.empty() ? ofPolicy(decision, section) : over;
  }
  if (const Bytes section = sectionOf(kOfTop, word); !section.empty()) return ofTop(section);
  if (const config::RouteModel* own = route(decision.route)) return ofRoute(*own);
  const config::UpstreamModel* own = upstream(decision.upstream);
  if (own == nullptr) return {};
  return {placeText(own->place), "upstreams." + own->name};
}

}  // namespace outrigger::control::admin
