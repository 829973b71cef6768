// The doctor against real files, sockets and a real sidecar.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Outcome;
using real::Socket;

constexpr const char* kQuiet =
    "listen: {inbound: '127.0.0.1:0', outbound: '127.0.0.1:0', admin: none, telemetry: none}\n";

class Doctor : public ::testing::Test {
 protected:
  // Of a sidecar that is not there, unless `admin` says where one is.
  Outcome examine(const std::string& yaml, std::vector<std::string> more = {}, const std::string& admin = "") {
    real::writeFile(file_, "version: 1\n" + yaml);
    return doctor(file_, std::move(more), admin);
  }
  Outcome doctor(const std::string& file, std::vector<std::string> more = {}, const std::string& admin = "") {
    std::vector<std::string> arguments{
        OUTRIGGER_BINARY, "doctor", "--config", file, "--admin", admin.empty() ? nobody_.localAddress().text() : admin};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return real::runToEnd(arguments);
  }
  static json reportOf(const Outcome& outcome) {
    json report = json::parse(outcome.out, nullptr, false);
    EXPECT_TRUE(report.is_array()) << outcome.out << outcome.err;
    return report;
  }
  static std::string resultOf(const json& report, const std::string& name) {
    for (const json& check : report) {
      if (check.at("name") == name) return check.at("result");
    }
    return "missing";
  }
  static std::string foundBy(const json& report, const std::string& name) {
    for (const json& check : report) {
      if (check.at("name") == name) return check.at("found");
    }
    return "missing";
  }

  const Socket nobody_ = Socket::bindAnywhere();
  real::TemporaryFolder folder_;
  const std::string file_ = folder_ / "outrigger.yaml";
};

TEST_F(Doctor, IsContentWithAGoodConfigAndALiveApp) {
  const Socket app = Socket::listenAnywhere();
  const std::string address = app.localAddress().text();
  const Outcome outcome = examine(
      "app: {address: '" + address + "'}\n" + kQuiet + "upstreams: {orders: {endpoints: ['" + address + "']}}\n",
      {"--json"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.out << outcome.err;
  const json report = reportOf(outcome);
  EXPECT_GE(report.size(), 18U);
  for (const char* name : {"config-readable", "config-loads", "config-mount", "listeners-free", "listener-loop",
                           "app-answers", "endpoints-reachable", "clock"}) {
    EXPECT_EQ(resultOf(report, name), "ok") << foundBy(report, name);
  }
  for (const json& check : report) {
    const bool needsRemedy = check.at("result") == "warn" || check.at("result") == "fail";
    EXPECT_EQ(check.at("remedy").is_string(), needsRemedy) << check;
  }
}

TEST_F(Doctor, NamesTheChecksThatFail) {
  const Socket other = Socket::listenAnywhere();
  const Socket deaf = Socket::bindAnywhere();
  const Outcome outcome =
      examine("app: {address: '" + deaf.localAddress().text() + "'}\nlisten: {inbound: '127.0.0.1:0', outbound: '" +
              other.localAddress().text() + "', admin: none, telemetry: none}\n");
  EXPECT_EQ(outcome.exitCode, 1) << outcome.out << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("fail  listeners-free: listener outbound (" + other.localAddress().text() + ")"))
      << outcome.out;
  EXPECT_NE(outcome.out.find("process " + std::to_string(::getpid())), std::string::npos)
      << "who holds it: " << outcome.out;
  EXPECT_NE(outcome.out.find("\nfail  app-answers: the app takes no connection at " + deaf.localAddress().text()),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("\n      try: "), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << "no colour where no terminal is";
}

TEST_F(Doctor, AFileThatIsNotThereOrDoesNotLoadIsAFinding) {
  const Outcome missing = doctor(folder_ / "none.yaml", {"--json"});
  EXPECT_EQ(missing.exitCode, 1) << missing.err;
  EXPECT_EQ(resultOf(reportOf(missing), "config-readable"), "fail");
  EXPECT_EQ(resultOf(reportOf(missing), "listeners-free"), "skipped");
  const Outcome bad = examine("upstreems: {}\n", {"--json"});
  EXPECT_EQ(bad.exitCode, 1) << bad.err;
  EXPECT_NE(foundBy(reportOf(bad), "config-loads").find(file_ + ":2:1 OR120"), std::string::npos) << bad.out;
}

TEST_F(Doctor, KnowsTheSidecarThatRuns) {
  real::World world;
  world.upstream("orders");
  real::Sidecar& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}\n");
  const std::string admin = sidecar.address("admin").text();
  // As the sidecar's own config, but with the ports that it got.
  const json report = reportOf(examine("listen: {outbound: '" + sidecar.address("outbound").text() + "', admin: '" +
                                           admin + "', telemetry: '" + sidecar.address("telemetry").text() + "'}\n",
                                       {"--json"}, admin));
  EXPECT_EQ(resultOf(report, "sidecar-answers"), "ok") << foundBy(report, "sidecar-answers");
  EXPECT_EQ(foundBy(report, "listeners-free"), "the running sidecar holds 3 listeners");

  sidecar.write("upstreams: {orders: {endpoints: ['${orders}'], polcy: x}}\n");
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected"));
  const Outcome rejected = doctor(sidecar.configFile(), {"--json"}, admin);
  EXPECT_EQ(rejected.exitCode, 1);
  EXPECT_NE(foundBy(reportOf(rejected), "sidecar-answers").find("OR120"), std::string::npos) << rejected.out;
}

TEST_F(Doctor, WhatListensThereMayBeNoSidecar) {
  real::World world;
  auto& other = world.upstream("other").replies(200);
  const json report = reportOf(examine(kQuiet, {"--json"}, other.address().text()));
  EXPECT_EQ(resultOf(report, "sidecar-answers"), "fail") << foundBy(report, "sidecar-answers");
  // Somebody who takes the connection and says nothing keeps nobody waiting.
  const Socket silent = Socket::listenAnywhere();
  const json waited = reportOf(examine(kQuiet, {"--json"}, silent.localAddress().text()));
  EXPECT_NE(foundBy(waited, "sidecar-answers").find("no answer within"), std::string::npos)
      << foundBy(waited, "sidecar-answers");
}

// Of two sidecars, the processes do not tell which is meant; the page does.
TEST_F(Doctor, LooksAtTheConfigOfTheSidecarThatItAsks) {
  real::World world;
  world.upstream("orders");
  world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}\n");
  real::Sidecar& asked = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}\n");
  const Outcome outcome =
      real::runToEnd({OUTRIGGER_BINARY, "doctor", "--json", "--admin", asked.address("admin").text()});
  EXPECT_EQ(foundBy(reportOf(outcome), "config-readable"), asked.configFile().string() + " can be read");
}

TEST_F(Doctor, WhatALocalNameResolvesToIsTold) {
  const Outcome outcome = examine(std::string(kQuiet) + "upstreams: {local: {dns: localhost, port: 80}}\n", {"--json"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.out;
  const std::string found = foundBy(reportOf(outcome), "upstream-dns");
  const bool one = found.starts_with("upstream local: localhost gives one address alone, ");
  EXPECT_TRUE(one || found == "1 name resolves to several addresses") << found;
  EXPECT_EQ(resultOf(reportOf(outcome), "upstream-dns"), one ? "warn" : "ok");
}

TEST_F(Doctor, WrongUsageIsTwo) {
  EXPECT_EQ(real::runToEnd({OUTRIGGER_BINARY, "doctor", "--confg", "x"}).exitCode, 2);
  const Outcome outcome = examine(kQuiet, {}, "nowhere");
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find("--admin: 'nowhere' is no address"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace outrigger::e2e
