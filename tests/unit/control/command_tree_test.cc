// What the command line says of itself: help, completion in the shells themselves, the man page as groff reads it.
#include "control/cli/command_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>

#include "control/cli/command_line.h"
#include "control/cli/completion_script.h"
#include "control/cli/man_page.h"
#include "control/cli/temporary_folder.h"

namespace outrigger::control::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLine : public ::testing::Test {
 protected:
  const Command& at(const std::string& path) const {
    for (const Command* command : allCommands(root_)) {
      if (command->path == path) return *command;
    }
    throw std::runtime_error("there is no verb " + path);
  }
  bool has(const std::string& path) const {
    return std::ranges::any_of(allCommands(root_), [&](const Command* command) { return command->path == path; });
  }

  const Command root_ = everyVerb();
};

TEST_F(CommandLine, TheTreeIsWhatTheVerbsDeclare) {
  const Command& check = at("check");
  ASSERT_NE(check.option("--format"), nullptr);
  EXPECT_THAT(check.option("--format")->choices, ::testing::ElementsAre("text", "json", "sarif"));
  EXPECT_TRUE(check.option("--defaults")->takesPath());
  EXPECT_EQ(check.option("--json")->value, "");
  ASSERT_EQ(check.arguments.size(), 1U);
  EXPECT_TRUE(check.arguments[0].required && check.arguments[0].repeats && check.arguments[0].isPath());
  EXPECT_EQ(at("inject").option("--file")->shortName, "-f");
  EXPECT_EQ(at("endpoint").commands.size(), 3U);
  EXPECT_FALSE(has("reference")) << "it is hidden";
  EXPECT_EQ(at("run").option("--dns-server"), nullptr) << "it is hidden";
}

// Verbs that only say something print it as JSON too. The others run until they are ended, or what they print is a
// file for another program.
TEST_F(CommandLine, EveryVerbHasAnExampleAndItsExitCodesAndJson) {
  const std::vector<std::string> withoutJson{"run", "up", "demo", "injector", "completion", "man"};
  for (const Command* command : allCommands(root_)) {
    EXPECT_THAT(command->footer, StartsWith("Example: ")) << command->path;
    if (!command->commands.empty()) continue;
    EXPECT_THAT(command->footer, HasSubstr("outrigger " + command->path)) << command->path;
    EXPECT_THAT(command->footer, HasSubstr("Exit code: 0")) << command->path;
    EXPECT_THAT(command->doc, Not(IsEmpty())) << command->path;
    EXPECT_FALSE(command->doc.ends_with('.')) << command->path;
    if (std::ranges::find(withoutJson, command->path) == withoutJson.end()) {
      EXPECT_NE(command->option("--json"), nullptr) << command->path;
    }
  }
}

// What a program writes to stdout; its stderr is ours.
std::string outputOf(const std::string& command, int* status = nullptr) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  const int code = pclose(pipe);
  if (status != nullptr) *status = code;
  return out;
}

std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream lines(text);
  for (std::string word; std::getline(lines, word);) words.push_back(word.substr(0, word.find('\t')));
  return words;
}

struct Completed {
  const char* line;  ///< what is typed
  std::vector<std::string> offered;
  const char* notOffered;
};

const Completed kCompleted[] = {
    {"outrigger ", {"run", "check", "explain", "endpoint", "completion"}, "reference"},
    {"outrigger ch", {"check"}, "run"},
    {"outrigger endpoint ", {"list", "eject", "restore"}, "check"},
    {"outrigger check --format ", {"text", "json", "sarif"}, "--json"},
    {"outrigger check --fo", {"--format"}, "--defaults"},
    {"outrigger endpoint eject --f", {"--for"}, "--admin"},
    {"outrigger completion ", {"bash", "zsh", "fish"}, "check"},
};

// `program`: asks the shell itself what it would offer for a line.
void expectCompletions(const std::string& script,
                       const std::function<std::string(const std::string& file, const std::string& line)>& program) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/completion";
  std::ofstream(file) << script;
  for (const Completed& one : kCompleted) {
    const auto offered = wordsOf(outputOf(program(file, one.line)));
    EXPECT_THAT(offered, IsSupersetOf(one.offered)) << one.line;
    EXPECT_THAT(offered, Not(Contains(one.notOffered))) << one.line;
  }
}

TEST_F(CommandLine, BashCompletes) {
  expectCompletions(bashCompletion(root_), [](const std::string& file, const std::string& line) {
    return "bash -c 'set -u; source " + file + "; words=\"" + line +
           "x\"; COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
           "COMP_WORDS[COMP_CWORD]=\"${COMP_WORDS[COMP_CWORD]%x}\"; _outrigger; printf \"%s\\n\" \"${COMPREPLY[@]}\"'";
  });
}

TEST_F(CommandLine, FishCompletes) {
  expectCompletions(fishCompletion(root_), [](const std::string& file, const std::string& line) {
    return "HOME=/nonexistent fish --no-config -c 'source " + file + "; complete -C \"" + line + "\"' 2>/dev/null";
  });
}

// compadd shows nothing outside of a terminal: it is replaced by one that prints.
TEST_F(CommandLine, ZshCompletes) {
  expectCompletions(zshCompletion(root_), [](const std::string& file, const std::string& line) {
    return "zsh -f -c 'compdef() { :; }; _files() { :; }; source " + file +
           "; compadd() { shift; print -l -- ${(M)@:#${words[CURRENT]}*}; }; line=\"" + line +
           "x\"; words=(${=line}); CURRENT=$#words; words[CURRENT]=${words[CURRENT]%x}; _outrigger'";
  });
}

TEST_F(CommandLine, ThePageIsSoundAndTellsOfEveryVerb) {
  const std::string page = manPage(root_, "1.2.3");
  for (const Command* command : allCommands(root_)) {
    if (!command->commands.empty()) continue;
    EXPECT_THAT(page, HasSubstr(".SS outrigger " + std::regex_replace(command->path, std::regex("-"), "\\-") + "\n"))
        << command->path;
  }
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/outrigger.1";
  std::ofstream(file) << page;
  int status = -1;
  const std::string warnings = outputOf("groff -man -Tutf8 -ww -z " + file + " 2>&1", &status);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(warnings, "");
  const std::string text = outputOf("groff -man -Tascii -P-cbou " + file);
  EXPECT_NE(text.find("outrigger endpoint eject"), std::string::npos);
  EXPECT_NE(text.find("--slower-than TIME"), std::string::npos);
  EXPECT_NE(text.find("OUTRIGGER_ADMIN"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::control::cli
