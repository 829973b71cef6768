#include <CLI/CLI.hpp>

#include "control/cli/add_verbs.h"
#include "control/cli/checked_file.h"
#include "control/cli/output.h"
#include "control/cli/sarif.h"
#include "control/cli/spoken.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  std::optional<std::string> defaults;
  std::string format = "text";
};

Json toJson(const config::Diagnostic& d) {
  return {{"code", config::codeText(d.code)},
          {"severity", d.severity() == config::Severity::Error ? "error" : "warning"},
          {"file", d.file},
          {"line", d.place.line},
          {"column", d.place.column},
          {"message", d.message},
          {"try", d.tryText}};
}

Json toJson(const CheckedFile& file) {
  Json report{{"file", file.path}, {"usable", file.usable()}, {"diagnostics", Json::array()}};
  for (const config::Diagnostic& d : file.loaded.diagnostics) report["diagnostics"].push_back(toJson(d));
  if (file.compileError) {
    report["error"] = config::placeText(file.loaded, file.compileError->place) + " " + file.compileError->why + "\n";
  }
  return report;
}

// A file that could not be read.
Json toJson(const UnreadFile& file) {
  return {{"file", file.path}, {"usable", false}, {"diagnostics", Json::array()}, {"error", file.why}};
}

std::string toText(const CheckedFile& file) {
  if (file.clean()) return file.path + ": ok, " + counted(file.loaded.model->upstreams.size(), "upstream") + "\n";
  const auto warnings = static_cast<size_t>(std::ranges::count(
      file.loaded.diagnostics, config::Severity::Warning, [](const config::Diagnostic& d) { return d.severity(); }));
  const size_t errors = file.loaded.diagnostics.size() - warnings + (file.compileError ? 1 : 0);
  std::string sums = errors > 0 ? counted(errors, "error") : "";
  if (warnings > 0) sums += (sums.empty() ? "" : ", ") + counted(warnings, "warning");
  return file.findings() + file.path + ": " + sums + "\n";
}

int check(const CheckOptions& options) {
  if (std::ranges::count(options.files, "-") > 1) {
    return fail("check", kUnusable, "the standard input is one file only; try: outrigger check -",
                options.format == "json");
  }
  std::vector<CheckedFile> files;
  std::vector<UnreadFile> unread;
  Json all = Json::array();
  int code = kOk;
  for (const std::string& path : options.files) {
    auto file = checkConfig(path, options.defaults);
    if (!file) {
      unread.push_back({path, file.error()});
      all.push_back(toJson(unread.back()));
      std::fprintf(stderr, "%s\n", harmless(file.error()).c_str());
      code = kUnusable;
      continue;
    }
    code = std::max(code, !file->usable() ? kUnusable : file->clean() ? kOk : kFinding);
    all.push_back(toJson(*file));
    files.push_back(std::move(*file));
  }
  if (options.format == "sarif") {
    print(jsonText(sarif(files, unread)));
  } else if (options.format == "json") {
    print(jsonText(options.files.size() == 1 ? all.front() : Json{{"files", all}}));
  } else {
    for (const CheckedFile& file : files) print(toText(file));
  }
  return code;
}

}  // namespace

void addCheck(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("check", "Say what is wrong with config files");
  auto options = std::make_shared<CheckOptions>();
  auto json = std::make_shared<bool>(false);
  verb->add_option("FILE", options->files, "The config file, or several; - is the standard input")->required();
  verb->add_option("--defaults", options->defaults,
                   "A file that each is laid over, map by map; one of the two may be missing")
      ->type_name("FILE");
  verb->add_option("--format", options->format, "How it is printed; sarif: for code hosts and editors")
      ->check(CLI::IsMember({"text", "json", "sarif"}))
      ->capture_default_str();
  verb->add_flag("--json", *json, "The same as --format json")->excludes("--format");
  verb->footer(
      "Example: outrigger check --format sarif deploy/*.yaml > outrigger.sarif\n"
      "Exit code: 0 nothing to say, 1 warnings, 2 errors. `outrigger explain OR204` says what a code means.");
  verb->callback([=, &action] {
    if (*json) options->format = "json";
    action = [options] { return check(*options); };
  });
}

}  // namespace outrigger::control::cli
