// Node to YAML text, in blocks, as people write it. Reading it gives the same tree, in either dialect: a scalar that
// was quoted stays a string, one that was not is written as it stands where that is possible. Pure.
#pragma once

#include <string>

#include "config/node.h"

namespace outrigger::config {

/// Ends with a newline. Scalars as the file has them, before the environment was put in.
std::string writeYaml(const Node& root);

}  // namespace outrigger::config
