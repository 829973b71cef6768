// A config file in its canonical form, as `outrigger fmt` writes it. Nothing but spaces, line breaks and quotes differs
// afterwards: before it is returned, the result is read again and held against the original, value by value and comment
// by comment. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.h"

namespace outrigger::config {

struct Formatted {
  std::optional<std::string> text;      ///< nullopt: one of the next two says why
  std::vector<Diagnostic> diagnostics;  ///< the file is not YAML, or of a kind that the loader refuses
  std::string refusal;                  ///< "FILE:LINE: why": it is sound, and this formatter leaves it as it is
};

/// What `fileName` says: whether its keys and values are known does not matter.
Formatted format(Bytes text, const std::string& fileName);

}  // namespace outrigger::config
