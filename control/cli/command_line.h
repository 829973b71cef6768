// The command line: which verb, with what options.
#pragma once

namespace outrigger::control::cli {

/// Parses the arguments, runs the verb, and returns the exit code.
int main(int argc, const char* const* argv);

}  // namespace outrigger::control::cli
