// The answers of `outrigger explain` as a person reads them, from the JSON that --json prints. Pure.
#pragma once

#include <string>

#include "control/cli/output.h"

namespace outrigger::control::cli {

/// Of explain::explanation().
std::string requestText(const Json& explanation);

/// Of reasonJson(), metricJson() and keysJson().
std::string reasonText(const Json& reason);
std::string metricText(const Json& metric);
std::string keysText(const Json& keys);

}  // namespace outrigger::control::cli
