#include "control/admin/rules.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace outrigger::control::admin {
namespace {

using server::Decision;

constexpr const char* kConfig =
    "version: 1\n"                                                            // 1
    "app: {port: 8080}\n"                                                     // 2
    "policies:\n"                                                             // 3
    "  fragile:\n"                                                            // 4
    "    retry: {limit: 1}\n"                                                 // 5
    "    breaker: {consecutive: 3}\n"                                         // 6
    "upstreams:\n"                                                            // 7
    "  payments: {endpoints: [\"10.0.0.7:8080\"], policy: fragile}\n"         // 8
    "  ledger: {endpoints: [\"10.0.0.8:8080\"]}\n"                            // 9
    "routes:\n"                                                               // 10
    "  - {name: quick, match: {host: payments, prefix: /q}, to: payments,\n"  // 11
    "     override: {timeout: {request: 1s}}}\n"                              // 12
    "  - {name: fixed, match: {host: x}, respond: {status: 204}}\n";          // 13

class DecisionRules : public ::testing::Test {
 protected:
  std::string of(const Decision& decision) const {
    const std::vector<std::string> files{"/etc/outrigger/outrigger.yaml"};
    const Rule rule = Rules(*loaded_.model, loaded_.effective, files).of(decision);
    return rule.path + " @ " + rule.place;
  }
  static config::LoadResult load() {
    return config::load(kConfig, "outrigger.yaml", [](Bytes) { return std::optional<std::string>(); }, {});
  }
  const config::LoadResult loaded_ = load();
};

TEST_F(DecisionRules, AValueThatSomebodyWroteIsNamed) {
  EXPECT_EQ(of({.kind = "breaker", .upstream = "payments"}), "policies.fragile.breaker @ outrigger.yaml:6");
  EXPECT_EQ(of({.kind = "request", .upstream = "payments", .reason = "breaker-open"}),
            "policies.fragile.breaker @ outrigger.yaml:6");
  EXPECT_EQ(of({.kind = "request", .upstream = "payments", .reason = "upstream-reset"}),
            "policies.fragile.retry @ outrigger.yaml:5");
}

TEST_F(DecisionRules, ABuiltInOneIsTheUpstreamsThatTookIt) {
  EXPECT_EQ(of({.kind = "ejection", .upstream = "ledger"}), "policies.default.eject, built-in @ outrigger.yaml:9");
  EXPECT_EQ(of({.kind = "request", .upstream = "app", .reason = "limit-requests"}),
            "policies.inbound.limits.requests, built-in @ outrigger.yaml:2");
}

TEST_F(DecisionRules, WhatARouteOverridesIsTheRoutes) {
  EXPECT_EQ(of({.kind = "request", .upstream = "payments", .route = "quick", .reason = "request-timeout"}),
            "routes.quick.override.timeout.request @ outrigger.yaml:12");
  EXPECT_EQ(of({.kind = "request", .upstream = "payments", .route = "quick", .reason = "breaker-open"}),
            "policies.fragile.breaker @ outrigger.yaml:6");
}

TEST_F(DecisionRules, WhatOnlyTheRouteSays) {
  EXPECT_EQ(of({.kind = "request", .route = "fixed", .reason = "rate-limited"}), "routes.fixed @ outrigger.yaml:13");
}

TEST_F(DecisionRules, WhatNobodyKnowsHasNoRule) {
  EXPECT_EQ(of({.kind = "breaker", .upstream = "gone"}), " @ ");
  EXPECT_EQ(of({.kind = "request", .reason = "client-closed"}), " @ ");
}

}  // namespace
}  // namespace outrigger::control::admin
