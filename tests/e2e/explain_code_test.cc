// `outrigger explain OR204`: what it shows is what `check` says.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::runToEnd;

Outcome explain(const std::string& code, bool json) {
  std::vector<std::string> arguments{OUTRIGGER_BINARY, "explain", code};
  if (json) arguments.emplace_back("--json");
  return runToEnd(arguments);
}

TEST(ExplainCode, ShowsAWrongFileAndTheRightOne) {
  const Outcome outcome = explain("OR126", false);
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_NE(outcome.out.find("\nwrong:\n  version: 1\n  workers: two\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\nright:\n  version: 1\n  workers: 2\n"), std::string::npos) << outcome.out;
}

TEST(ExplainCode, WhatItGivesAsJsonIsWhatCheckSaysOfIt) {
  const real::TemporaryFolder folder;
  const std::string file = folder / "outrigger.yaml";
  for (const std::string code : {"OR101", "OR203", "OR307"}) {
    const auto told = nlohmann::json::parse(explain(code, true).out);
    real::writeFile(file, told.at("wrong").get<std::string>());
    const auto wrong = nlohmann::json::parse(runToEnd({OUTRIGGER_BINARY, "check", "--json", file}).out);
    ASSERT_EQ(wrong.at("diagnostics").size(), 1U) << wrong;
    EXPECT_EQ(wrong.at("diagnostics")[0].at("code"), code);
    real::writeFile(file, told.at("right").get<std::string>());
    EXPECT_EQ(runToEnd({OUTRIGGER_BINARY, "check", file}).exitCode, 0) << code;
  }
}

TEST(ExplainCode, SaysWhereAnExampleIsShortened) {
  EXPECT_NE(explain("OR104", false).out.find("stands for more than 1 MiB"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::parse(explain("OR104", true).out).contains("note"));
  EXPECT_FALSE(nlohmann::json::parse(explain("OR109", true).out).contains("note"));
}

TEST(ExplainKey, SaysWhatItMeansAndWhatMayStandThere) {
  const Outcome outcome = explain("retry.limit", false);
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out.rfind("policies.NAME.retry.limit, a key of the config file: ", 0), 0U) << outcome.out;
  EXPECT_NE(outcome.out.find("number, 0 to 10"), std::string::npos) << outcome.out;
  const auto map = nlohmann::json::parse(explain("policies.default.retry", true).out).at("keys").at(0);
  EXPECT_EQ(map.at("path"), "policies.NAME.retry");
  EXPECT_EQ(std::ranges::count(map.at("below"), "limit"), 1) << map;
  EXPECT_NE(explain("retry.limti", false).err.find("try: retry.limit\n"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::e2e
