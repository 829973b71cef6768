// Where in the format a key stands that was written in the wrong place. Pure.
#pragma once

#include <string>

#include "config/schema.h"

namespace outrigger::config {

/// The first path below `root` that ends in the key, as "policies.NAME.timeout"; empty if there is none.
std::string pathOfKey(const Type& root, Bytes key);

}  // namespace outrigger::config
