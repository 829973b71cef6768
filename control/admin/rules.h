// Where in the config the rule stands that a decision rests on: the value that somebody wrote, else the route or the
// upstream that took a built-in one. Of the config in effect, so a decision from before a reload is shown with today's
// line. Pure; the control thread.
#pragma once

#include <span>
#include <string>

#include "config/model.h"
#include "proxy/server/decision.h"

namespace outrigger::control::admin {

struct Rule {
  std::string place;  ///< "outrigger.yaml:31"; empty: no line of a file says it
  std::string path;   ///< "policies.fragile.breaker", "routes.create-payment"; empty: no rule is known
};

/// "outrigger.yaml:31", without the file's folder; empty: it stands in no file. `files`: names by Place::file.
std::string shortPlace(std::span<const std::string> files, config::Place place);

class Rules {
 public:
  /// Of no config: every place is empty.
  Rules() = default;
  /// All outlive the object. `files`: names by Place::file; their folders are not shown.
  Rules(const config::Model& model, const config::Node& effective, std::span<const std::string> files)
      : model_(&model), effective_(&effective), files_(files) {}

  Rule of(const server::Decision& decision) const;
  /// Empty: no such route, or one that no file writes.
  std::string ofRoute(Bytes name) const;
  /// Of an upstream, or of the app. Empty: there is no such upstream.
  std::string ofUpstream(Bytes name) const;
  /// "outrigger.yaml:7"; empty: it stands in no file.
  std::string placeText(config::Place place) const { return shortPlace(files_, place); }

 private:
  const config::RouteModel* route(Bytes name) const;
  const config::UpstreamModel* upstream(Bytes name) const;
  Rule ofPolicy(const server::Decision& decision, Bytes section) const;
  Rule ofOverride(Bytes routeName, Bytes section) const;
  Rule ofTop(Bytes key) const;
  Rule ofRoute(const config::RouteModel& route) const;

  const config::Model* model_ = nullptr;
  const config::Node* effective_ = nullptr;
  std::span<const std::string> files_;
};

}  // namespace outrigger::control::admin
