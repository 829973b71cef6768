// What one config says otherwise than another, value by value: what `outrigger diff` and the history of reloads show.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/effective.h"

namespace outrigger::config {

struct Change {
  std::string path;                   ///< as EffectiveValue has it
  std::optional<std::string> before;  ///< nullopt: it was not there; an empty text is one
  std::optional<std::string> after;   ///< nullopt: it is there no longer
  std::string origin;                 ///< of the later value; of the earlier one where that is gone
  bool operator==(const Change&) const = default;
};

/// In the order of `after`, then what is gone in the order of `before`. What moved to another line is no change.
std::vector<Change> changesBetween(std::span<const EffectiveValue> before, std::span<const EffectiveValue> after);

}  // namespace outrigger::config
