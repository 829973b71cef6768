// Where in the config the rule stands that a decision rests on: the value that somebody wrote, else the route or the
// upstream that took a built-in one. Of the config in effect, so a decision from before a reload is shown with today's
// line. Pure; the control thread.
#pragma once

#include <span>
#include <string>

#include "config/model.h"
#include "proxy/server/decision.h"

namespace outrigger::control::live {

struct Rule {
  std::string place;  ///< "outrigger.yaml:31"; empty: no line of a file says it
  std::string path;   ///< "policies.fragile.breaker", "routes.create-payment"; empty: no rule is known
};

class Rules {
 public:
  /// All outlive the object. `files`: names by Place::file; their folders are not shown.
  Rules(const config::Model& model, const config::Node& effective, std::span<const std::string> files)
      : model_(model), effective_(effective), files_(files) {}

  Rule of(const server::Decision& decision) const;
  /// "outrigger.yaml:7"; empty: it stands in no file.
  std::string placeText(config::Place place) const;

 private:
  const config::RouteModel* route(Bytes name) const;
  Rule ofPolicy(const server::Decision& decision, Bytes section) const;
  Rule ofTop(Bytes key) const;
  Rule ofRoute(const config::RouteModel& route) const;

  const config::Model& model_;
  const config::Node& effective_;
  std::span<const std::string> files_;
};

}  // namespace outrigger::control::live
