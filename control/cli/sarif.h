// What `check` found, as SARIF 2.1.0: the form in which code hosts and editors take findings. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "control/cli/checked_file.h"

namespace outrigger::control::cli {

/// One run with every rule and all findings of the files. What could not be read is a notification of the run.
nlohmann::ordered_json sarif(std::span<const CheckedFile> files, std::span<const UnreadFile> unread);

}  // namespace outrigger::control::cli
