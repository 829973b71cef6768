// What goes into a bundle for a bug report, and how it is packed. What cannot be had is a problem, which is told in the
// bundle itself, and stops nothing else. One thread.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "proxy/base/time.h"

namespace outrigger::control::bundle {

struct File {
  std::string name;
  std::string about;  ///< for the manifest: a few words
  std::string contents;
};

struct Problem {
  std::string file;
  std::string why;  ///< a sentence without a full stop
};

struct Bundle {
  std::vector<File> files;
  std::vector<Problem> problems;
};

/// A page of the sidecar's admin listener; the error is a sentence.
using GetPage = std::function<std::expected<std::string, std::string>(const std::string& path)>;

/// Adds the pages of a running sidecar, without secrets (redaction.h), and what the kernel tells of its process where
/// `local` says that it runs here. After two pages in a row that nobody gave, the others are not asked for.
void addSidecar(Bundle& bundle, const GetPage& getPage, bool local);

/// Adds the effective config of a file, or what is wrong with it; `defaults` may be empty.
void addConfigFile(Bundle& bundle, const std::string& file, const std::string& defaults);

/// Adds this program's version and the machine.
void addHere(Bundle& bundle);

/// "outrigger-bundle-20260131-120000", of UTC.
std::string nameAt(WallTime when);

/// Adds MANIFEST.md before all others, and problems.txt.
void addManifest(Bundle& bundle, WallTime when);

/// As .tar.gz, in a folder of nameAt(). Empty: it could not be made.
std::string packed(const Bundle& bundle, WallTime when);

}  // namespace outrigger::control::bundle
