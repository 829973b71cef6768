#include "control/admin/rule_places.h"

#include <algorithm>
#include <filesystem>

namespace outrigger::control::admin {

std::string RulePlaces::ofRoute(Bytes name) const {
  if (model_ == nullptr) return "";
  const auto route = std::ranges::find(model_->routes, name, &config::RouteModel::name);
  return route == model_->routes.end() ? "" : shortPlace(files_, route->place);
}

std::string RulePlaces::ofUpstream(Bytes name) const {
  if (model_ == nullptr) return "";
  if (name == "app" && model_->app) return shortPlace(files_, model_->app->place);
  const auto upstream = std::ranges::find(model_->upstreams, name, &config::UpstreamModel::name);
  return upstream == model_->upstreams.end() ? "" : shortPlace(files_, upstream->place);
}

std::string shortPlace(std::span<const std::string> files, config::Place place) {
  if (place.line == 0 || place.file >= files.size()) return "";
  return std::filesystem::path(files[place.file]).filename().string() + ":" + std::to_string(place.line);
}

}  // namespace outrigger::control::admin
