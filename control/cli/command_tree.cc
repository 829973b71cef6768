#include "control/cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace outrigger::control::cli {
namespace {

// "TEXT:{text,json}" holds the words that may stand there.
std::vector<std::string> choicesOf(const std::string& typeName) {
  const size_t open = typeName.find('{');
  const size_t close = typeName.rfind('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return CLI::detail::split(typeName.substr(open + 1, close - open - 1), ',');
}

std::string valueOf(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  const std::string value = type.substr(0, type.find_first_of(" :["));
  return value == "UINT" || value == "INT" ? "NUMBER" : value;
}

CommandOption optionOf(const CLI::Option& option) {
  CommandOption row;
  if (!option.get_lnames().empty()) row.name = "--" + option.get_lnames().front();
  if (!option.get_snames().empty()) row.shortName = "-" + option.get_snames().front();
  if (row.name.empty()) std::swap(row.name, row.shortName);
  row.value = valueOf(option);
  row.choices = choicesOf(option.get_type_name());
  row.doc = option.get_description();
  row.preset = option.get_default_str();
  return row;
}

CommandArgument argumentOf(const CLI::Option& option) {
  return {.name = option.get_single_name(),
          .doc = option.get_description(),
          .required = option.get_required(),
          .repeats = option.get_items_expected_max() > 1,
          .choices = choicesOf(option.get_type_name())};
}

Command describe(const CLI::App& app, const std::string& path) {
  Command command{.path = path,
                  .doc = app.get_description(),
                  .footer = app.get_footer(),
                  .options = {},
                  .arguments = {},
                  .commands = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    if (option->get_positional()) {
      command.arguments.push_back(argumentOf(*option));
    } else {
      command.options.push_back(optionOf(*option));
    }
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App* v) { return !v->get_group().empty(); })) {
    command.commands.push_back(describe(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name()));
  }
  return command;
}

void gather(const Command& command, std::vector<const Command*>& all) {
  all.push_back(&command);
  for (const Command& below : command.commands) gather(below, all);
}

}  // namespace

const CommandOption* Command::option(const std::string& name) const {
  const auto found = std::ranges::find(options, name, &CommandOption::name);
  return found == options.end() ? nullptr : &*found;
}

Command commandTree(const CLI::App& app) {
  return describe(app, "");
}

std::vector<const Command*> allCommands(const Command& root) {
  std::vector<const Command*> all;
  gather(root, all);
  return all;
}

}  // namespace outrigger::control::cli
