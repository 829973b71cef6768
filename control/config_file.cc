#include "control/config_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "config/write_yaml.h"
#include "control/environment.h"
#include "filters/registry.h"
#include "proxy/net/digest.h"

namespace outrigger::control {
namespace {

constexpr size_t kLargestFile = 10 * 1024 * 1024;

// A pipe or a device may have no end: one octet more than a file may have is read, and no more.
std::expected<std::string, std::string> readFrom(std::istream& in, const std::string& name) {
  constexpr size_t kStep = 64 * 1024;
  std::string text;
  while (in && text.size() <= kLargestFile) {
    const size_t had = text.size();
    text.resize(had + kStep);
    in.read(text.data() + had, kStep);
    text.resize(had + static_cast<size_t>(in.gcount()));
  }
  if (in.bad()) return std::unexpected(name + ": cannot be read");
  if (text.size() > kLargestFile) return std::unexpected(name + ": larger than 10 MiB");
  return text;
}

std::expected<std::string, std::string> readText(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::unexpected(path + ": this is a folder");
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(path + ": " + std::strerror(errno));
  return readFrom(in, path);
}

bool isMissing(const std::string& path) {
  std::error_code error;
  return !std::filesystem::exists(path, error) && !error;
}

// Of one text: its own digest, which others can compute as well.
std::string digestOf(const std::vector<std::pair<std::string, std::string>>& parts) {
  if (parts.size() == 1) return net::sha256Hex(parts.front().second);
  std::string digests;
  for (const auto& [path, text] : parts) digests += net::sha256Hex(text);
  return net::sha256Hex(digests);
}

}  // namespace

std::expected<std::string, std::string> readStandardInput() {
  return readFrom(std::cin, "stdin");
}

std::expected<ConfigFile, std::string> readConfigFile(const ConfigPaths& paths) {
  ConfigFile file{.path = paths.file, .parts = {}, .hash = {}};
  const bool noDefaults = !paths.defaults || isMissing(*paths.defaults);
  if (!noDefaults) {
    auto text = readText(*paths.defaults);
    if (!text) return std::unexpected(text.error());
    file.parts.emplace_back(*paths.defaults, std::move(*text));
  }
  if (noDefaults || !isMissing(paths.file)) {
    auto text = readText(paths.file);
    if (!text && paths.defaults && noDefaults) {
      return std::unexpected(text.error() + ", and there are no defaults in " + *paths.defaults);
    }
    if (!text) return std::unexpected(text.error());
    file.parts.emplace_back(paths.file, std::move(*text));
  }
  file.hash = digestOf(file.parts);
  return file;
}

std::vector<config::Layer> ConfigFile::layers() const {
  std::vector<config::Layer> all;
  for (const auto& [name, content] : parts) all.push_back({content, name});
  return all;
}

std::string ConfigFile::text() const {
  if (parts.size() == 1) return parts.front().second;
  const auto merged = config::readLayers(layers());
  return merged ? config::writeYaml(*merged) : std::string();
}

config::LoadResult loadConfig(const ConfigFile& file) {
  return config::load(file.layers(), fromEnvironment, filters::schemas());
}

std::string renderAll(const std::vector<config::Diagnostic>& diagnostics) {
  std::string text;
  for (const config::Diagnostic& diagnostic : diagnostics) text += config::render(diagnostic);
  return text;
}

}  // namespace outrigger::control
