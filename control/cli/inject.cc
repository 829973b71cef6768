#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "control/cli/output.h"
#include "control/cli/verbs.h"
#include "control/config_file.h"
#include "control/inject/manifests.h"
#include "control/inject/settings_file.h"

namespace outrigger::control::cli {
namespace {

std::expected<std::string, std::string> readAll(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  const auto file = readConfigFile(path);
  if (!file) return std::unexpected(file.error() + "\n");
  return file->parts.front().second;
}

std::expected<inject::Settings, std::string> readSettings(const std::optional<std::string>& path) {
  if (!path) return inject::Settings();
  const auto text = readAll(*path);
  if (!text) return std::unexpected(text.error());
  const inject::InjectorLoad load = inject::loadInjectorFile(*text, *path);
  if (load.file == nullptr) return std::unexpected(renderAll(load.diagnostics));
  return load.file->settings;
}

int unusable(const std::string& why, const InjectOptions& options) {
  return fail("inject", kUnusable, why, options.json);
}

std::string line(const inject::Report& report) {
  const std::string text = report.object + ": " + report.text;
  return text.ends_with('\n') ? text : text + "\n";
}

}  // namespace

int injectFile(const InjectOptions& options) {
  const auto settings = readSettings(options.configFile);
  if (!settings) return unusable(settings.error(), options);
  const auto text = readAll(options.file);
  if (!text) return unusable(text.error(), options);
  const std::string name = options.file == "-" ? "standard input" : options.file;
  const auto format = options.json ? inject::Format::Json : inject::Format::Yaml;
  const auto injected = inject::injectManifests(*text, name, *settings, format);
  if (!injected) return unusable(injected.error(), options);
  std::fwrite(injected->text.data(), 1, injected->text.size(), stdout);
  bool finding = false;
  for (const inject::Report& report : injected->reports) {
    std::fputs(line(report).c_str(), stderr);
    finding = finding || report.asked;
  }
  return finding ? kFinding : kOk;
}

}  // namespace outrigger::control::cli
