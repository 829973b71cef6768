// `outrigger completion` and `outrigger man`: what the command line says of itself.
#include <CLI/CLI.hpp>

#include "control/cli/add_verbs.h"
#include "control/cli/command_line.h"
#include "control/cli/completion_script.h"
#include "control/cli/man_page.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

std::string completionFor(const std::string& shell, const Command& root) {
  if (shell == "bash") return bashCompletion(root);
  return shell == "zsh" ? zshCompletion(root) : fishCompletion(root);
}

}  // namespace

void addCompletion(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("completion", "Print a script that completes this command line in a shell");
  auto shell = std::make_shared<std::string>();
  verb->add_option("SHELL", *shell, "The shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->footer(
      "Example: source <(outrigger completion bash)\n"
      "The first lines of each script say where it stays for good. Exit code: 0.");
  verb->callback([shell, &action] {
    action = [shell] {
      print(completionFor(*shell, everyVerb()));
      return kOk;
    };
  });
}

void addMan(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("man", "Print the man page");
  verb->footer(
      "Example: outrigger man | man -l -\n"
      "         outrigger man > /usr/local/share/man/man1/outrigger.1\n"
      "Exit code: 0.");
  verb->callback([&action] {
    action = [] {
      print(manPage(everyVerb(), OUTRIGGER_VERSION));
      return kOk;
    };
  });
}

}  // namespace outrigger::control::cli
