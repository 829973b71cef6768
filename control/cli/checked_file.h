// A config file as the verbs see it: read, from disk or the standard input, loaded and compiled for a trial.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"

namespace outrigger::control::cli {

/// What only compiling finds out: a regular expression that is refused, a certificate that is of no use.
struct CompileError {
  config::Place place;
  std::string file;
  std::string why;
};

struct CheckedFile {
  std::string path;  ///< as it was given; "stdin" for "-"
  config::LoadResult loaded;
  std::optional<CompileError> compileError;

  bool usable() const { return loaded.model != nullptr && !compileError; }
  bool clean() const { return usable() && loaded.diagnostics.empty(); }
  /// All findings as text, one below the other.
  std::string findings() const;
};

/// A file that could not be read, and the sentence that says why.
struct UnreadFile {
  std::string path;
  std::string why;
};

/// `file`: a path, or "-" for the standard input. The error is a sentence: it cannot be read.
std::expected<CheckedFile, std::string> checkConfig(const std::string& file,
                                                    const std::optional<std::string>& defaults = std::nullopt);

/// Of text that is there already.
CheckedFile checkText(std::string name, const std::string& text);

}  // namespace outrigger::control::cli
