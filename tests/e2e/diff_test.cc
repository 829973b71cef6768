// `outrigger diff OLD NEW` as a person or a script calls it.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::runToEnd;

class Diff : public ::testing::Test {
 protected:
  Outcome diff(const std::string& before, const std::string& after, const std::vector<std::string>& more = {}) {
    real::writeFile(old_, before);
    real::writeFile(new_, after);
    std::vector<std::string> arguments{OUTRIGGER_BINARY, "diff", old_, new_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runToEnd(arguments);
  }

  real::TemporaryFolder folder_;
  const std::string old_ = folder_ / "old.yaml";
  const std::string new_ = folder_ / "new.yaml";
};

constexpr const char* kBefore = "version: 1\nworkers: 2\nlog: {level: info}\n";
constexpr const char* kAfter = "version: 1\nworkers: 4\nlog: {level: warn}\n";

TEST_F(Diff, TheSameInEffect) {
  const Outcome outcome = diff(kBefore, "version: 1\nworkers: 2   # as before\n");
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_EQ(outcome.out, "the same in effect\n");
}

TEST_F(Diff, TellsOfEachPartAndWhatBecomesOfIt) {
  const Outcome outcome = diff(kBefore, kAfter);
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_EQ(outcome.out, "workers\n  workers: 2 -> 4 (" + new_ +
                             ":2)\n"
                             "  * `workers` needs a restart: a reload leaves it as it was\n"
                             "\n"
                             "log\n  log.level: info -> warn (" +
                             new_ +
                             ":3)\n"
                             "  * it counts from the next record on\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Diff, AsJson) {
  const Outcome outcome = diff(kBefore, kAfter, {"--json"});
  EXPECT_EQ(outcome.exitCode, 1);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("equal"), false);
  ASSERT_EQ(json.at("groups").size(), 2U);
  EXPECT_EQ(json.at("groups")[0].at("needs_restart"), true);
  EXPECT_EQ(json.at("groups")[1].at("changes")[0].at("path"), "log.level");
  EXPECT_EQ(json.at("groups")[1].at("changes")[0].at("before"), "info");
  EXPECT_EQ(json.at("groups")[1].at("changes")[0].at("after"), "warn");
  EXPECT_EQ(nlohmann::json::parse(diff(kBefore, kBefore, {"--json"}).out).at("equal"), true);
}

TEST_F(Diff, ReadsOneOfThemFromTheStandardInput) {
  real::writeFile(old_, kBefore);
  real::writeFile(new_, kAfter);
  const Outcome outcome =
      runToEnd({"/bin/sh", "-c", std::string("exec \"$0\" diff - \"$2\" < \"$1\""), OUTRIGGER_BINARY, old_, new_});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_NE(outcome.out.find("log.level: info -> warn"), std::string::npos) << outcome.out;
  const Outcome both = runToEnd({OUTRIGGER_BINARY, "diff", "-", "-"});
  EXPECT_EQ(both.exitCode, 2);
  EXPECT_NE(both.err.find("only one of the two"), std::string::npos) << both.err;
}

TEST_F(Diff, AFileWithErrorsIsToldOf) {
  const Outcome outcome = diff(kBefore, "version: 1\nworkerz: 2\n");
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find(new_ + ":2:1 OR120"), std::string::npos) << outcome.err;
  EXPECT_EQ(runToEnd({OUTRIGGER_BINARY, "diff", old_, folder_ / "none.yaml"}).exitCode, 2);
}

TEST_F(Diff, WhatASidecarHereWouldRefuseIsSaid) {
  const Outcome outcome =
      diff(kBefore, std::string(kBefore) + "routes:\n  - {match: {regex: \"/(\"}, respond: {status: 204}}\n");
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_NE(outcome.err.find("would refuse the new file"), std::string::npos) << outcome.err;
}

TEST_F(Diff, BothAreLaidOverTheSameDefaults) {
  real::writeFile(folder_ / "defaults.yaml", "version: 1\nlog: {level: warn}\n");
  const Outcome outcome = diff("version: 1\n", kAfter, {"--defaults", folder_ / "defaults.yaml"});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_EQ(outcome.out.find("log.level"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace outrigger::e2e
