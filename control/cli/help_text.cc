#include "control/cli/help_text.h"

#include "control/names.h"

namespace outrigger::control::cli {
namespace {

constexpr size_t kColumn = 28;  // where the second one begins

std::string row(std::string name, const std::string& doc) {
  name.insert(0, "  ");
  return name +
         (name.size() + 1 < kColumn ? std::string(kColumn - name.size(), ' ') : "\n" + std::string(kColumn, ' ')) +
         doc + "\n";
}

std::string argumentName(const CommandArgument& argument) {
  const std::string name = argument.name + (argument.repeats ? "..." : "");
  return argument.required ? name : "[" + name + "]";
}

std::string argumentRow(const CommandArgument& argument) {
  return row(argument.name, argument.doc + (argument.choices.empty() ? "" : ": " + joined(argument.choices, ", ")));
}

std::string optionRow(const CommandOption& option) {
  std::string name = (option.shortName.empty() ? "" : option.shortName + ", ") + option.name;
  if (!option.value.empty()) name += " " + (option.choices.empty() ? option.value : joined(option.choices, "|"));
  return row(name, option.doc + (option.preset.empty() ? "" : " [" + option.preset + "]"));
}

template <class All, class Row>
std::string section(const char* title, const All& all, Row row) {
  std::string text;
  for (const auto& each : all) text += row(each);
  return text.empty() ? "" : "\n" + std::string(title) + ":\n" + text;
}

}  // namespace

std::string usageLine(const Command& command) {
  std::string line = command.typed();
  if (!command.commands.empty()) return line + " VERB";
  line += " [OPTIONS]";
  for (const CommandArgument& argument : command.arguments) line += " " + argumentName(argument);
  return line;
}

std::string helpText(const Command& command) {
  std::string text = command.doc + "\nUsage: " + usageLine(command) + "\n";
  text += section("Arguments", command.arguments, argumentRow);
  text += section("Options", command.options, optionRow);
  text += section("Verbs", command.commands, [](const Command& below) { return row(below.word(), below.doc); });
  return command.footer.empty() ? text : text + "\n" + command.footer + "\n";
}

}  // namespace outrigger::control::cli
