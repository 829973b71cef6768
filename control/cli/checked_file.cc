#include "control/cli/checked_file.h"

#include "control/config_file.h"
#include "control/snapshot_builder.h"

namespace outrigger::control::cli {
namespace {

std::optional<CompileError> compile(const config::LoadResult& loaded) {
  if (loaded.model == nullptr) return std::nullopt;
  telemetry::SeriesRegistry registry({}, loaded.model->metrics.maxSeries);
  const auto snapshot = SnapshotBuilder(registry, 1).build(*loaded.model);
  if (snapshot) return std::nullopt;
  const auto& [place, why] = snapshot.error();
  return CompileError{place, loaded.files[place.file], why};
}

CheckedFile checked(const std::string& path, const ConfigFile& file) {
  CheckedFile result{path, loadConfig(file), std::nullopt};
  result.compileError = compile(result.loaded);
  return result;
}

}  // namespace

std::string CheckedFile::findings() const {
  std::string text = renderAll(loaded.diagnostics);
  if (compileError) text += config::placeText(loaded, compileError->place) + " " + compileError->why + "\n";
  return text;
}

CheckedFile checkText(std::string name, const std::string& text) {
  ConfigFile file{.path = name, .parts = {{name, text}}, .hash = {}};
  return checked(name, file);
}

std::expected<CheckedFile, std::string> checkConfig(const std::string& file,
                                                    const std::optional<std::string>& defaults) {
  if (file != "-") {
    const auto read = readConfigFile(ConfigPaths{file, defaults});
    if (!read) return std::unexpected(read.error());
    return checked(file, *read);
  }
  ConfigFile all{.path = "stdin", .parts = {}, .hash = {}};
  if (defaults) {
    const auto below = readConfigFile(*defaults);
    if (!below) return std::unexpected(below.error());
    all.parts = below->parts;
  }
  auto text = readStandardInput();
  if (!text) return std::unexpected(text.error());
  all.parts.emplace_back("stdin", std::move(*text));
  return checked("stdin", all);
}

}  // namespace outrigger::control::cli
