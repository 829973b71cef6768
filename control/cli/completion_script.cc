#include "control/cli/completion_script.h"

#include "control/names.h"

namespace outrigger::control::cli {
namespace {

// As one word of a shell, in single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The words that may follow the command: verbs below it, choices of its arguments, options.
std::vector<std::string> wordsAfter(const Command& command) {
  std::vector<std::string> words;
  for (const Command& below : command.commands) words.push_back(below.word());
  for (const CommandArgument& argument : command.arguments) {
    words.insert(words.end(), argument.choices.begin(), argument.choices.end());
  }
  for (const CommandOption& option : command.options) words.push_back(option.name);
  return words;
}

bool takesPaths(const Command& command) {
  for (const CommandArgument& argument : command.arguments) {
    if (argument.isPath()) return true;
  }
  return false;
}

// The paths of all commands, as an alternative of `case`.
std::string knownPaths(const Command& root) {
  std::string out;
  for (const Command* command : allCommands(root)) {
    if (!command->path.empty()) out += (out.empty() ? "" : "|") + quoted(command->path);
  }
  return out;
}

// `case "path option"`: what may stand behind the option. `files`: what the shell does where that is a file.
std::string valueCases(const Command& root, const std::string& files) {
  std::string out;
  for (const Command* command : allCommands(root)) {
    for (const CommandOption& option : command->options) {
      if (option.value.empty()) continue;
      std::string names = quoted(command->path + " " + option.name);
      if (!option.shortName.empty()) names += "|" + quoted(command->path + " " + option.shortName);
      const std::string then = option.takesPath() ? files : "list=" + quoted(joined(option.choices, " "));
      out += "    " + names + ") " + then + "; return_now=1 ;;\n";
    }
  }
  return out;
}

std::string commandCases(const Command& root) {
  std::string out;
  for (const Command* command : allCommands(root)) {
    out += "    " + quoted(command->path) + ") list=" + quoted(joined(wordsAfter(*command), " "));
    out += std::string(takesPaths(*command) ? "; files=1" : "") + " ;;\n";
  }
  return out;
}

// What to a shell a description in one line is.
std::string oneLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string bashCompletion(const Command& root) {
  return "# Completion of outrigger for bash: outrigger completion bash > /etc/bash_completion.d/outrigger\n"
         "_outrigger() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "  local path='' list='' files='' return_now='' i next\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    next=\"${path:+$path }${COMP_WORDS[i]}\"\n"
         "    case \"$next\" in " +
         knownPaths(root) +
         ") path=\"$next\" ;; esac\n"
         "  done\n"
         "  case \"$path $before\" in\n" +
         valueCases(root, "files=1") +
         "  esac\n"
         "  [ -n \"$return_now\" ] || case \"$path\" in\n" +
         commandCases(root) +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$list\" -- \"$current\"))\n"
         "  if [ -n \"$files\" ]; then COMPREPLY+=($(compgen -f -- \"$current\")); fi\n"
         "}\n"
         "complete -o filenames -F _outrigger outrigger\n";
}

std::string zshCompletion(const Command& root) {
  return "#compdef outrigger\n"
         "# Completion of outrigger for zsh: outrigger completion zsh > \"${fpath[1]}/_outrigger\"\n"
         "_outrigger() {\n"
         "  local path_='' list='' files='' return_now='' next before=\"${words[CURRENT-1]}\"\n"
         "  integer i\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    next=\"${path_:+$path_ }${words[i]}\"\n"
         "    case \"$next\" in " +
         knownPaths(root) +
         ") path_=\"$next\" ;; esac\n"
         "  done\n"
         "  case \"$path_ $before\" in\n" +
         valueCases(root, "files=1") +
         "  esac\n"
         "  [[ -n $return_now ]] || case \"$path_\" in\n" +
         commandCases(root) +
         "  esac\n"
         "  compadd -- ${=list}\n"
         "  if [[ -n $files ]]; then _files; fi\n"
         "}\n"
         "if [[ $funcstack[1] == _outrigger ]]; then _outrigger \"$@\"; else compdef _outrigger outrigger; fi\n";
}

std::string fishCompletion(const Command& root) {
  std::string out =
      "# Completion of outrigger for fish: outrigger completion fish > ~/.config/fish/completions/outrigger.fish\n"
      "# True where the words so far are those of the command and, of the words below it, none.\n"
      "function __outrigger_at\n"
      "  set -l path (string split ' ' -- $argv[1])\n"
      "  set -l words (string match --invert --regex '^-' -- (commandline -opc)[2..-1])\n"
      "  set -l last (count $path)\n"
      "  test \"$words[1..$last]\" = \"$path\"; or return 1\n"
      "  set -l next $words[(math $last + 1)]\n"
      "  not contains -- \"$next\" $argv[2..-1]\n"
      "end\n"
      "complete -c outrigger -f\n";
  for (const Command* command : allCommands(root)) {
    std::string at =
        command->path.empty() ? std::string("__fish_use_subcommand") : "__outrigger_at " + quoted(command->path);
    if (!command->path.empty()) {
      for (const Command& below : command->commands) at += " " + below.word();
    }
    const std::string start = "complete -c outrigger -n " + quoted(at);
    for (const Command& below : command->commands) {
      out += start + " -a " + below.word() + " -d " + quoted(oneLine(below.doc)) + "\n";
    }
    if (takesPaths(*command)) out += start + " -F\n";
    for (const CommandArgument& argument : command->arguments) {
      if (!argument.choices.empty()) out += start + " -a " + quoted(joined(argument.choices, " ")) + "\n";
    }
    for (const CommandOption& option : command->options) {
      out += start;
      if (option.name.starts_with("--")) out += " -l " + option.name.substr(2);
      if (!option.shortName.empty()) out += " -s " + option.shortName.substr(1);
      if (!option.value.empty()) out += option.takesPath() ? " -r -F" : " -x";
      if (!option.choices.empty()) out += " -a " + quoted(joined(option.choices, " "));
      out += " -d " + quoted(oneLine(option.doc)) + "\n";
    }
  }
  return out;
}

}  // namespace outrigger::control::cli
