#include "filters/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config/load.h"

namespace outrigger::filters {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path();

std::string folderOf(Bytes filter) {
  std::string folder(filter);
  std::ranges::replace(folder, '-', '_');
  return folder;
}

std::string contentOf(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Names of the filters that files under config/examples use.
std::set<std::string> filtersInExamples() {
  std::set<std::string> used;
  for (const auto& file : fs::directory_iterator(kRoot / "config/examples")) {
    if (file.path().extension() != ".yaml") continue;
    const auto loaded = config::load(
        contentOf(file.path()), file.path().filename(), [](Bytes) { return std::nullopt; }, schemas());
    if (loaded.model == nullptr) continue;
    for (const config::RouteModel& route : loaded.model->routes) {
      for (const config::FilterModel& filter : route.filters) used.insert(filter.name);
    }
  }
  return used;
}

TEST(Registry, NamesAreUniqueAndDocumented) {
  std::set<Bytes> names;
  for (const Registration& filter : all()) {
    EXPECT_TRUE(names.insert(filter.schema.name).second) << filter.schema.name;
    EXPECT_TRUE(filter.schema.doc.ends_with('.')) << filter.schema.name;
  }
  EXPECT_EQ(schemas().size(), all().size());
}

TEST(Registry, KnowsNoOtherFilter) {
  EXPECT_EQ(make("compress", {}), nullptr);
  EXPECT_EQ(make("", {}), nullptr);
}

TEST(Registry, EachFilterCostsTwoFilesATestAndAnExample) {
  const auto inExamples = filtersInExamples();
  for (const Registration& filter : all()) {
    const std::string name(filter.schema.name);
    const std::string folder = folderOf(name);
    EXPECT_TRUE(fs::exists(kRoot / "filters" / folder / (folder + ".h"))) << name;
    EXPECT_TRUE(fs::exists(kRoot / "filters" / folder / (folder + ".cc"))) << name;
    EXPECT_TRUE(fs::exists(kRoot / "tests/unit/filters" / (folder + "_test.cc"))) << name;
    EXPECT_TRUE(inExamples.contains(name)) << name << " is in no file under config/examples";
  }
}

TEST(Registry, EachFolderIsInTheList) {
  for (const auto& entry : fs::directory_iterator(kRoot / "filters")) {
    if (!entry.is_directory()) continue;
    const std::string folder = entry.path().filename();
    EXPECT_TRUE(std::ranges::any_of(all(), [&](const Registration& filter) {
      return folderOf(filter.schema.name) == folder;
    })) << folder;
  }
}

}  // namespace
}  // namespace outrigger::filters
