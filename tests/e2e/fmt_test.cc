// `outrigger fmt` on real files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::runToEnd;

constexpr const char* kRough = "version:   1\nlog:\n    level: 'warn' # as yet\n\n\nworkers: 2\n";
constexpr const char* kSmooth = "version: 1\nlog:\n  level: warn  # as yet\n\nworkers: 2\n";

class Fmt : public ::testing::Test {
 protected:
  static Outcome fmt(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {OUTRIGGER_BINARY, "fmt"});
    return runToEnd(arguments);
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static mode_t modeOf(const std::string& path) {
    struct stat state {};
    EXPECT_EQ(::stat(path.c_str(), &state), 0);
    return state.st_mode & 07777;
  }
  size_t filesInFolder() const {
    const std::filesystem::directory_iterator all(std::filesystem::path(file_).parent_path());
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  real::TemporaryFolder folder_;
  const std::string file_ = folder_ / "outrigger.yaml";
};

TEST_F(Fmt, PrintsTheCanonicalForm) {
  real::writeFile(file_, kRough);
  const Outcome outcome = fmt({file_});
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_EQ(outcome.out, kSmooth);
  EXPECT_EQ(read(file_), kRough) << "nothing is written unasked";
}

TEST_F(Fmt, CheckShowsADifferenceThatPatchTakes) {
  real::writeFile(file_, kRough);
  const Outcome outcome = fmt({"--check", file_});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_EQ(outcome.out, "--- " + file_ + "\n+++ " + file_ +
                             " (formatted)\n"
                             "@@ -1,6 +1,5 @@\n"
                             "-version:   1\n+version: 1\n log:\n"
                             "-    level: 'warn' # as yet\n+  level: warn  # as yet\n \n-\n workers: 2\n");
  EXPECT_EQ(read(file_), kRough);
  real::writeFile(file_, kSmooth);
  const Outcome good = fmt({"--check", file_});
  EXPECT_EQ(good.exitCode, 0);
  EXPECT_EQ(good.out, "");
}

TEST_F(Fmt, WriteReplacesTheFileAndKeepsItsMode) {
  real::writeFile(file_, kRough);
  ASSERT_EQ(::chmod(file_.c_str(), 0640), 0);
  const Outcome outcome = fmt({"--write", file_});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, file_ + ": formatted\n");
  EXPECT_EQ(read(file_), kSmooth);
  EXPECT_EQ(modeOf(file_), 0640U);
  EXPECT_EQ(filesInFolder(), 1U) << "nothing is left beside it";
  const auto before = std::filesystem::last_write_time(file_);
  EXPECT_EQ(fmt({"--write", file_}).out, "");
  EXPECT_EQ(std::filesystem::last_write_time(file_), before) << "what is canonical is not written again";
}

TEST_F(Fmt, WriteFollowsALink) {
  real::writeFile(folder_ / "real.yaml", kRough);
  std::filesystem::create_symlink("real.yaml", file_);
  EXPECT_EQ(fmt({"--write", file_}).exitCode, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(file_));
  EXPECT_FALSE(std::filesystem::is_symlink(folder_ / "real.yaml"));
  EXPECT_EQ(read(folder_ / "real.yaml"), kSmooth);
}

TEST_F(Fmt, AFileWithSyntaxErrorsIsNotTouched) {
  const std::string broken = "version:   1\nlog: {level: warn\n";
  real::writeFile(file_, broken);
  for (const char* option : {"--write", "--check"}) {
    const Outcome outcome = fmt({option, file_});
    EXPECT_EQ(outcome.exitCode, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(file_ + ":3:1 OR101"), std::string::npos) << outcome.err;
    EXPECT_EQ(read(file_), broken);
  }
}

TEST_F(Fmt, SeveralFilesEachForItself) {
  const std::string broken = folder_ / "broken.yaml";
  real::writeFile(file_, kRough);
  real::writeFile(broken, "a: [\n");
  const Outcome outcome = fmt({"--write", broken, file_});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_EQ(read(file_), kSmooth) << "one that is broken does not keep the others back";
  EXPECT_EQ(fmt({file_, broken}).exitCode, 2) << "they would be printed as one";
}

TEST_F(Fmt, TheStandardInput) {
  real::writeFile(file_, kRough);
  const auto with = [&](const std::string& options) {
    return runToEnd({"/bin/sh", "-c", "exec \"$0\" fmt - " + options + " < \"$1\"", OUTRIGGER_BINARY, file_});
  };
  EXPECT_EQ(with("").out, kSmooth);
  EXPECT_EQ(with("--check").exitCode, 1);
  EXPECT_EQ(with("--write").exitCode, 2);
}

TEST_F(Fmt, AsJson) {
  real::writeFile(file_, kRough);
  const auto one = nlohmann::json::parse(fmt({"--json", file_}).out).at("files").at(0);
  EXPECT_EQ(one.at("changes"), true);
  EXPECT_EQ(one.at("written"), false);
  EXPECT_EQ(one.at("text"), kSmooth);
  const Outcome missing = fmt({"--json", folder_ / "none.yaml"});
  EXPECT_EQ(missing.exitCode, 2);
  EXPECT_TRUE(nlohmann::json::parse(missing.out).at("files").at(0).contains("problem"));
}

}  // namespace
}  // namespace outrigger::e2e
