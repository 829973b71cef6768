// Runs a program of the system to its end: what it says, and how it ended. Blocks; for verbs that do one thing and end.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::control::redirect {

/// Where programs are looked for: the folders of PATH, and those of the system's own programs.
std::vector<std::string> programFolders();

/// The path of a program; nullopt: none of the folders has it.
std::optional<std::string> findProgram(const std::string& name, const std::vector<std::string>& folders);

struct ProgramOutcome {
  int exitCode = 0;  ///< 128 + N if signal N ended it
  std::string out;
  std::string err;
};

/// `command`: the program's path and its arguments. `input` is what it reads. The error is a sentence: it did not even
/// begin.
std::expected<ProgramOutcome, std::string> runProgram(const std::vector<std::string>& command,
                                                      const std::string& input);

}  // namespace outrigger::control::redirect
