// `outrigger diff OLD NEW`: what differs in effect between two config files, and what a reload makes of it.
#include <CLI/CLI.hpp>

#include "control/cli/add_verbs.h"
#include "control/cli/checked_file.h"
#include "control/cli/config_difference.h"
#include "control/cli/output.h"
#include "control/cli/spoken.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
  std::optional<std::string> defaults;
  bool json = false;
};

Json toJson(const config::Change& change) {
  const auto value = [](const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); };
  return {{"path", change.path},
          {"before", value(change.before)},
          {"after", value(change.after)},
          {"origin", change.origin}};
}

Json toJson(const std::vector<DifferenceGroup>& groups) {
  Json all{{"equal", groups.empty()}, {"groups", Json::array()}};
  for (const DifferenceGroup& group : groups) {
    Json one{{"group", group.name}, {"changes", Json::array()}};
    for (const config::Change& change : group.changes) one["changes"].push_back(toJson(change));
    one["at_reload"] = group.atReload;
    one["needs_restart"] = group.needsRestart;
    all["groups"].push_back(std::move(one));
  }
  return all;
}

std::string toText(const DifferenceGroup& group) {
  const auto value = [](const std::optional<std::string>& text) {
    if (!text) return std::string("(absent)");
    return text->empty() ? "\"\"" : *text;
  };
  std::string out = harmless(group.name) + "\n";
  for (const config::Change& change : group.changes) {
    const std::string where = change.after ? change.origin : "was " + change.origin;
    out += "  " + harmless(change.path + ": " + value(change.before) + " -> " + value(change.after)) + " (" +
           harmless(where) + ")\n";
  }
  for (const std::string& sentence : group.atReload) out += "  * " + harmless(sentence) + "\n";
  return out;
}

std::string toText(const std::vector<DifferenceGroup>& groups) {
  if (groups.empty()) return "the same in effect\n";
  std::string out;
  for (const DifferenceGroup& group : groups) out += (out.empty() ? "" : "\n") + toText(group);
  return out;
}

// The error tells of a bad file as `check` does.
std::expected<CheckedFile, std::string> usable(const std::string& path, const DiffOptions& options) {
  auto file = checkConfig(path, options.defaults);
  if (file && file->loaded.model == nullptr) {
    return std::unexpected("the file cannot be used:\n" + file->findings());
  }
  return file;
}

int diff(const DiffOptions& options) {
  if (options.before == "-" && options.after == "-") {
    return fail("diff", kUnusable, "only one of the two can be the standard input; try: a file for the other",
                options.json);
  }
  const auto before = usable(options.before, options);
  const auto after = usable(options.after, options);
  if (!before || !after) {
    std::string why = before ? "" : before.error();
    if (!after) why += (why.empty() || why.ends_with('\n') ? "" : "\n") + after.error();
    return fail("diff", kUnusable, why, options.json);
  }
  if (after->compileError) {
    fail("diff", kOk,
         "a sidecar on this machine would refuse the new file: " +
             config::placeText(after->loaded, after->compileError->place) + " " + after->compileError->why);
  }
  const auto groups = differenceBetween(before->loaded, after->loaded);
  print(options.json ? jsonText(toJson(groups)) : toText(groups));
  return groups.empty() ? kOk : kFinding;
}

}  // namespace

void addDiff(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("diff", "Say what differs in effect between two config files");
  auto options = std::make_shared<DiffOptions>();
  verb->add_option("OLD", options->before, "The config file as it is; - is the standard input")->required();
  verb->add_option("NEW", options->after, "The one that would replace it; - is the standard input")->required();
  verb->add_option("--defaults", options->defaults,
                   "A file that both are laid over, map by map; one of the two may be missing")
      ->type_name("FILE");
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer(
      "Example: git show HEAD:outrigger.yaml | outrigger diff - outrigger.yaml\n"
      "Each change stands behind the part that it belongs to; a * says what becomes of it at a reload. Secrets are\n"
      "hidden.\n"
      "Exit code: 0 the same in effect, 1 something differs, 2 one of the files cannot be used.");
  verb->callback([options, &action] { action = [options] { return diff(*options); }; });
}

}  // namespace outrigger::control::cli
