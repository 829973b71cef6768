// The command line: which verb, with what options.
#pragma once

#include "control/cli/command_tree.h"

namespace outrigger::control::cli {

/// What it offers, as a tree.
Command everyVerb();

/// Parses the arguments, runs the verb, and returns the exit code.
int main(int argc, const char* const* argv);

}  // namespace outrigger::control::cli
