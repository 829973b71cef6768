#include "tests/unit/config/examples.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace outrigger::config {

std::map<std::string, std::string> exampleFiles() {
  const std::filesystem::path here = __FILE__;  // tests/unit/config/examples.cc
  const auto folder = here.parent_path().parent_path().parent_path().parent_path() / "config" / "examples";
  std::map<std::string, std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

}  // namespace outrigger::config
