// `--defaults`: one config file laid over another, both followed.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::Sidecar;

class Defaults : public ::testing::Test {
 protected:
  Defaults() { world_.upstream("orders"); }

  Sidecar& start(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--defaults", defaults_});
    return world_.sidecar("", {.configFile = file_, .descriptors = std::nullopt, .arguments = more});
  }
  void writeDefaults(const std::string& respond) {
    real::writeFile(defaults_, world_.complete("upstreams: {orders: {endpoints: ['${orders}']}}\n"
                                               "routes: [{match: {host: a}, respond: {status: 200, body: " +
                                               respond + "}}]\n"));
  }
  void writeFile(const std::string& respond) {
    real::writeFile(file_, "routes: [{match: {host: a}, respond: {status: 200, body: " + respond + "}}]\n");
  }

  real::World world_;
  real::TemporaryFolder folder_;
  real::TemporaryFolder defaultsFolder_;
  const std::string file_ = folder_ / "outrigger.yaml";
  const std::string defaults_ = defaultsFolder_ / "defaults.yaml";
};

TEST_F(Defaults, BothAreFollowedAndEitherMayBeMissing) {
  writeDefaults("d1");
  auto& sidecar = start();
  EXPECT_EQ(sidecar.get("a", "/").body, "d1") << "without the file";
  writeFile("f1");
  ASSERT_TRUE(sidecar.waitForEvents("config-applied", 1));
  EXPECT_EQ(sidecar.get("a", "/").body, "f1");
  EXPECT_EQ(sidecar.get("orders", "/x").status, 200) << "what the file does not say stays";
  std::filesystem::remove(file_);
  ASSERT_TRUE(sidecar.waitForEvents("config-applied", 2));
  writeDefaults("d2");
  ASSERT_TRUE(sidecar.waitForEvents("config-applied", 3));
  EXPECT_EQ(sidecar.get("a", "/").body, "d2");
  std::filesystem::remove(defaults_);
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected", 1));
  EXPECT_EQ(sidecar.get("a", "/").body, "d2");
}

TEST_F(Defaults, TheLastGoodOneIsKeptWhole) {
  const real::TemporaryFolder state;
  writeDefaults("d1");
  writeFile("f1");
  auto& first = start({"--state", state.path().string()});
  first.process().signal(SIGTERM);
  EXPECT_EQ(first.process().wait(), 0);
  real::writeFile(file_, "routs: []\n");
  std::filesystem::remove(defaults_);
  auto& second = start({"--state", state.path().string()});
  EXPECT_EQ(second.get("a", "/").body, "f1");
  EXPECT_EQ(second.get("orders", "/x").status, 200);
}

TEST_F(Defaults, AFindingNamesItsFile) {
  real::writeFile(defaults_, "version: 1\nworkrs: 2\n");
  real::writeFile(file_, "version: 1\n\nlogg: {}\n");
  const Outcome outcome = real::runToEnd({OUTRIGGER_BINARY, "check", file_, "--defaults", defaults_});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.out.find(defaults_ + ":2:1 OR120"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find(file_ + ":3:1 OR120"), std::string::npos) << outcome.out;
}

TEST_F(Defaults, NeitherIsNoConfig) {
  const Outcome outcome = real::runToEnd({OUTRIGGER_BINARY, "run", "--config", file_, "--defaults", defaults_});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find(file_), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(defaults_), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace outrigger::e2e
