#include <cstdio>
#include <nlohmann/json.hpp>

#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

using Json = nlohmann::ordered_json;

Json toJson(const config::Diagnostic& d) {
  return {{"code", config::codeText(d.code)},
          {"severity", d.severity() == config::Severity::Error ? "error" : "warning"},
          {"file", d.file},
          {"line", d.place.line},
          {"column", d.place.column},
          {"message", d.message},
          {"try", d.tryText}};
}

// What only compiling finds out, as text; empty if it compiles.
std::string compileError(const config::LoadResult& loaded) {
  if (loaded.model == nullptr) return "";
  const config::Model& model = *loaded.model;
  telemetry::SeriesRegistry registry({}, model.metrics.maxSeries);
  const auto snapshot = SnapshotBuilder(registry, 1).build(model);
  if (snapshot) return "";
  const auto& [place, why] = snapshot.error();
  return config::placeText(loaded, place) + " " + why + "\n";
}

std::string counted(size_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

int checkFile(const ConfigPaths& paths, bool json) {
  const std::string& path = paths.file;
  const auto file = readConfigFile(paths);
  if (!file) {
    std::fprintf(stderr, "%s\n", file.error().c_str());
    return kUnusable;
  }
  const config::LoadResult loaded = loadConfig(*file);
  const std::string compile = compileError(loaded);
  const bool usable = loaded.model != nullptr && compile.empty();
  if (json) {
    Json report{{"file", path}, {"usable", usable}, {"diagnostics", Json::array()}};
    for (const config::Diagnostic& d : loaded.diagnostics) report["diagnostics"].push_back(toJson(d));
    if (!compile.empty()) report["error"] = compile;
    print(report.dump(2) + "\n");
  } else {
    print(renderAll(loaded.diagnostics) + compile);
    if (usable && loaded.diagnostics.empty()) {
      print(path + ": ok, " + counted(loaded.model->upstreams.size(), "upstream") + "\n");
    }
  }
  if (!usable) return kUnusable;
  return loaded.diagnostics.empty() ? kOk : kFinding;
}

}  // namespace outrigger::control::cli
