// The process's environment, as config::EnvironmentLookup. Any thread, as long as nobody changes it.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control {

std::optional<std::string> fromEnvironment(Bytes name);

}  // namespace outrigger::control
