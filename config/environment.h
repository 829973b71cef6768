// `${NAME}` and `${NAME:-text}` inside values; `$$` is a dollar sign. The text behind `:-` goes to the next `}` and
// counts where the variable is unset or empty, as in a shell. Any other `$` stays as it is. Replacement happens after
// the YAML was read, so that what the environment holds is always part of one value. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/diagnostic.h"
#include "config/node.h"

namespace outrigger::config {

/// The value of a variable; nullopt: unset.
using EnvironmentLookup = std::function<std::optional<std::string>(Bytes name)>;

/// The tree with every value of it replaced. What could not be replaced is reported and becomes Invalid.
Node putInEnvironment(const Node& node, const EnvironmentLookup& lookup, Diagnostics& diagnostics);

}  // namespace outrigger::config
