// Rules of access: examples one by one, then the table against an evaluator that reads the rules as they stand.
#include "proxy/policy/access.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "proxy/base/arena.h"
#include "proxy/base/rng.h"
#include "tests/support/access_reference.h"

namespace outrigger::policy {
namespace {

struct Call {
  std::string identity;
  std::string method;
  std::string path;
};

AccessDecision decide(const AccessTable& table, const Call& call) {
  http::RequestHead head;
  head.method = http::methodOf(call.method);
  head.methodText = call.method;
  head.path = call.path;
  return table.decide(call.identity, head);
}

// The name of the rule that decided, behind a sign for what it decided.
std::string said(const AccessTable& table, const Call& call) {
  const AccessDecision decision = decide(table, call);
  return (decision.allowed ? "+" : "-") + std::string(decision.rule);
}

TEST(Access, TheFirstRuleThatFitsDecides) {
  const AccessTable table(
      {.allowByDefault = false,
       .rules = {
           {.name = "reads",
            .identities = {"spiffe://d/cart"},
            .methods = {"GET", "PURGE"},
            .path = {},
            .prefix = "/v1"},
           {.name = "no-b", .identities = {"spiffe://d/b/*"}, .methods = {}, .path = {}, .prefix = {}, .allow = false},
           {.name = "shop", .identities = {"spiffe://d/*"}, .methods = {}, .path = {}, .prefix = "/open"},
           {.name = "probe", .identities = {}, .methods = {}, .path = "/healthz", .prefix = {}}}});
  EXPECT_EQ(said(table, {"spiffe://d/cart", "GET", "/v1"}), "+reads");
  EXPECT_EQ(said(table, {"spiffe://d/cart", "GET", "/v1/x"}), "+reads");
  EXPECT_EQ(said(table, {"spiffe://d/cart", "PURGE", "/v1/x"}), "+reads");
  EXPECT_EQ(said(table, {"spiffe://d/cart", "purge", "/v1/x"}), "-") << "methods are case-sensitive";
  EXPECT_EQ(said(table, {"spiffe://d/cart", "GET", "/v1x"}), "-") << "whole segments";
  EXPECT_EQ(said(table, {"spiffe://d/cart", "POST", "/v1"}), "-");
  EXPECT_EQ(said(table, {"spiffe://d/cart/x", "GET", "/v1"}), "-") << "this one, not what is below";
  EXPECT_EQ(said(table, {"spiffe://d.other/cart", "GET", "/v1"}), "-");
  EXPECT_EQ(said(table, {"spiffe://d/b/x", "GET", "/open"}), "-no-b");
  EXPECT_EQ(said(table, {"spiffe://d/b", "GET", "/open"}), "+shop") << "b itself is not below b";
  EXPECT_EQ(said(table, {"spiffe://d/bx/y", "GET", "/open"}), "+shop");
  EXPECT_EQ(said(table, {"spiffe://d/b/x", "GET", "/healthz"}), "-no-b");
  EXPECT_EQ(said(table, {"", "GET", "/healthz"}), "+probe");
  EXPECT_EQ(said(table, {"", "GET", "/open"}), "-");
  EXPECT_EQ(said(table, {"spiffe://other/x", "GET", "/healthz"}), "+probe");
}

TEST(Access, WithoutARuleThatFitsTheDefaultDecides) {
  EXPECT_EQ(said(AccessTable({.allowByDefault = true, .rules = {}}), {"", "GET", "/"}), "+");
  EXPECT_EQ(said(AccessTable({.allowByDefault = false, .rules = {}}), {"spiffe://d/a", "GET", "/"}), "-");
}

TEST(Access, OfConnectionsOnlyTheIdentityCounts) {
  const AccessTable table(
      {.allowByDefault = false,
       .rules = {{.name = "gets", .identities = {}, .methods = {"GET"}, .path = {}, .prefix = {}},
                 {.name = "root", .identities = {}, .methods = {}, .path = {}, .prefix = "/"},
                 {.name = "a", .identities = {"spiffe://d/a"}, .methods = {}, .path = {}, .prefix = {}}}});
  EXPECT_EQ(table.decide("spiffe://d/a").rule, "a");
  EXPECT_TRUE(table.decide("spiffe://d/a").allowed);
  EXPECT_FALSE(table.decide("spiffe://d/b").allowed);
  EXPECT_FALSE(table.decide("").allowed);
  // What may hold a request that a rule refuses is refused.
  const AccessTable guarded({.allowByDefault = true,
                             .rules = {{.name = "no-admin",
                                        .identities = {"spiffe://d/a"},
                                        .methods = {},
                                        .path = {},
                                        .prefix = "/admin",
                                        .allow = false}}});
  EXPECT_FALSE(guarded.decide("spiffe://d/a").allowed);
  EXPECT_TRUE(guarded.decide("spiffe://d/b").allowed);
}

TEST(Access, TenThousandRandomCallsAreDecidedAsTheReferenceDoes) {
  size_t allowed = 0;
  size_t byRule = 0;
  constexpr size_t kTables = 100;
  constexpr size_t kCalls = 100;
  for (uint64_t seed = 1; seed <= kTables; ++seed) {
    Rng rng(seed);
    const AccessSettings settings = test::randomAccess(rng);
    const AccessTable table(settings);
    for (size_t i = 0; i < kCalls; ++i) {
      const test::RandomCall call = test::randomCall(rng);
      const test::ReferenceDecision expected = test::referenceDecision(settings, call);
      const AccessDecision decision = decide(table, {call.identity, call.method, call.path});
      ASSERT_EQ(decision.allowed, expected.allowed)
          << seed << " " << call.identity << " " << call.method << " " << call.path;
      ASSERT_EQ(decision.rule, expected.rule) << seed << " " << call.identity << " " << call.method << " " << call.path;
      allowed += decision.allowed ? 1 : 0;
      byRule += decision.rule.empty() ? 0 : 1;
    }
  }
  // The calls are worth something: both answers are common, and so are rules that decide.
  EXPECT_GT(allowed, kTables * kCalls / 5);
  EXPECT_LT(allowed, kTables * kCalls * 4 / 5);
  EXPECT_GT(byRule, kTables * kCalls / 3);
}

}  // namespace
}  // namespace outrigger::policy
