#include "control/config_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "filters/registry.h"
#include "proxy/net/digest.h"

namespace outrigger::control {
namespace {

constexpr uintmax_t kLargestFile = 10 * 1024 * 1024;

std::optional<std::string> fromEnvironment(Bytes name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

std::expected<ConfigFile, std::string> readConfigFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::unexpected(path + ": this is a folder");
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > kLargestFile) return std::unexpected(path + ": larger than 10 MiB");
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return std::unexpected(path + ": cannot be read");
  ConfigFile file{.path = path, .text = text.str(), .hash = {}};
  file.hash = net::sha256Hex(file.text);
  return file;
}

config::LoadResult loadConfig(const ConfigFile& file) {
  return config::load(file.text, file.path, fromEnvironment, filters::schemas());
}

std::string renderAll(const std::vector<config::Diagnostic>& diagnostics) {
  std::string text;
  for (const config::Diagnostic& diagnostic : diagnostics) text += config::render(diagnostic);
  return text;
}

}  // namespace outrigger::control
