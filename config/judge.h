// One text against one type. Pure.
#pragma once

#include <optional>
#include <string>

#include "config/diagnostic.h"
#include "config/schema.h"

namespace outrigger::config {

/// What a message speaks of: a key, an item of the list behind it, or (without a name) the file.
struct Subject {
  Bytes name;
  bool item = false;

  std::string text() const { return name.empty() ? "the file" : (item ? "an item of " : "") + inQuotes(name); }
  /// The proposal as it could stand in the file.
  std::string line(Bytes proposal) const {
    return item || name.empty() ? std::string(proposal) : std::string(name) + ": " + std::string(proposal);
  }
};

/// Why the text is none of `type`, a scalar type; nullopt: it is one.
std::optional<Slip> judge(Bytes text, const Type& type);

/// Words with which people switch something off, other than `none`; and on.
bool meansOff(Bytes text);
bool meansOn(Bytes text);

}  // namespace outrigger::config
