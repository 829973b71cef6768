// `outrigger drain`: lets the sidecar of this machine, or of this pod, drain (CONTRACT §9). What a preStop hook calls.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::control::cli {

/// The processes that run a sidecar (`outrigger run`), among those below `procfs`, in ascending order; not `except`.
std::vector<int32_t> sidecarsBelow(const std::string& procfs, int32_t except);

/// The one to signal: `asked`, or the only one there is. The error is a sentence.
std::expected<int32_t, std::string> chooseSidecar(std::optional<int32_t> asked, const std::vector<int32_t>& running);

/// Exit code.
int drainSidecar(std::optional<int32_t> pid, bool json);

}  // namespace outrigger::control::cli
