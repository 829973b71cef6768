// Which process `outrigger drain` tells.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "control/cli/drain.h"

namespace outrigger::control::cli {
namespace {

namespace fs = std::filesystem;

class DrainVerb : public ::testing::Test {
 protected:
  DrainVerb() { fs::create_directories(folder_); }
  ~DrainVerb() override { fs::remove_all(folder_); }
  void process(const std::string& pid, const std::vector<std::string>& arguments) {
    fs::create_directories(folder_ / pid);
    std::ofstream out(folder_ / pid / "cmdline", std::ios::binary);
    for (const std::string& argument : arguments) out << argument << '\0';
  }
  std::vector<int32_t> found() { return sidecarsBelow(folder_, 7); }

 private:
  fs::path folder_ = fs::temp_directory_path() / ("outrigger-proc-" + std::to_string(::getpid()));
};

TEST_F(DrainVerb, FindsTheProcessThatRunsASidecar) {
  process("1", {"/bin/sh", "-c", "outrigger run"});
  process("7", {"outrigger", "run"});  // excepted
  process("12", {"/usr/bin/outrigger", "run", "--config", "x.yaml"});
  process("13", {"outrigger", "drain"});
  process("14", {"outrigger"});
  process("15", {});
  process("self", {"outrigger", "run"});
  EXPECT_EQ(found(), std::vector<int32_t>{12});
}

TEST_F(DrainVerb, ChoosesTheOnlyOneOrTheOneThatIsNamed) {
  EXPECT_EQ(chooseSidecar(std::nullopt, {12}).value(), 12);
  EXPECT_EQ(chooseSidecar(13, {12, 13}).value(), 13);
}

TEST_F(DrainVerb, SaysWhyNot) {
  EXPECT_EQ(chooseSidecar(std::nullopt, {}).error(), "no `outrigger run` is to be found here");
  EXPECT_EQ(chooseSidecar(14, {12}).error(), "process 14 runs no sidecar here");
  EXPECT_EQ(chooseSidecar(std::nullopt, {12, 13}).error(),
            "several sidecars run here (12, 13): say which one with --pid");
}

}  // namespace
}  // namespace outrigger::control::cli
