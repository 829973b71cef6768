// `outrigger drain`: lets the sidecar of this machine, or of this pod, drain (CONTRACT §9). What a preStop hook calls.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "control/doctor/processes.h"

namespace outrigger::control::cli {

/// The processes among these that drain when they are told to, in their order.
std::vector<int32_t> drainable(const std::vector<doctor::Process>& processes);

/// The one to signal: `asked`, or the only one there is. The error is a sentence.
std::expected<int32_t, std::string> chooseSidecar(std::optional<int32_t> asked, const std::vector<int32_t>& running);

}  // namespace outrigger::control::cli
