// A folder of our own that goes away with the object. The main thread.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace outrigger::control::cli {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "outrigger-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Empty: there is no room for one.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace outrigger::control::cli
