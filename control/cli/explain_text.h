// The answers of `outrigger explain` as a person reads them, from the JSON that --json prints. Pure.
#pragma once

#include <string>

#include "control/cli/output.h"

namespace outrigger::control::cli {

/// Of explain::explanation().
std::string requestText(const Json& explanation);

/// Of reasonJson() and metricJson().
std::string reasonText(const Json& reason);
std::string metricText(const Json& metric);

}  // namespace outrigger::control::cli
