// The configuration that is in effect, value by value with its origin: what the admin page and `config show
// --effective` render. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/load.h"

namespace outrigger::config {

struct EffectiveValue {
  std::string path;    ///< "policies.default.timeout.request", "upstreams.payments.endpoints[0].address"
  std::string value;   ///< as the file could have it; a text that may hold a secret as it is written, or "(hidden)"
  std::string origin;  ///< "outrigger.yaml:12", or "built-in"
};

/// A key as it stands in a path: in quotes where it has a point of its own.
std::string keyInPath(const std::string& key);

/// `files`: names by Place::file. In the order of the format. Below `routes`, what comes from the environment is shown
/// as `${NAME}`, and the values of headers that tend to hold secrets are hidden.
std::vector<EffectiveValue> effectiveValues(const Node& effective, std::span<const std::string> files);

/// The same values at the same places, with nothing hidden and the environment put in: to compare, never to show.
std::vector<EffectiveValue> wholeValues(const Node& effective, std::span<const std::string> files);

/// Of a single file.
std::vector<EffectiveValue> effectiveValues(const Node& effective, const std::string& fileName);

}  // namespace outrigger::config
