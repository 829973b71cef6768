// `outrigger tap`, against a real sidecar.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Outcome;
using real::Process;
using real::Sidecar;
using real::World;

constexpr const char* kConfig =
    "upstreams: {orders: {endpoints: ['${orders}']}, payments: {endpoints: ['${payments}']}}\n"
    "policies: {default: {retry: {limit: 0}, breaker: none}}\n"
    "log: {access: none}\n";

class TapVerb : public ::testing::Test {
 protected:
  TapVerb() {
    world_.upstream("orders");
    world_.upstream("payments").replies(503);
    sidecar_ = &world_.sidecar(kConfig);
  }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {OUTRIGGER_BINARY, "tap"});
    arguments.insert(arguments.end(), {"--admin", sidecar_->address("admin").text()});
    return arguments;
  }

  /// Runs it to its end, with traffic to both upstreams.
  Outcome tapped(std::vector<std::string> arguments) {
    Process tap(command(std::move(arguments)));
    const real::Deadline deadline = real::soon();
    while (!tap.hasEnded() && std::chrono::steady_clock::now() < deadline) {
      sidecar_->get("orders", "/secret-path?secret-query=1", {{"authorization", "secret-header"}});
      sidecar_->get("payments", "/x");
    }
    return {tap.wait(), tap.out(), tap.err()};
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
};

std::vector<json> lines(const std::string& text) {
  std::vector<json> all;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    all.push_back(json::parse(text.substr(at, end - at), nullptr, false));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return all;
}

TEST_F(TapVerb, TellsOfRequestsAsTheyEndAndNoMoreOfThemThanTheAccessLog) {
  const Outcome outcome = tapped({"--json", "--upstream", "orders", "--max", "3"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  const auto records = lines(outcome.out);
  ASSERT_GE(records.size(), 3U) << outcome.out;
  for (const json& record : records) {
    ASSERT_TRUE(record.is_object()) << outcome.out;
    if (record.contains("left_out")) continue;
    EXPECT_EQ(record.at("upstream"), "orders");
    EXPECT_EQ(record.at("status"), 200);
  }
  EXPECT_EQ(outcome.out.find("secret"), std::string::npos) << outcome.out;
}

TEST_F(TapVerb, OnlyErrorsWhereTheseAreAskedFor) {
  const Outcome outcome = tapped({"--errors", "--max", "2"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_NE(outcome.out.find(" -> 503 "), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find(" -> 200 "), std::string::npos) << outcome.out;
}

TEST_F(TapVerb, EndsAfterItsTimeWhereNothingHappens) {
  const Outcome outcome = real::runToEnd(command({"--json", "--for", "50ms", "--slower-than", "1h"}));
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(TapVerb, WhatCanNeverBeSeenIsRefused) {
  const Outcome upstream = real::runToEnd(command({"--upstream", "order"}));
  EXPECT_EQ(upstream.exitCode, 1);
  EXPECT_NE(upstream.err.find("refuses: the config has no upstream 'order': it has orders, payments"),
            std::string::npos)
      << upstream.err;
  const Outcome span = real::runToEnd(command({"--slower-than", "5"}));
  EXPECT_EQ(span.exitCode, 2);
  EXPECT_EQ(sidecar_->page("/api/tap?slower-than=5").status, 400);
}

}  // namespace
}  // namespace outrigger::e2e
