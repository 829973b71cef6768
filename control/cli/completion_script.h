// Scripts that let a shell complete the command line, and the man page: both made from the tree of commands. Pure.
#pragma once

#include <string>

#include "control/cli/command_tree.h"

namespace outrigger::control::cli {

std::string bashCompletion(const Command& root);
std::string zshCompletion(const Command& root);
std::string fishCompletion(const Command& root);

}  // namespace outrigger::control::cli
