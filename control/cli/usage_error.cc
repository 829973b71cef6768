#include "control/cli/usage_error.h"

#include <algorithm>

#include "config/diagnostic.h"
#include "config/nearest.h"
#include "control/cli/help_text.h"
#include "control/names.h"

namespace outrigger::control::cli {
namespace {

using Words = std::vector<std::string>;

bool isOption(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

const Command* below(const Command& command, const std::string& word) {
  const auto found = std::ranges::find(command.commands, word, &Command::word);
  return found == command.commands.end() ? nullptr : &*found;
}

struct Meant {
  const Command* command;
  size_t words;  ///< how many of them name it
};

Meant meantBy(const Command& root, const Words& words) {
  Meant meant{&root, 0};
  for (; meant.words < words.size(); ++meant.words) {
    const Command* next = below(*meant.command, words[meant.words]);
    if (next == nullptr) break;
    meant.command = next;
  }
  return meant;
}

const CommandOption* optionOf(const Command& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const auto it = std::ranges::find_if(
      command.options, [&](const CommandOption& each) { return name == each.name || name == each.shortName; });
  return it == command.options.end() ? nullptr : &*it;
}

std::string noSuchOption(const Command& command, const std::string& word) {
  std::vector<Bytes> names;
  for (const CommandOption& option : command.options) names.push_back(option.name);
  const std::string name = word.substr(0, word.find('='));
  const auto near = config::nearest(name, names);
  return "there is no option " + config::inQuotes(name) +
         "; try: " + (near ? std::string(*near) : command.typed() + " --help");
}

std::string verbIsMissing(const Command& command) {
  return "a verb is missing, one of: " + joined(command.commands, ", ", &Command::word);
}

// "--for: --for is 1ms to 24h" says its name twice where a check names the option itself.
std::string withoutRepetition(const std::string& why) {
  const size_t colon = why.find(": ");
  if (colon == std::string::npos) return why;
  return why.compare(colon + 2, colon, why, 0, colon) == 0 ? why.substr(colon + 2) : why;
}

}  // namespace

const Command& commandOf(const Command& root, const Words& words) {
  return *meantBy(root, words).command;
}

std::string noSuchVerb(const Command& root, const Words& words) {
  const Meant meant = meantBy(root, words);
  if (meant.command->commands.empty() || meant.words == words.size() || isOption(words[meant.words])) return "";
  std::vector<Bytes> verbs;
  for (const Command& each : meant.command->commands) verbs.push_back(each.path);
  const std::string prefix = meant.command->path.empty() ? "" : meant.command->path + " ";
  const std::string word = prefix + words[meant.words];
  const auto near = config::nearest(word, verbs);
  return "there is no verb " + config::inQuotes(word) +
         "; try: " + (near ? std::string(*near) : meant.command->typed() + " --help");
}

std::string usageError(const Command& root, const Words& words, const std::string& why) {
  const auto [command, named] = meantBy(root, words);
  if (!command->commands.empty()) return verbIsMissing(*command);
  for (size_t i = named; i < words.size() && words[i] != "--"; ++i) {
    const CommandOption* option = optionOf(*command, words[i]);
    if (isOption(words[i]) && option == nullptr) return noSuchOption(*command, words[i]);
  }
  const CommandOption* last = words.size() > named ? optionOf(*command, words.back()) : nullptr;
  if (last != nullptr && !last->value.empty() && words.back().find('=') == std::string::npos) {
    return last->name + " wants a " + last->value + " behind it";
  }
  constexpr Bytes kRequired = " is required";
  if (why.ends_with(kRequired)) {
    return why.substr(0, why.size() - kRequired.size()) + " is missing: " + usageLine(*command);
  }
  const bool tooMany = why.find("not expected") != std::string::npos || why.find("At Most") != std::string::npos;
  return tooMany ? "too many arguments: " + usageLine(*command) : withoutRepetition(why);
}

}  // namespace outrigger::control::cli
