// The binary as a person or a script calls it.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::runToEnd;
using real::TemporaryFolder;

Outcome outrigger(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), OUTRIGGER_BINARY);
  return runToEnd(arguments);
}

class Check : public ::testing::Test {
 protected:
  Outcome check(const std::string& yaml, const std::vector<std::string>& more = {}) {
    real::writeFile(file_, yaml);
    std::vector<std::string> arguments{"check", file_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return outrigger(arguments);
  }

  TemporaryFolder folder_;
  const std::string file_ = folder_ / "outrigger.yaml";
};

TEST_F(Check, AGoodFileIsFine) {
  const Outcome outcome = check("version: 1\nupstreams: {orders: {endpoints: ['10.0.0.1:80']}}\n");
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_TRUE(outcome.out.starts_with(file_ + ": ok")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Check, ARiskIsAFinding) {
  const Outcome outcome = check(
      "version: 1\n"
      "upstreams: {orders: {endpoints: ['10.0.0.1:80']}}\n"
      "routes:\n"
      "- {match: {prefix: /}, to: orders}\n"
      "- {match: {prefix: /v1}, to: orders}\n");
  EXPECT_EQ(outcome.exitCode, 1) << outcome.out;
  EXPECT_TRUE(outcome.out.starts_with(file_ + ":5:")) << outcome.out;
  EXPECT_NE(outcome.out.find(" OR3"), std::string::npos) << outcome.out;
}

TEST_F(Check, ErrorsComeAllAtOnceWithTheirPlaces) {
  const Outcome outcome = check(
      "version: 1\n"
      "upstreems: {}\n"
      "policies: {default: {timeout: {request: 5}}}\n");
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_TRUE(outcome.out.starts_with(file_ + ":2:1 OR1")) << outcome.out;
  EXPECT_NE(outcome.out.find("\n    upstreems: {}\n    ^\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("try: upstreams"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find(file_ + ":3:41 OR1"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << "no colour where no terminal is";
}

TEST_F(Check, JsonSaysTheSame) {
  const Outcome outcome = check("version: 1\nupstreems: {}\n", {"--json"});
  EXPECT_EQ(outcome.exitCode, 2);
  const auto report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report.at("usable"), false);
  ASSERT_EQ(report.at("diagnostics").size(), 1U);
  EXPECT_EQ(report.at("diagnostics")[0].at("line"), 2);
  EXPECT_EQ(report.at("diagnostics")[0].at("severity"), "error");
}

TEST_F(Check, SarifNamesRulesLevelsAndPlaces) {
  const Outcome outcome = check("version: 1\nlog: {\"\u00e4\": 1, levl: info}\n", {"--format", "sarif"});
  EXPECT_EQ(outcome.exitCode, 2);
  const auto report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report.at("version"), "2.1.0");
  const auto& run = report.at("runs").at(0);
  const auto& results = run.at("results");
  ASSERT_EQ(results.size(), 2U);
  for (const auto& result : results) {
    const auto& rule = run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<size_t>());
    EXPECT_EQ(rule.at("id"), result.at("ruleId"));
    EXPECT_EQ(result.at("level"), "error");
  }
  const auto& place = results[1].at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "file://" + file_);
  EXPECT_EQ(place.at("region").at("startLine"), 2);
  EXPECT_EQ(place.at("region").at("startColumn"), 15) << "columns count characters, not octets";
}

TEST_F(Check, SeveralFilesGiveTheWorstExitCodeAndAListOfReports) {
  const std::string good = folder_ / "good.yaml";
  real::writeFile(good, "version: 1\n");
  const Outcome outcome = check("version: 1\napp: {port: 80, probes: [/]}\n", {good, "--json"});
  EXPECT_EQ(outcome.exitCode, 1) << outcome.out;
  const auto report = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(report.at("files").size(), 2U);
  EXPECT_EQ(report.at("files")[0].at("diagnostics")[0].at("code"), "OR311");
  EXPECT_EQ(report.at("files")[1].at("usable"), true);
}

TEST_F(Check, AMinusReadsTheStandardInput) {
  real::writeFile(file_, "version: 1\nupstreems: {}\n");
  const Outcome outcome =
      runToEnd({"/bin/sh", "-c", std::string("exec \"$0\" check - < \"$1\""), OUTRIGGER_BINARY, file_});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_TRUE(outcome.out.starts_with("stdin:2:1 OR120")) << outcome.out;
}

TEST(Explain, SaysWhatACodeMeansAndWhichOneWasMeant) {
  const Outcome known = outrigger({"explain", "or204"});
  EXPECT_EQ(known.exitCode, 0);
  EXPECT_TRUE(known.out.starts_with("OR204, an error")) << known.out;
  EXPECT_NE(known.out.find("circle"), std::string::npos) << known.out;
  EXPECT_EQ(nlohmann::json::parse(outrigger({"explain", "OR301", "--json"}).out).at("severity"), "warning");
  const Outcome unknown = outrigger({"explain", "OR3011"});
  EXPECT_EQ(unknown.exitCode, 2);
  EXPECT_NE(unknown.err.find("try: OR301"), std::string::npos) << unknown.err;
}

TEST(Schema, IsPrintedAsJson) {
  const Outcome outcome = outrigger({"schema"});
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("$schema"), "http://json-schema.org/draft-07/schema#");
}

TEST_F(Check, AFileThatIsNotThereIsUnusable) {
  const Outcome outcome = outrigger({"check", file_});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find(file_), std::string::npos) << outcome.err;
}

TEST(CommandLine, SaysItsVersion) {
  EXPECT_EQ(outrigger({"version"}).out, std::string("outrigger ") + OUTRIGGER_VERSION + "\n");
  const auto json = nlohmann::json::parse(outrigger({"version", "--json"}).out);
  EXPECT_EQ(json.at("version"), OUTRIGGER_VERSION);
}

TEST(CommandLine, EveryVerbHasHelp) {
  for (const char* verb : {"run", "up", "check", "demo", "version"}) {
    const Outcome outcome = outrigger({verb, "--help"});
    EXPECT_EQ(outcome.exitCode, 0) << verb;
    EXPECT_NE(outcome.out.find("--help"), std::string::npos) << verb;
  }
}

TEST(CommandLine, WrongUsageIsTwo) {
  EXPECT_EQ(outrigger({}).exitCode, 2);
  EXPECT_EQ(outrigger({"rum"}).exitCode, 2);
  EXPECT_EQ(outrigger({"check"}).exitCode, 2);
  EXPECT_EQ(outrigger({"run", "--workers", "0"}).exitCode, 2);
}

TEST(CommandLine, UpPrintsAFileThatIsGood) {
  const TemporaryFolder folder;
  const Outcome printed =
      outrigger({"up", "--app", "8080", "--to", "payments=http://localhost:9000", "--print-config"});
  EXPECT_EQ(printed.exitCode, 0);
  real::writeFile(folder / "outrigger.yaml", printed.out);
  EXPECT_EQ(outrigger({"check", folder / "outrigger.yaml"}).exitCode, 0);
  EXPECT_EQ(outrigger({"up", "--to", "payments"}).exitCode, 2);
  EXPECT_EQ(outrigger({"up"}).exitCode, 2);
}

TEST(CommandLine, TheDemoEndsByItselfWithASummary) {
  const Outcome outcome = outrigger({"demo", "--for", "1s"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("The live page: http://127.0.0.1:"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("1 seconds, as the callers saw them"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << "no colour where no terminal is";
}

TEST(Run, ABadFileAtTheFirstStartIsFatal) {
  const TemporaryFolder folder;
  const std::string file = folder / "outrigger.yaml";
  real::writeFile(file, "version: 1\nupstreems: {}\nlissten: {}\n");
  const Outcome outcome = outrigger({"run", "--config", file});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find(file + ":2:1 OR1"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(file + ":3:1 OR1"), std::string::npos) << outcome.err;
}

TEST(Run, AnAddressThatIsTakenIsFatal) {
  const TemporaryFolder folder;
  const real::Socket taken = real::Socket::listenAnywhere();
  const std::string file = folder / "outrigger.yaml";
  real::writeFile(
      file, "version: 1\nlisten: {outbound: '" + taken.localAddress().text() + "', admin: none, telemetry: none}\n");
  const Outcome outcome = outrigger({"run", "--config", file});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find(taken.localAddress().text()), std::string::npos) << outcome.err;
}

TEST(Run, TheLastGoodConfigIsKeptForABadStart) {
  const TemporaryFolder state;
  const TemporaryFolder folder;
  real::World world;
  world.upstream("orders");
  const real::Sidecar::Options options{.configFile = folder / "outrigger.yaml",
                                       .descriptors = std::nullopt,
                                       .arguments = {"--state", state.path().string()}};
  real::writeFile(folder / "outrigger.yaml", world.complete("upstreams: {orders: {endpoints: ['${orders}']}}\n"));
  auto& first = world.sidecar("", options);
  first.process().signal(SIGTERM);
  EXPECT_EQ(first.process().wait(), 0);
  real::writeFile(folder / "outrigger.yaml", "version: 1\nupstreems: {}\n");
  auto& second = world.sidecar("", options);
  EXPECT_EQ(second.get("orders", "/x").status, 200);
  EXPECT_EQ(second.events("config-rejected").size(), 1U);
}

struct Misuse {
  std::vector<std::string> words;
  const char* told;
};

TEST(CommandLine, WhatIsWrongIsSaidAndWhatWouldBeRight) {
  const Misuse all[] = {
      {{"statsu"}, "outrigger: there is no verb `statsu`; try: status\n"},
      {{"xyz\x1b"}, "outrigger: there is no verb `xyz?`; try: outrigger --help\n"},
      {{"help", "chek"}, "outrigger: there is no verb `chek`; try: check\n"},
      {{"endpoint", "lst"}, "outrigger endpoint: there is no verb `endpoint lst`; try: endpoint list\n"},
      {{"endpoint"}, "outrigger endpoint: a verb is missing, one of: list, eject, restore\n"},
      {{"run", "--wrkers=3"}, "outrigger run: there is no option `--wrkers`; try: --workers\n"},
      {{"run", "-z"}, "outrigger run: there is no option `-z`; try: outrigger run --help\n"},
      {{"run", "--workers", "100"}, "outrigger run: --workers: Value 100 not in range 1 to 64\n"},
      {{"run", "--workers"}, "outrigger run: --workers wants a NUMBER behind it\n"},
      {{"demo", "--for", "3y"}, "outrigger demo: --for needs a time: whole numbers with the units h, m, s, ms\n"},
      {{"check"}, "outrigger check: FILE is missing: outrigger check [OPTIONS] FILE...\n"},
      {{"status", "now"}, "outrigger status: too many arguments: outrigger status [OPTIONS]\n"},
      {{"explain", "a", "b", "c"}, "outrigger explain: too many arguments: outrigger explain [OPTIONS] WHAT...\n"},
  };
  for (const Misuse& one : all) {
    const auto outcome = outrigger(one.words);
    EXPECT_EQ(outcome.exitCode, 2) << one.told;
    EXPECT_EQ(outcome.err, one.told);
    EXPECT_EQ(outcome.out, "");
  }
  const auto json = outrigger({"endpoint", "lst", "--json"});
  EXPECT_EQ(json.out, "{\"error\":\"there is no verb `endpoint lst`; try: endpoint list\"}\n");
}

TEST(CommandLine, HelpIsToldInBothWays) {
  const auto help = outrigger({"help", "endpoint", "eject"});
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_EQ(help.out, outrigger({"endpoint", "eject", "--help"}).out);
  EXPECT_NE(help.out.find("Usage: outrigger endpoint eject [OPTIONS] UPSTREAM ADDRESS\n"), std::string::npos);
  EXPECT_EQ(outrigger({"help"}).out, outrigger({"--help"}).out);
}

Outcome shell(const std::string& line) {
  return real::runToEnd({"/bin/sh", "-c", line});
}

TEST(CommandLine, AClosedStreamIsNobodysFile) {
  for (const std::string closed : {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"}) {
    const auto outcome = shell("'" OUTRIGGER_BINARY "' status --admin 127.0.0.1:9 " + closed);
    EXPECT_EQ(outcome.exitCode, 1) << closed << outcome.err;
  }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* kLittleMemory = "";  // a sanitizer takes terabytes of addresses for itself
#else
constexpr const char* kLittleMemory = "ulimit -v 1000000; ";
#endif

TEST(CommandLine, WhatHasNoEndIsNotReadToIt) {
  for (const std::string line : {"check /dev/zero", "check - < /dev/zero", "fmt - < /dev/zero"}) {
    const auto outcome = shell(kLittleMemory + ("'" OUTRIGGER_BINARY "' " + line));
    EXPECT_EQ(outcome.exitCode, 2) << line;
    EXPECT_NE((outcome.out + outcome.err).find("larger than 10 MiB"), std::string::npos) << line << outcome.err;
  }
}

TEST(CommandLine, CheckTellsOfEveryFileItWasGiven) {
  const real::TemporaryFolder folder;
  const std::string good = folder / "good.yaml";
  const std::string bad = folder / "bad.yaml";
  const std::string none = folder / "none.yaml";
  real::writeFile(good, "version: 1\n");
  real::writeFile(bad, "version: 1\nworkers: two\npolicies: {unused: {}}\n");
  const auto outcome = real::runToEnd({OUTRIGGER_BINARY, "check", "--json", good, none, bad});
  EXPECT_EQ(outcome.exitCode, 2);
  const auto files = nlohmann::json::parse(outcome.out).at("files");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_TRUE(files[0].at("usable"));
  EXPECT_NE(files[1].at("error").get<std::string>().find("No such file"), std::string::npos) << files[1];
  EXPECT_FALSE(files[2].at("usable"));
  const auto alone = real::runToEnd({OUTRIGGER_BINARY, "check", "--json", none});
  EXPECT_TRUE(nlohmann::json::parse(alone.out).contains("error")) << alone.out;
  const auto sarif = real::runToEnd({OUTRIGGER_BINARY, "check", "--format", "sarif", none});
  const auto run = nlohmann::json::parse(sarif.out).at("runs")[0];
  EXPECT_FALSE(run.at("invocations")[0].at("executionSuccessful"));
  const auto text = real::runToEnd({OUTRIGGER_BINARY, "check", bad});
  EXPECT_TRUE(text.out.ends_with("bad.yaml: 1 error, 1 warning\n")) << text.out;
}

TEST(CommandLine, WhatCannotBePrintedIsNotSaidToBeDone) {
  const auto outcome = real::runToEnd({"/bin/sh", "-c", "exec '" OUTRIGGER_BINARY "' schema > /dev/full"});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_NE(outcome.err.find("the output could not be written to its end: No space left"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::e2e
