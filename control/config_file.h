// A config file on disk: read, digested, loaded with the process's environment and the filters that the program has.
#pragma once

#include <expected>
#include <string>

#include "config/load.h"

namespace outrigger::control {

struct ConfigFile {
  std::string path;
  std::string text;
  std::string hash;  ///< SHA-256, in hex
};

/// The error is a sentence that begins with the path.
std::expected<ConfigFile, std::string> readConfigFile(const std::string& path);

config::LoadResult loadConfig(const ConfigFile& file);

/// All diagnostics as text, one below the other.
std::string renderAll(const std::vector<config::Diagnostic>& diagnostics);

}  // namespace outrigger::control
