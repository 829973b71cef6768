// Who may call the app, through the whole worker: what is refused never reaches it, and what is recorded says why. The
// connections are what TLS would have made of them.
#include <gtest/gtest.h>

#include "proxy/base/rng.h"
#include "proxy/policy/mode.h"
#include "tests/support/access_reference.h"
#include "tests/support/sim/records.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

constexpr const char* kTls =
    "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
    "app: {address: '${app}', tls: {mode: permissive}}\n"
    "log: {access: all}\n";
constexpr const char* kCart = "spiffe://shop.example/ns/shop/sa/cart";
constexpr const char* kReads =
    "access: {rules: [{name: cart-reads, identity: 'spiffe://shop.example/ns/shop/sa/cart', methods: GET, prefix: /v1, "
    "allow: true}, {name: no-admin, path: /v1admin, allow: false}]MODE}\n";

std::string reads(const std::string& mode = "") {
  std::string text = std::string(kTls) + kReads;
  text.replace(text.find("MODE"), 4, mode);
  return text;
}

class Guarded {
 public:
  explicit Guarded(const std::string& config) : app(world.upstream("app")), sidecar(world.sidecar(config)) {}

  /// `identity`: nullopt: in plain.
  test::SeenResponse call(std::optional<std::string> identity, const std::string& method, const std::string& target,
                          const test::Headers& headers = {}, const std::string& body = "") {
    Client& client = identity ? sidecar.connectAs(*identity) : sidecar.connect(Direction::Inbound);
    client.ask(method, "app", target, headers, body);
    world.runUntil([&] { return client.complete() == 1 || client.closed(); });
    const test::SeenResponse answer = client.responses().empty() ? test::SeenResponse{} : client.responses()[0];
    client.leave();
    return answer;
  }
  std::string latestDecision() const {
    const auto& all = sidecar.worker().decisions().all();
    return all.empty() ? "" : all.back().text;
  }

  World world;
  Upstream& app;
  Sidecar& sidecar;
};

TEST(Access, WhomARuleAllowsPasses) {
  Guarded guarded(reads());
  EXPECT_EQ(guarded.call(kCart, "GET", "/v1/x").status, 200);
  EXPECT_EQ(guarded.app.hits(), 1U);
  EXPECT_EQ(lastRecord(guarded.sidecar, "identity"), kCart);
  EXPECT_EQ(lastRecord(guarded.sidecar, "peer"), "192.0.2.7:50000");
}

TEST(Access, WhoIsKnownAndNotAllowedIsDenied) {
  Guarded guarded(reads());
  const auto answer = guarded.call(kCart, "POST", "/v1/x", {}, "one euro");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.reason(), "denied");
  EXPECT_EQ(answer.body, "outrigger: denied: access is denied\n") << "and nothing about the rules";
  EXPECT_EQ(guarded.app.octets(), "");
  EXPECT_EQ(guarded.app.connectionsAccepted(), 0U);
  EXPECT_EQ(lastRecord(guarded.sidecar, "reason"), "denied");
  EXPECT_EQ(lastRecord(guarded.sidecar, "identity"), kCart);
  EXPECT_EQ(counted(guarded.sidecar, 403, Reason::Denied), 1U);
  EXPECT_NE(guarded.latestDecision().find(std::string("to ") + kCart + ", whom no access rule allows"),
            std::string::npos)
      << guarded.latestDecision();
}

TEST(Access, TheDecisionNamesItsRule) {
  Guarded guarded(reads());
  EXPECT_EQ(guarded.call(kCart, "GET", "/v1admin").status, 403);
  EXPECT_NE(guarded.latestDecision().find("by the access rule no-admin"), std::string::npos)
      << guarded.latestDecision();
}

TEST(Access, WhoShowsNoIdentityIsUnauthenticated) {
  Guarded guarded(reads());
  for (const std::optional<std::string>& caller : {std::optional<std::string>(), std::optional<std::string>("")}) {
    const auto answer = guarded.call(caller, "GET", "/v1/x");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.reason(), "unauthenticated");
  }
  EXPECT_EQ(guarded.app.octets(), "");
}

TEST(Access, ThePathThatIsSentOnIsTheOneThatIsJudged) {
  Guarded guarded(reads());
  EXPECT_EQ(guarded.call(kCart, "GET", "/v1/../secret").status, 403);
  EXPECT_EQ(guarded.call(kCart, "GET", "/secret/../v1/x").status, 200);
  EXPECT_EQ(guarded.call(kCart, "GET", "/secret/%2e%2e/v1/x?a=/secret").status, 200);
  ASSERT_EQ(guarded.app.hits(), 2U);
  EXPECT_EQ(guarded.app.requests()[0].target, "/v1/x");
}

TEST(Access, WhatIsOnlyObservedPassesAndIsCounted) {
  Guarded guarded(reads(", mode: observe"));
  EXPECT_EQ(guarded.call(std::nullopt, "POST", "/x").status, 200);
  EXPECT_EQ(guarded.call(kCart, "GET", "/v1").status, 200);
  EXPECT_EQ(guarded.app.hits(), 2U);
  EXPECT_EQ(guarded.sidecar.series("app").would[static_cast<size_t>(policy::Would::Deny)].value(), 1U);
  ASSERT_EQ(guarded.sidecar.decisions().size(), 1U);
  EXPECT_EQ(guarded.sidecar.decisions()[0].kind, "access");
  EXPECT_EQ(guarded.sidecar.decisions()[0].text,
            "would refuse a caller without an identity at 192.0.2.7:50000, whom no access rule allows");
}

TEST(Access, TheOutboundSideIsNotAsked) {
  World world;
  world.upstream("app");
  world.upstream("orders");
  auto& sidecar = world.sidecar(reads() + "upstreams: {orders: {endpoints: ['${orders}']}}\n");
  EXPECT_EQ(sidecar.get("orders", "/").status, 200);
}

TEST(Access, AReloadBringsOtherRules) {
  Guarded guarded(reads());
  EXPECT_EQ(guarded.call(kCart, "POST", "/").status, 403);
  EXPECT_EQ(guarded.sidecar.reload(kTls), "");
  EXPECT_EQ(guarded.call(kCart, "POST", "/").status, 200);
  EXPECT_EQ(guarded.call(std::nullopt, "POST", "/").status, 200);
}

// ---- What the app learns

TEST(Identity, TheAppLearnsWhoCalls) {
  Guarded guarded(kTls);
  guarded.call(kCart, "GET", "/", {{"x-forwarded-client-cert", "URI=spiffe://shop.example/root"}});
  const auto& seen = guarded.app.requests().at(0);
  EXPECT_EQ(seen.header("x-forwarded-client-cert"), std::string("URI=") + kCart);
  EXPECT_EQ(seen.header("x-forwarded-proto"), "https");
}

TEST(Identity, WhatCallersSayOfThemselvesIsDropped) {
  Guarded guarded(kTls);
  const test::Headers lies = {{"X-Forwarded-Client-Cert", "URI=spiffe://shop.example/root"},
                              {"x-forwarded-proto", "https"}};
  guarded.call(std::nullopt, "GET", "/", lies);
  guarded.call("", "GET", "/", {{"x-forwarded-client-cert", "By=a;URI=b"}, {"x-forwarded-proto", "http"}});
  ASSERT_EQ(guarded.app.hits(), 2U);
  EXPECT_EQ(guarded.app.requests()[0].header("x-forwarded-client-cert"), "");
  EXPECT_EQ(guarded.app.requests()[0].header("x-forwarded-proto"), "http");
  EXPECT_EQ(guarded.app.requests()[1].header("x-forwarded-client-cert"), "");
  EXPECT_EQ(guarded.app.requests()[1].header("x-forwarded-proto"), "https");
}

TEST(Identity, AVerifiedCallerMaySayHowItWasCalled) {
  Guarded guarded(kTls);
  guarded.call(kCart, "GET", "/", {{"x-forwarded-proto", "http"}});
  guarded.call(kCart, "GET", "/", {{"x-forwarded-proto", "gopher"}});
  ASSERT_EQ(guarded.app.hits(), 2U);
  EXPECT_EQ(guarded.app.requests()[0].header("x-forwarded-proto"), "http");
  EXPECT_EQ(guarded.app.requests()[1].header("x-forwarded-proto"), "https");
}

TEST(Identity, TheAppsOwnWordDoesNotLeave) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}\n");
  sidecar.get("orders", "/", {{"x-forwarded-client-cert", "URI=spiffe://shop.example/cart"}});
  EXPECT_EQ(orders.requests().at(0).header("x-forwarded-client-cert"), "");
}

// ---- The whole worker against the reference

std::string quotedList(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() == 1 ? "'" : ", '") + text + "'";
  return out + "]";
}

std::string yamlOf(const policy::AccessSettings& settings) {
  std::string yaml =
      std::string("access:\n  default: ") + (settings.allowByDefault ? "allow" : "deny") + "\n  rules:\n";
  if (settings.rules.empty()) yaml.replace(yaml.size() - 1, 1, " []\n");
  for (const policy::AccessRule& rule : settings.rules) {
    yaml += "  - {name: " + rule.name + (rule.allow ? ", allow: true" : ", allow: false");
    if (!rule.identities.empty()) yaml += ", identity: " + quotedList(rule.identities);
    if (!rule.methods.empty()) yaml += ", methods: " + quotedList(rule.methods);
    if (rule.path) yaml += ", path: '" + *rule.path + "'";
    if (rule.prefix) yaml += ", prefix: '" + *rule.prefix + "'";
    yaml += "}\n";
  }
  return yaml;
}

TEST(Access, TenThousandRandomRequestsAreDecidedAsTheReferenceDoesAndNothingRefusedReachesTheApp) {
  constexpr size_t kConfigs = 50;
  constexpr size_t kRequests = 200;
  size_t mismatches = 0;
  size_t refused = 0;
  size_t octetsOnDeny = 0;
  for (uint64_t seed = 1; seed <= kConfigs; ++seed) {
    Rng rng(seed);
    const policy::AccessSettings settings = test::randomAccess(rng);
    Guarded guarded(kTls + yamlOf(settings));
    for (size_t i = 0; i < kRequests; ++i) {
      const test::RandomCall call = test::randomCall(rng);
      const bool plain = call.identity.empty() && rng.chance(0.5);
      const size_t before = guarded.app.octets().size();
      const auto answer = guarded.call(plain ? std::nullopt : std::optional(call.identity), call.method, call.path);
      const bool allowed = test::referenceDecision(settings, call).allowed;
      const int expected = allowed ? 200 : call.identity.empty() ? 401 : 403;
      if (answer.status != expected) {
        ++mismatches;
        ADD_FAILURE() << seed << ": " << call.identity << " " << call.method << " " << call.path << " -> "
                      << answer.status << ", not " << expected << "\n"
                      << yamlOf(settings);
      }
      if (allowed) continue;
      ++refused;
      octetsOnDeny += guarded.app.octets().size() - before;
    }
  }
  EXPECT_EQ(mismatches, 0U);
  EXPECT_EQ(octetsOnDeny, 0U);
  EXPECT_GT(refused, kConfigs * kRequests / 5);
}

}  // namespace
}  // namespace outrigger::sim
