// What `--help` says of a command. Pure.
#pragma once

#include <string>

#include "control/cli/command_tree.h"

namespace outrigger::control::cli {

/// "outrigger endpoint eject [OPTIONS] UPSTREAM ADDRESS".
std::string usageLine(const Command& command);

/// Several lines: what it is for, what stands behind it, examples and exit codes.
std::string helpText(const Command& command);

}  // namespace outrigger::control::cli
