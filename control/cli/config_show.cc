// `outrigger config show`: the config in effect, value by value with where each comes from; of a running sidecar, or of
// a file.
#include <filesystem>

#include "control/admin/pages_json.h"
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/cli/text_table.h"
#include "control/config_file.h"

namespace outrigger::control::cli {
namespace {

struct ConfigShowOptions : AskOptions {
  bool effective = false;
  ConfigPaths paths;
};

// A value that the file has, or that it inherits from the defaults file: neither built in, nor derived.
bool isWritten(const Json& value) {
  return value.value("origin", "").find(':') != std::string::npos;
}

int show(Json config, const ConfigShowOptions& options) {
  if (!options.effective) {
    Json written = Json::array();
    for (Json& value : config.at("values")) {
      if (isWritten(value)) written.push_back(std::move(value));
    }
    config["values"] = std::move(written);
  }
  if (options.json) {
    print(jsonText(config));
    return kOk;
  }
  TextTable table({{"value"}, {""}, {"origin"}});
  for (const Json& value : config.at("values")) {
    table.add({value.at("path").get<std::string>(), value.at("value").get<std::string>(),
               value.at("origin").get<std::string>()});
  }
  print(harmless(config.value("file", "") + ", hash " + config.value("hash", "").substr(0, 8)) + "\n");
  print(table.text());
  if (!options.effective)
    print("\nwhat the file does not say is left out: --effective shows the built-in values too\n");
  return kOk;
}

int showFile(const ConfigShowOptions& options) {
  const auto file = readConfigFile(options.paths);
  if (!file) return fail("config show", kUnusable, file.error(), options.json);
  const config::LoadResult loaded = loadConfig(*file);
  if (loaded.model == nullptr) {
    return fail("config show", kUnusable, "the file cannot be used:\n" + renderAll(loaded.diagnostics), options.json);
  }
  std::vector<std::string> names;
  for (const std::string& path : loaded.files) names.push_back(std::filesystem::path(path).filename().string());
  Json json;
  json["file"] = file->path;
  json["hash"] = file->hash;
  json["values"] = admin::valuesJson(config::effectiveValues(loaded.effective, names));
  return show(std::move(json), options);
}

}  // namespace

void addConfig(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("config", "Look at the config in effect");
  verb->require_subcommand(1);
  verb->footer("Example: outrigger config show --effective");
  CLI::App* showVerb = verb->add_subcommand("show", "Show its values, and where each comes from");
  auto options = std::make_shared<ConfigShowOptions>();
  addAskOptions(*showVerb, *options);
  showVerb->add_flag("--effective", options->effective, "Also what the file does not say: defaults, what is inherited");
  CLI::Option* file =
      showVerb->add_option("--config", options->paths.file, "Of this file, instead of a sidecar's")->type_name("FILE");
  showVerb->add_option("--defaults", options->paths.defaults, "A file that it is laid over, map by map")
      ->type_name("FILE")
      ->needs(file);
  showVerb->footer(
      "Example: outrigger config show --effective --config outrigger.yaml\n"
      "Secrets are hidden. Exit code: 0 shown, 1 no sidecar answers, 2 the file cannot be used.");
  showVerb->callback([options, file, &action] {
    if (!options->paths.file.empty()) {
      action = [options] { return showFile(*options); };
      return;
    }
    action = [options] {
      return withSidecar("config show", *options, [&](AdminClient& sidecar) -> std::expected<int, std::string> {
        auto config = sidecar.get("/api/config");
        if (!config) return std::unexpected(config.error());
        return show(std::move(*config), *options);
      });
    };
  });
}

}  // namespace outrigger::control::cli
