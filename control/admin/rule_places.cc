#include "control/admin/rule_places.h"

#include <algorithm>
#include <filesystem>

namespace outrigger::control::admin {

std::string RulePlaces::ofRoute(Bytes name) const {
  if (model_ == nullptr) return "";
  const auto route = std::ranges::find(model_->routes, name, &config::RouteModel::name);
  return route == model_->routes.end() ? "" : text(route->place);
}

std::string RulePlaces::ofUpstream(Bytes name) const {
  if (model_ == nullptr) return "";
  if (name == "app" && model_->app) return text(model_->app->place);
  const auto upstream = std::ranges::find(model_->upstreams, name, &config::UpstreamModel::name);
  return upstream == model_->upstreams.end() ? "" : text(upstream->place);
}

std::string RulePlaces::text(config::Place place) const {
  if (place.line == 0 || place.file >= files_.size()) return "";
  return std::filesystem::path(files_[place.file]).filename().string() + ":" + std::to_string(place.line);
}

}  // namespace outrigger::control::admin
