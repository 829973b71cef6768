// A config on disk, one file or one laid over another: read, digested, loaded with the process's environment and the
// filters that the program has.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"

namespace outrigger::control {

/// Where a config stands.
struct ConfigPaths {
  std::string file;
  std::optional<std::string> defaults;  ///< the file lies over this one; one of the two may be missing
};

struct ConfigFile {
  std::string path;                                        ///< of the file itself, even if it is missing
  std::vector<std::pair<std::string, std::string>> parts;  ///< path and text, the lowest first; at least one
  std::string hash;                                        ///< SHA-256 of the text, or of all texts, in hex

  std::vector<config::Layer> layers() const;
  /// One file that says the same.
  std::string text() const;
};

/// The error is a sentence that begins with the path.
std::expected<ConfigFile, std::string> readConfigFile(const ConfigPaths& paths);
inline std::expected<ConfigFile, std::string> readConfigFile(const std::string& path) {
  return readConfigFile(ConfigPaths{path, std::nullopt});
}

/// What stands on the standard input, as large as a config file may be; it is called "stdin".
std::expected<std::string, std::string> readStandardInput();

config::LoadResult loadConfig(const ConfigFile& file);

/// All diagnostics as text, one below the other.
std::string renderAll(const std::vector<config::Diagnostic>& diagnostics);

}  // namespace outrigger::control
