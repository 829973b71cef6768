// The verbs that ask a running sidecar, against a real one: what a script reads of them, and what a person is told
// where there is nothing to read.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Outcome;
using real::Sidecar;
using real::World;

constexpr const char* kConfig =
    "upstreams: {orders: {endpoints: ['${orders}']}}\n"
    "routes: [{name: slow-lane, match: {prefix: /slow}, to: orders, override: {timeout: {request: 3s}}}]\n";

/// An address where nobody listens any more.
std::string deserted() {
  return real::Socket::listenAnywhere().localAddress().text();
}

class Asking : public ::testing::Test {
 protected:
  Asking() { world_.upstream("orders"); }

  Sidecar& start(const std::string& yaml = kConfig) {
    sidecar_ = &world_.sidecar(yaml);
    return *sidecar_;
  }
  std::string admin() const { return sidecar_->address("admin").text(); }
  std::string orders() { return world_.upstream("orders").address().text(); }

  static Outcome outrigger(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), OUTRIGGER_BINARY);
    return real::runToEnd(arguments);
  }
  Outcome ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--admin", admin()});
    return outrigger(std::move(arguments));
  }
  json asked(std::vector<std::string> arguments, int exitCode = 0) const {
    arguments.emplace_back("--json");
    const Outcome outcome = ask(std::move(arguments));
    EXPECT_EQ(outcome.exitCode, exitCode) << outcome.err << outcome.out;
    json answer = json::parse(outcome.out, nullptr, false);
    EXPECT_FALSE(answer.is_discarded()) << outcome.out;
    return answer;
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(Asking, StatusIsOneScreenOfWhatRuns) {
  start().get("orders", "/x");
  const Outcome outcome = ask({"status"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("outrigger " OUTRIGGER_VERSION ", process ")) << outcome.out;
  EXPECT_NE(outcome.out.find("orders"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << "no colour where no terminal is";
  const json status = asked({"status"});
  EXPECT_EQ(status.at("status").at("version"), OUTRIGGER_VERSION);
  EXPECT_TRUE(status.at("wrong").empty()) << status.at("wrong");
  EXPECT_EQ(ask({"status", "--check"}).exitCode, 0);
}

TEST_F(Asking, StatusFindsWhatIsWrong) {
  start().write("upstreams: {orders: {endpoints: ['${orders}'], polcy: x}}\n");
  ASSERT_TRUE(sidecar_->waitForEvents("config-rejected"));
  const json status = asked({"status", "--check"}, 1);
  ASSERT_EQ(status.at("wrong").size(), 1U);
  const std::string trouble = status.at("wrong")[0];
  EXPECT_NE(trouble.find("the newest config was rejected"), std::string::npos) << trouble;
  EXPECT_EQ(ask({"status"}).exitCode, 0) << "it was told";
}

TEST_F(Asking, WhyTellsOfARequestThatFailed) {
  world_.upstream("orders").replies(503);
  start("upstreams: {orders: {endpoints: ['${orders}']}}\npolicies: {default: {retry: {limit: 0}}}\n")
      .get("orders", "/x", {{"x-request-id", "the-one-that-failed"}});
  const json told = asked({"why", "the-one-that-failed"});
  EXPECT_EQ(told.at("found"), true);
  EXPECT_EQ(told.at("requests").size(), 1U);
  const Outcome outcome = ask({"why", "the-one-that-failed"});
  EXPECT_NE(outcome.out.find("503"), std::string::npos) << outcome.out;
}

TEST_F(Asking, AnAnswerOfOursSaysTheIdThatWhyWants) {
  start("upstreams: {orders: {endpoints: ['" + deserted() + "']}}\npolicies: {default: {retry: {limit: 0}}}\n");
  const auto made = sidecar_->get("orders", "/x");
  EXPECT_EQ(made.reason(), "connect-failed");
  const std::string id = made.header("x-request-id");
  EXPECT_EQ(asked({"why", id}).at("requests").size(), 1U) << id;
  const auto kept = sidecar_->get("orders", "/x", {{"x-request-id", "of-the-caller"}});
  EXPECT_EQ(kept.header("x-request-id"), "of-the-caller");
}

TEST_F(Asking, EndpointsAreTakenOutAndBroughtBack) {
  world_.upstream("more");
  start("admin: {actions: true}\nupstreams: {orders: {endpoints: ['${orders}', '${more}']}}\n");
  const auto order = [&](const char* what, const std::string& upstream = "orders") {
    return ask({"endpoint", what, upstream, orders()});
  };
  EXPECT_EQ(order("restore").out, orders() + " of orders was not ejected: there was nothing to restore\n");
  EXPECT_EQ(order("eject").out,
            orders() + " of orders ejected for 5 m; `outrigger endpoint restore` brings it back sooner\n");
  EXPECT_EQ(asked({"endpoint", "eject", "orders", orders(), "--for", "90s"}).at("for_ms"), 90000);
  EXPECT_EQ(order("restore").out, orders() + " of orders restored\n");
  EXPECT_EQ(asked({"endpoint", "restore", "orders", orders()}).at("result"), "not ejected");
  const Outcome unknown = order("eject", "order");
  EXPECT_EQ(unknown.exitCode, 1);
  EXPECT_NE(unknown.err.find("the config has no upstream 'order': it has orders"), std::string::npos) << unknown.err;
}

TEST_F(Asking, DrainTellsTheOneThatIsAsked) {
  start("admin: {actions: true}\nupstreams: {orders: {endpoints: ['${orders}']}}\n");
  EXPECT_EQ(asked({"drain"}).at("drained"), true);
  ASSERT_TRUE(sidecar_->waitForEvents("draining"));
}

TEST_F(Asking, WhySaysWhatIsKeptWhereItFindsNothing) {
  start();
  const Outcome outcome = ask({"why", "nobody"});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_NE(outcome.err.find("nothing is kept of `nobody`"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("log: {access: all}"), std::string::npos) << outcome.err;
  EXPECT_EQ(asked({"why", "nobody"}, 1).at("found"), false);
}

TEST_F(Asking, EndpointsAreListed) {
  start();
  const json all = asked({"endpoint", "list"});
  EXPECT_EQ(all.at("upstreams")[0].at("endpoints")[0].at("address"), orders());
  EXPECT_EQ(asked({"endpoint", "list", "orders"}), all);
  const Outcome outcome = ask({"endpoint", "list"});
  EXPECT_NE(outcome.out.find(orders()), std::string::npos) << outcome.out;
}

TEST_F(Asking, ATimeThatNoEjectionMayLastIsWrongUsage) {
  start();
  for (const char* time : {"x", "0s", "25h"}) {
    const Outcome outcome = ask({"endpoint", "eject", "orders", orders(), "--for", time});
    EXPECT_EQ(outcome.exitCode, 2) << time;
    EXPECT_NE(outcome.err.find("--for"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("for_ms"), std::string::npos) << outcome.err;
  }
}

TEST_F(Asking, StatusFindsAnEndpointThatFailsThoughNothingTakesItOut) {
  world_.upstream("orders").replies(503);
  start(
      "upstreams: {orders: {endpoints: ['${orders}']}}\n"
      "policies: {default: {retry: {limit: 0}, breaker: none, eject: none}}\n");
  for (int i = 0; i < 12; ++i) sidecar_->get("orders", "/x");
  const Outcome outcome = ask({"status", "--check"});
  EXPECT_EQ(outcome.exitCode, 1) << outcome.out;
  EXPECT_NE(outcome.out.find("12 of 12 requests failed"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("no breaker"), std::string::npos) << outcome.out;
}

TEST_F(Asking, AnUpstreamThatIsNotThereIsToldWithThoseThatAre) {
  start();
  const Outcome outcome = ask({"endpoint", "list", "order"});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_NE(outcome.err.find("has no upstream 'order': it has orders"), std::string::npos) << outcome.err;
  const json error = asked({"endpoint", "list", "order"}, 1);
  EXPECT_NE(error.at("error").get<std::string>().find("it has orders"), std::string::npos);
}

TEST_F(Asking, ConfigShowHasTheOriginOfEachValue) {
  start();
  const auto valueOf = [](const json& config, const std::string& path) {
    for (const json& value : config.at("values")) {
      if (value.at("path") == path) return value;
    }
    return json();
  };
  const json written = asked({"config", "show"});
  const json effective = asked({"config", "show", "--effective"});
  EXPECT_GT(effective.at("values").size(), written.at("values").size());
  const json timeout = valueOf(written, "routes[0].override.timeout.request");
  ASSERT_TRUE(timeout.is_object()) << written.dump(1);
  EXPECT_EQ(timeout.at("value"), "3s");
  EXPECT_TRUE(timeout.at("origin").get<std::string>().starts_with("outrigger.yaml:")) << timeout;
  const json file = json::parse(
      outrigger({"config", "show", "--config", sidecar_->configFile().string(), "--json"}).out, nullptr, false);
  EXPECT_EQ(file.at("hash"), written.at("hash")) << "of the file itself, the same";
  EXPECT_EQ(file.at("values"), written.at("values"));
}

TEST(AskingNobody, EveryVerbSaysWhereAndWhatWouldBeRight) {
  const std::string address = deserted();
  const std::vector<std::vector<std::string>> verbs{
      {"status"},
      {"why", "x"},
      {"endpoint", "list"},
      {"config", "show"},
  };
  for (std::vector<std::string> verb : verbs) {
    verb.insert(verb.begin(), OUTRIGGER_BINARY);
    verb.insert(verb.end(), {"--json", "--admin", address});
    const Outcome outcome = real::runToEnd(verb);
    EXPECT_EQ(outcome.exitCode, 1) << verb[1];
    EXPECT_NE(outcome.err.find("no sidecar answers at " + address + " ("), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("OUTRIGGER_ADMIN names another"), std::string::npos) << outcome.err;
    EXPECT_TRUE(json::parse(outcome.out, nullptr, false).contains("error")) << verb[1];
  }
}

TEST(AskingNobody, AnAddressThatIsNoneIsWrongUsage) {
  const Outcome outcome = real::runToEnd({OUTRIGGER_BINARY, "status", "--admin", "nowhere"});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find("--admin: 'nowhere' is no address of an admin listener"), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace outrigger::e2e
