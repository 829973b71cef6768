// Every verb that has --json prints JSON with it, whole and alone on stdout, also where its answer is no.
#include <gtest/gtest.h>

#include <iterator>
#include <sstream>

#include "control/cli/command_line.h"
#include "control/cli/command_tree.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using control::cli::Command;
using real::runToEnd;
using real::World;

constexpr const char* kConfig =
    "admin: {actions: true}\n"
    "upstreams: {orders: {endpoints: ['${orders}', '${more}']}}\n";

constexpr const char* kDeployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n"
    "spec: {selector: {matchLabels: {app: shop}}, template: {metadata: {labels: {app: shop}}, "
    "spec: {containers: [{name: shop, image: shop:1, ports: [{containerPort: 8080}]}]}}}\n";

std::vector<std::string> wordsOf(const std::string& path) {
  std::istringstream in(path);
  return {std::istream_iterator<std::string>(in), {}};
}

class EveryJson : public ::testing::Test {
 protected:
  EveryJson() {
    world_.upstream("orders");
    world_.upstream("more");
    sidecar_ = &world_.sidecar(kConfig);
    real::writeFile(file_, "version: 1\nupstreams: {orders: {endpoints: ['10.0.0.7:80']}}\n");
    real::writeFile(deployment_, kDeployment);
  }

  // What stands behind the verb, by its name. Those that ask a sidecar are given its address besides.
  std::map<std::string, std::vector<std::string>> arguments() {
    const std::string orders = world_.upstream("orders").address().text();
    return {{"check", {file_}},
            {"explain", {"GET", "http://orders/x", "--config", file_}},
            {"diff", {file_, file_}},
            {"doctor", {"--config", file_}},
            {"bundle", {"-o", folder_ / "bundle.tar.gz"}},
            {"fmt", {file_}},
            {"schema", {}},
            {"status", {}},
            {"top", {"--once"}},
            {"why", {"nothing-of-that-name"}},
            {"endpoint list", {}},
            {"endpoint eject", {"orders", orders}},
            {"endpoint restore", {"orders", orders}},
            {"config show", {}},
            {"reload", {}},
            {"log-level", {"warn"}},
            {"drain", {}},
            {"redirect apply", {"--dry-run"}},
            {"redirect remove", {"--dry-run"}},
            {"redirect show", {}},
            {"inject", {"-f", deployment_}},
            {"version", {}}};
  }

  World world_;
  real::Sidecar* sidecar_ = nullptr;
  const real::TemporaryFolder folder_;
  const std::string file_ = folder_ / "outrigger.yaml";
  const std::string deployment_ = folder_ / "deployment.yaml";
};

// What a verb refuses to do is told as JSON too.
TEST_F(EveryJson, HasItsErrors) {
  const std::string missing = folder_ / "missing.yaml";
  const std::vector<std::vector<std::string>> refused{
      {"check", "-", "-"},
      {"explain", "no-such-word"},
      {"explain", "GET", "http://orders/x", "--config", missing},
      {"explain", "GET", "no url"},
      {"diff", missing, file_},
      {"diff", "-", "-"},
      {"doctor", "--admin", "nowhere"},
      {"fmt", "--write", "-"},
      {"inject", "-f", missing},
      {"drain", "--pid", "1"},
      {"redirect", "apply", "--inbound-port", "none", "--outbound-port", "none"},
      {"status", "--no-such-option"},
      {"endpoint", "lst"},
  };
  for (std::vector<std::string> line : refused) {
    const std::string verb = line[0] + " " + line[1];
    line.insert(line.begin(), OUTRIGGER_BINARY);
    line.emplace_back("--json");
    const auto outcome = runToEnd(line);
    EXPECT_NE(outcome.exitCode, 0) << verb;
    const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(json.is_object() && json.contains("error")) << verb << ": " << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find("outrigger "), std::string::npos) << verb;
  }
}

TEST_F(EveryJson, Parses) {
  const Command root = control::cli::everyVerb();
  auto arguments = this->arguments();
  for (const Command* command : control::cli::allCommands(root)) {
    if (command->option("--json") == nullptr || command->path == "tap")
      continue;  // tap: a line for each request, see tap_test
    ASSERT_TRUE(arguments.contains(command->path)) << command->path << " has --json and no row here";
    std::vector<std::string> line = wordsOf(command->path);
    line.insert(line.begin(), OUTRIGGER_BINARY);
    line.insert(line.end(), arguments[command->path].begin(), arguments[command->path].end());
    line.emplace_back("--json");
    if (command->option("--admin") != nullptr) {
      line.insert(line.end(), {"--admin", sidecar_->address("admin").text()});
    }
    const auto outcome = runToEnd(line);
    EXPECT_NE(outcome.exitCode, 2) << command->path << ": " << outcome.err;
    EXPECT_FALSE(nlohmann::json::parse(outcome.out, nullptr, false).is_discarded())
        << command->path << ": " << outcome.out << outcome.err;
  }
}

}  // namespace
}  // namespace outrigger::e2e
