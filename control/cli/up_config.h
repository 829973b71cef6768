// The config that `outrigger up` runs: made from what its command line says. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"

namespace outrigger::control::cli {

struct UpOptions {
  std::string app{};            ///< a port, or an address; empty: there is none beside us
  std::vector<std::string> to;  ///< NAME=URL
  bool actions = false;         ///< the admin listener may change things
};

/// Text of a config file. `trust`: the authorities that https endpoints are verified against; empty: there are none.
/// The error is a sentence that says which option is wrong and what would be right.
std::expected<std::string, std::string> upConfig(const UpOptions& options, const std::string& trust);

}  // namespace outrigger::control::cli
