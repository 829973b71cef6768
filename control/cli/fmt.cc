// `outrigger fmt FILE...`: config files in their canonical form.
#include <CLI/CLI.hpp>

#include "config/format.h"
#include "control/cli/add_verbs.h"
#include "control/cli/line_difference.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"
#include "control/config_file.h"
#include "control/replace_file.h"

namespace outrigger::control::cli {
namespace {

struct FmtOptions {
  std::vector<std::string> files;
  bool write = false;
  bool check = false;
  bool json = false;
};

std::expected<std::string, std::string> readText(const std::string& path) {
  if (path == "-") return readStandardInput();
  auto file = readConfigFile(path);
  if (!file) return std::unexpected(file.error());
  return std::move(file->parts.front().second);
}

// What became of one file.
struct Outcome {
  std::string name;
  std::string before;
  std::string after;
  std::string problem;  ///< why it was left as it is; empty: it was not
  bool written = false;

  bool changes() const { return problem.empty() && before != after; }
};

Outcome formatFile(const std::string& path, bool write) {
  Outcome outcome{.name = path == "-" ? "stdin" : path, .before = {}, .after = {}, .problem = {}};
  auto text = readText(path);
  if (!text) {
    outcome.problem = text.error() + "\n";
    return outcome;
  }
  outcome.before = std::move(*text);
  config::Formatted formatted = config::format(outcome.before, outcome.name);
  if (!formatted.text) {
    outcome.problem = formatted.diagnostics.empty() ? formatted.refusal + "\n" : renderAll(formatted.diagnostics);
    return outcome;
  }
  outcome.after = std::move(*formatted.text);
  if (!write || !outcome.changes()) return outcome;
  const auto failed = replaceFile(path, outcome.after);
  if (failed) outcome.problem = *failed + "\n";
  outcome.written = !failed;
  return outcome;
}

Json toJson(const Outcome& outcome, const FmtOptions& options) {
  Json json{{"file", outcome.name}, {"changes", outcome.changes()}, {"written", outcome.written}};
  if (!outcome.problem.empty()) json["problem"] = outcome.problem;
  if (outcome.problem.empty() && !options.write && !options.check) json["text"] = outcome.after;
  return json;
}

std::string toText(const Outcome& outcome, const FmtOptions& options) {
  if (!outcome.problem.empty()) return "";
  if (options.check) return lineDifference(outcome.name, outcome.before, outcome.after);
  if (options.write) return outcome.written ? outcome.name + ": formatted\n" : "";
  return outcome.after;
}

int fmt(const FmtOptions& options) {
  const bool standardInput = std::ranges::find(options.files, "-") != options.files.end();
  if (options.write && standardInput) {
    return fail("fmt", kUnusable, "the standard input cannot be written to; try: outrigger fmt - > FILE", options.json);
  }
  if (options.files.size() > 1 && !options.write && !options.check && !options.json) {
    return fail("fmt", kUnusable, "several files would be printed as one; try: --write, or --check");
  }
  int code = kOk;
  Json all = Json::array();
  for (const std::string& path : options.files) {
    const Outcome outcome = formatFile(path, options.write);
    if (!outcome.problem.empty()) {
      fail("fmt", kUnusable, "this file is left as it is:\n" + outcome.problem);
      code = kUnusable;
    } else if (options.check && outcome.changes()) {
      code = std::max(code, kFinding);
    }
    if (options.json) {
      all.push_back(toJson(outcome, options));
    } else {
      print(toText(outcome, options));
    }
  }
  if (options.json) print(jsonText({{"files", all}}));
  return code;
}

}  // namespace

void addFmt(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("fmt", "Put config files into their canonical form");
  auto options = std::make_shared<FmtOptions>();
  verb->add_option("FILE", options->files, "The config file, or several; - is the standard input")->required();
  CLI::Option* write = verb->add_flag("--write", options->write, "Replace the files, each at once, if they differ");
  verb->add_flag("--check", options->check, "Show what would change, and write nothing")->excludes(write);
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer(
      "Example: outrigger fmt --check deploy/*.yaml\n"
      "Without an option, the result is printed. Keys stay in their order, values and comments as they are; what\n"
      "differs afterwards is spaces, blank lines and quotes, which is made sure of before anything is written.\n"
      "Exit code: 0 done, 1 with --check: something would change, 2 a file is no YAML or cannot be written.");
  verb->callback([options, &action] { action = [options] { return fmt(*options); }; });
}

}  // namespace outrigger::control::cli
