// The command line as a plain tree, read from what the verbs declare: what completion, the man page and tests are made
// from. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace outrigger::control::cli {

struct CommandOption {
  std::string name;       ///< "--format"
  std::string shortName;  ///< "-f"; empty: none
  std::string value;      ///< "FILE", "TIME"; empty: it is a flag
  std::vector<std::string> choices;
  std::string doc;
  std::string preset;  ///< what it is where it is not given; empty: nothing, or it is not told
  bool takesPath() const { return value == "FILE" || value == "FOLDER"; }
};

struct CommandArgument {
  std::string name;  ///< "FILE"
  std::string doc;
  bool required = false;
  bool repeats = false;
  std::vector<std::string> choices;
  bool isPath() const { return name == "FILE" || name == "OLD" || name == "NEW"; }
};

struct Command {
  std::string path;  ///< "endpoint eject"; empty: the program itself
  std::string doc;
  std::string footer;  ///< what stands below the help: examples, exit codes
  std::vector<CommandOption> options;
  std::vector<CommandArgument> arguments;
  std::vector<Command> commands;

  const CommandOption* option(const std::string& name) const;
  /// "eject" of "endpoint eject"; empty: the program itself.
  std::string word() const { return path.substr(path.rfind(' ') + 1); }
  /// As it is typed: "outrigger endpoint eject".
  std::string typed() const { return path.empty() ? "outrigger" : "outrigger " + path; }
};

/// Without what is hidden.
Command commandTree(const CLI::App& app);

/// The command and all below it, parents first.
std::vector<const Command*> allCommands(const Command& root);

}  // namespace outrigger::control::cli
