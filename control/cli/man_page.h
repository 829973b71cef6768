// The man page, made from the tree of commands (roff with the macros of man(7)). Pure.
#pragma once

#include <string>

#include "control/cli/command_tree.h"

namespace outrigger::control::cli {

std::string manPage(const Command& root, const std::string& version);

}  // namespace outrigger::control::cli
