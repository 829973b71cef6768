// The query of a page's URL. Pure.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control {

/// The value of `name` in "a=1&b=2", percent-decoded; of several the first. nullopt: there is none, or it is not well
/// formed.
std::optional<std::string> queryValue(Bytes query, Bytes name);

}  // namespace outrigger::control
