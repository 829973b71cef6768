// Where in the config the rule stands that a decision follows: "outrigger.yaml:31". Of the model in effect; the control
// thread only.
#pragma once

#include <span>
#include <string>

#include "config/model.h"

namespace outrigger::control::admin {

/// "outrigger.yaml:31", without the file's folder; empty: it stands in no file. `files`: names by Place::file.
std::string shortPlace(std::span<const std::string> files, config::Place place);

class RulePlaces {
 public:
  /// Both outlive it; `model` may be nullptr. `files`: names by Place::file; their folders are left out.
  RulePlaces(const config::Model* model, std::span<const std::string> files) : model_(model), files_(files) {}

  /// Empty: no such route, or one that no file writes.
  std::string ofRoute(Bytes name) const;
  /// Of an upstream, or of the app. Empty: there is no such upstream.
  std::string ofUpstream(Bytes name) const;

 private:
  const config::Model* model_;
  std::span<const std::string> files_;
};

}  // namespace outrigger::control::admin
