// `outrigger bundle` of a real sidecar: the archive as tar reads it, and that no secret is in any of its files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "tests/support/real/terminal.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Outcome;
using real::TemporaryFolder;

constexpr const char* kCanary = "c4n4ry";

class BundleVerb : public ::testing::Test {
 protected:
  static Outcome outrigger(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {OUTRIGGER_BINARY, "bundle"});
    return real::runToEnd(arguments);
  }
  Outcome shell(const std::string& line) const {
    return real::runToEnd({"sh", "-c", "cd '" + folder_.path().string() + "' && " + line});
  }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  /// The files of an archive, by their names without its folder.
  std::map<std::string, std::string> unpacked(const std::string& archive) const {
    const std::filesystem::path into = folder_ / (archive + ".d");
    std::filesystem::create_directory(into);
    const Outcome outcome = real::runToEnd({"tar", "xzf", file(archive), "-C", into.string()});
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(into)) {
      if (entry.is_regular_file()) files[entry.path().filename().string()] = real::readFile(entry.path());
    }
    return files;
  }

  real::World world_;
  TemporaryFolder folder_;
};

std::string admin(const real::Sidecar& sidecar) {
  return sidecar.address("admin").text();
}

std::string deserted() {
  return real::Socket::listenAnywhere().localAddress().text();
}

TEST_F(BundleVerb, HoldsAllThatThePagesTell) {
  world_.upstream("orders");
  auto& sidecar = world_.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}\n");
  sidecar.get("orders", "/x");
  const Outcome outcome = outrigger(
      {"--admin", admin(sidecar), "-o", file("b.tar.gz"), "--config", sidecar.configFile().string(), "--json"});
  ASSERT_EQ(outcome.exitCode, 0) << outcome.err;
  const json told = json::parse(outcome.out, nullptr, false);
  EXPECT_EQ(told.at("file"), file("b.tar.gz"));
  EXPECT_EQ(told.at("bytes"), std::filesystem::file_size(file("b.tar.gz")));
  EXPECT_TRUE(told.at("problems").empty()) << told;
  struct stat made {};
  ASSERT_EQ(::stat(file("b.tar.gz").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0600U);

  auto files = unpacked("b.tar.gz");
  EXPECT_EQ(files.size(), told.at("files").size());
  for (const char* name : {"MANIFEST.md", "version.json", "status.json", "upstreams.json", "live.json",
                           "decisions.json", "config_effective.json", "config_history.json", "metrics.txt",
                           "process.txt", "machine.txt", "config_file.json", "problems.txt"}) {
    ASSERT_TRUE(files.contains(name)) << name;
    EXPECT_FALSE(files[name].empty()) << name;
    EXPECT_TRUE(!std::string_view(name).ends_with(".json") || json::accept(files[name])) << name;
  }
  EXPECT_EQ(json::parse(files["status.json"]).at("pid"), sidecar.process().pid());
  EXPECT_NE(files["process.txt"].find("process " + std::to_string(sidecar.process().pid())), std::string::npos);
  EXPECT_NE(files["metrics.txt"].find("outrigger_build_info"), std::string::npos);
  EXPECT_EQ(json::parse(files["config_file.json"]).at("values"),
            json::parse(files["config_effective.json"]).at("values"));
  const Outcome listed = real::runToEnd({"tar", "tzf", file("b.tar.gz")});
  EXPECT_EQ(std::ranges::count(listed.out, '\n'), static_cast<ptrdiff_t>(files.size())) << listed.out;
}

// Secrets in the config, in each place where one may stand.
std::string configWithSecrets(const std::string& secret) {
  return "upstreams: {orders: {endpoints: ['${orders}']}}\n"
         "policies: {default: {retry: {limit: 0}, breaker: {consecutive: 3}}}\n"
         "routes:\n"
         "- name: secret-lane\n"
         "  match: {host: orders, prefix: /v1, headers: {x-never: " +
         secret +
         "-match}}\n"
         "  to: orders\n"
         "- name: lane\n"
         "  match: {host: orders}\n"
         "  to: orders\n"
         "  filters:\n"
         "  - headers:\n"
         "      request:\n"
         "        set: {authorization: Bearer " +
         secret + "-auth, x-partner: " + secret +
         "-set, x-env: '${BUNDLE_SECRET}'}\n"
         "        add: {x-more: '${NOT_SET_ANYWHERE:-" +
         secret +
         "-fallback}', x-mixed: 'a ${BUNDLE_SECRET} b'}\n"
         "- {name: own, match: {host: own}, respond: {status: 200, body: " +
         secret + "-body, headers: {x-own: " + secret + "-own}}}\n";
}

TEST_F(BundleVerb, NoSecretOfConfigOrRequestIsInAnyFile) {
  const std::string canary = kCanary;
  ::setenv("BUNDLE_SECRET", (canary + "-environment").c_str(), 1);
  auto& orders = world_.upstream("orders").replies(503, canary + "-answer", {{"x-answer", canary + "-answer-field"}});
  auto& sidecar = world_.sidecar(configWithSecrets(canary));
  for (int i = 0; i < 5; ++i) {
    const auto answer = sidecar.post(
        "orders", "/" + canary + "-path?q=" + canary + "-query", canary + "-request-body",
        {{"x-token", canary + "-field"}, {"cookie", "a=" + canary + "-cookie"}, {"x-request-id", canary + "-id"}});
    EXPECT_EQ(answer.status, 503);
  }
  EXPECT_GE(orders.hits(), 3U) << "what is searched for was really sent";

  // One reload that changes a secret, and one that is rejected at the line of another.
  sidecar.write(configWithSecrets(canary + "-changed"));
  ASSERT_TRUE(sidecar.waitForEvents("config-applied", 1));
  sidecar.write(configWithSecrets(canary) + "- {name: bad, match: {host: x}, " + canary + "-key: " + canary +
                "-rejected, respond: {status: 200, headers: {x-y: {z: " + canary + "-nested}}}}\n");
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected"));
  const Outcome outcome =
      outrigger({"--admin", admin(sidecar), "-o", file("b.tar.gz"), "--config", sidecar.configFile().string()});
  ASSERT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");

  auto files = unpacked("b.tar.gz");
  for (const auto& [name, text] : files) EXPECT_EQ(text.find(kCanary), std::string::npos) << name << "\n" << text;
  // All of it is told, only not in those words.
  EXPECT_NE(files["decisions.json"].find("breaker-open"), std::string::npos) << files["decisions.json"];
  EXPECT_NE(files["decisions.json"].find("503"), std::string::npos) << files["decisions.json"];
  EXPECT_NE(files["config_effective.json"].find("\"${BUNDLE_SECRET}\""), std::string::npos);
  EXPECT_NE(files["config_effective.json"].find("(hidden)"), std::string::npos);
  EXPECT_NE(files["config_history.json"].find("\"rejected\""), std::string::npos);
  EXPECT_NE(files["status.json"].find("has no key"), std::string::npos) << files["status.json"];
  EXPECT_NE(files["doctor.json"].find("has no key"), std::string::npos) << files["doctor.json"];
  EXPECT_NE(files["config_file.json"].find("has no key"), std::string::npos) << files["config_file.json"];
}

TEST_F(BundleVerb, WithoutASidecarItHoldsTheRest) {
  const Outcome outcome = outrigger({"--admin", deserted(), "-o", file("b.tar.gz"), "--json"});
  ASSERT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("without status.json: no sidecar answers"), std::string::npos) << outcome.err;
  EXPECT_FALSE(json::parse(outcome.out).at("problems").empty());
  const auto files = unpacked("b.tar.gz");
  EXPECT_EQ(files.size(), 6U);
  EXPECT_NE(files.at("problems.txt").find("no sidecar answers"), std::string::npos);
  EXPECT_TRUE(files.contains("machine.txt"));
}

TEST_F(BundleVerb, AFileThatIsThereStaysAsItIs) {
  real::writeFile(folder_ / "b.tar.gz", "mine");
  const Outcome outcome = outrigger({"--admin", deserted(), "-o", file("b.tar.gz")});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find("is there already"), std::string::npos) << outcome.err;
  EXPECT_EQ(real::readFile(folder_ / "b.tar.gz"), "mine");
  EXPECT_EQ(outrigger({"--admin", deserted(), "-o", file("no/such/folder.tar.gz")}).exitCode, 1);
}

TEST_F(BundleVerb, HasANameOfItsOwnInThisFolder) {
  const Outcome outcome =
      shell("'" OUTRIGGER_BINARY "' bundle --admin " + deserted() + " && tar tzf outrigger-bundle-*.tar.gz");
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("outrigger-bundle-20")) << outcome.out;
  EXPECT_NE(outcome.out.find("/MANIFEST.md\n"), std::string::npos) << outcome.out;
}

TEST_F(BundleVerb, GoesIntoAPipeButToNoTerminal) {
  const std::string at = deserted();
  const Outcome piped = shell("'" OUTRIGGER_BINARY "' bundle -o - --admin " + at + " | tar tzf -");
  EXPECT_EQ(piped.exitCode, 0) << piped.err;
  EXPECT_NE(piped.out.find("/problems.txt\n"), std::string::npos) << piped.out;
  real::Terminal terminal({OUTRIGGER_BINARY, "bundle", "-o", "-", "--admin", at}, {});
  EXPECT_EQ(terminal.wait(), 2);
  EXPECT_NE(terminal.shown().find("a terminal shows no archive"), std::string::npos) << terminal.shown();
  EXPECT_EQ(outrigger({"-o", "-", "--json", "--admin", at}).exitCode, 2);
}

}  // namespace
}  // namespace outrigger::e2e
