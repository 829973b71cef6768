#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/cli/explain_text.h"
#include "control/explain/explanation.h"
#include "control/explain/policy_words.h"
#include "control/explain/route_search.h"
#include "control/reference/advice.h"
#include "filters/registry.h"
#include "proxy/policy/router.h"

namespace outrigger::control::explain {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kConfig = R"(version: 1
app: {port: 8080, probes: [/healthz]}
policies:
  default: {timeout: {request: 15s}}
  fragile: {retry: {limit: 1}, timeout: {attempt: 2s}}
  watched: {mode: observe, hedge: {percent: 2}}
upstreams:
  payments: {endpoints: ["10.0.0.7:8080", "10.0.0.8:8080"], policy: fragile}
  ledger: {endpoints: ["10.0.0.9:8080"]}
  mail: {dns: mail.example, port: 25, policy: watched}
routes:
  - {name: beta, match: {host: payments, headers: {x-customer: "secret-name"}}, to: ledger}
  - {name: make, match: {host: payments, method: POST, prefix: /v1}, to: payments}
  - {name: port, match: {host: "payments:99"}, to: payments}
  - name: export
    match: {host: payments, prefix: /export}
    to: [{upstream: payments, weight: 3}, {upstream: ledger, weight: 1}]
    override: {timeout: {request: 1m}}
    rewrite: {prefix: /files}
  - {name: gone, match: {host: old}, respond: {status: 410}}
  - {name: moved, match: {host: new}, redirect: {host: newer}}
)";

config::LoadResult loaded(const std::string& text = kConfig) {
  auto result = config::load(
      text, "/etc/outrigger.yaml", [](Bytes) { return std::optional<std::string>(); }, filters::schemas());
  EXPECT_NE(result.model, nullptr) << (result.diagnostics.empty() ? "" : result.diagnostics.front().message);
  return result;
}

AskedRequest ask(const std::string& method, const std::string& url, const std::vector<std::string>& headers = {},
                 std::optional<Direction> direction = std::nullopt) {
  auto asked = AskedRequest::read({.method = method, .url = url, .headers = headers, .direction = direction});
  EXPECT_TRUE(asked) << asked.error();
  return std::move(*asked);
}

Json explained(const std::string& method, const std::string& url, const std::vector<std::string>& headers = {}) {
  return explanation(ask(method, url, headers), loaded());
}

std::string worstCaseOf(const std::string& method, const std::string& url,
                        const std::vector<std::string>& headers = {}) {
  return explained(method, url, headers).at("targets").at(0).at("worst_case").at("text").get<std::string>();
}

// ---- What is asked

TEST(Explain, AUrlIsReadAsTheDataPlaneReadsIt) {
  const AskedRequest asked = ask("GET", "http://Payments:8080/a/../v1/x?q=1");
  EXPECT_EQ(asked.head().authority, "Payments:8080");
  EXPECT_EQ(asked.head().path, "/v1/x");
  EXPECT_EQ(asked.head().query, "?q=1");
  EXPECT_EQ(asked.direction(), Direction::Outbound);
  EXPECT_EQ(ask("GET", "/v1").direction(), Direction::Inbound);
  EXPECT_EQ(ask("GET", "/v1", {"host: payments"}, Direction::Outbound).head().authority, "payments");
}

TEST(Explain, WhatIsNoRequestIsRefusedWithWhatWouldBeRight) {
  const std::tuple<const char*, const char*, std::vector<std::string>, const char*> wrong[] = {
      {"GE T", "http://x/", {}, "`GE T` is no method that the proxy knows"},
      {"get", "http://x/", {}, "methods are written in capitals"},
      {"GET", "https://x/", {}, "an app asks its sidecar in plain"},
      {"GET", "", {}, "the URL is empty"},
      {"CONNECT", "http://x/", {}, "CONNECT makes a tunnel"},
      {"GET", "ftp://x/", {}, "`ftp://x/` is no URL"},
      {"GET", "payments/v1", {}, "is no URL"},
      {"GET", "http://a b/", {}, "is no URL"},
      {"GET", "http://x:99999/", {}, "`x:99999` is no host"},
      {"GET", "http://x/", {"no colon"}, "--header `no colon` is no header; try: --header 'x-beta: 1'"},
      {"GET", "http://x/", {"a b: 1"}, "is no header"},
  };
  for (const auto& [method, url, headers, said] : wrong) {
    const auto asked = AskedRequest::read({.method = method, .url = url, .headers = headers});
    ASSERT_FALSE(asked) << url;
    EXPECT_THAT(asked.error(), HasSubstr(said));
    EXPECT_THAT(asked.error(), HasSubstr("; try: "));
  }
}

// ---- The route

TEST(Explain, EachRouteBeforeSaysWhatItWants) {
  const Json json = explained("GET", "http://payments/export/1");
  EXPECT_EQ(json.at("route").at("name"), "export");
  EXPECT_EQ(json.at("route").at("place"), "outrigger.yaml:15");
  const Json& passed = json.at("passed_over");
  ASSERT_EQ(passed.size(), 3U);
  EXPECT_EQ(passed[0].at("wants"), "the header `x-customer` with the value that the route names");
  EXPECT_EQ(passed[1].at("wants"), "the method POST");
  EXPECT_EQ(passed[2].at("wants"), "the port 99");
  EXPECT_EQ(explained("POST", "http://payments/v2").at("passed_over")[1].at("wants"), "paths at and below /v1");
  EXPECT_EQ(explained("GET", "http://ledger/").at("passed_over")[0].at("wants"), "the host payments");
  EXPECT_THAT(json.dump(), Not(HasSubstr("secret-name")));
}

bool takesOnly(const policy::RouteMatch& match, Condition condition, const http::RequestHead& head) {
  policy::RouteMatch only{.direction = match.direction};
  if (condition == Condition::Host) only.host = match.host;
  if (condition == Condition::Port) only.ports = match.ports;
  if (condition == Condition::Method) only.methods = match.methods;
  if (condition == Condition::Path) only.pathKind = match.pathKind, only.path = match.path;
  if (condition == Condition::Header) only.headers = match.headers;
  return (*policy::Router::build({only}))->find(match.direction, head).has_value();
}

// Every route before the one that is found has a condition that is not met by itself, and none is left out.
TEST(Explain, TheSearchAgreesWithTheRouter) {
  const auto file = loaded();
  for (const char* host : {"payments", "payments:99", "ledger", "old", "elsewhere"}) {
    for (const char* path : {"/", "/v1/x", "/v1x", "/export"}) {
      const AskedRequest asked = ask("POST", std::string("http://") + host + path);
      const RouteSearch search = searchRoutes(file.model->routes, Direction::Outbound, asked.head());
      EXPECT_EQ(search.found.has_value(), std::string(host) != "elsewhere") << host;
      size_t next = 0;
      for (const PassedOver& one : search.before) {
        EXPECT_EQ(one.route, next++) << host << path;
        EXPECT_FALSE(takesOnly(file.model->routes[one.route].match, one.condition, asked.head())) << host << path;
      }
      if (search.found) {
        EXPECT_EQ(next, *search.found) << host << path;
      }
    }
  }
}

TEST(Explain, WhatDoesNotGoToAnUpstream) {
  EXPECT_EQ(explained("GET", "http://old/").at("outcome"), "answered by the route with 410");
  EXPECT_EQ(explained("GET", "http://new/").at("outcome"), "redirected by the route with 307");
  EXPECT_EQ(explained("GET", "http://elsewhere/").at("outcome"),
            "no route: answered with 404, reason no-route; hosts that lead somewhere: payments, old, new, ledger, "
            "mail, mail.example");
  EXPECT_THAT(explained("GET", "http://paymets/").at("outcome").get<std::string>(),
              HasSubstr("; try the host payments"));
  EXPECT_THAT(explained("GET", "http://old/" + std::string(9000, 'x')).at("outcome").get<std::string>(),
              HasSubstr("answered with 414, reason uri-too-long"));
  EXPECT_THAT(explained("GET", "/healthz").at("outcome").get<std::string>(), HasSubstr("a health probe"));
  EXPECT_EQ(explained("POST", "/healthz").at("outcome"), "sent to `app`");
  const auto open = loaded("version: 1\noutbound: {unknown: passthrough}\n");
  EXPECT_THAT(explanation(ask("GET", "http://x/"), open).at("outcome").get<std::string>(), HasSubstr("passed on"));
}

TEST(Explain, SharesRewritesAndOverridesAreTold) {
  const Json json = explained("GET", "http://payments/export");
  EXPECT_EQ(json.at("outcome"), "sent to `payments`, `ledger`");
  EXPECT_EQ(json.at("on_the_way")[0], "the prefix /export is replaced by /files");
  ASSERT_EQ(json.at("targets").size(), 2U);
  const Json& target = json.at("targets")[0];
  EXPECT_EQ(target.at("share_percent"), 75.0);
  const Json& request = target.at("values")[0];
  EXPECT_EQ(request.at("path"), "timeout.request");
  EXPECT_EQ(request.at("value"), "1m");
  EXPECT_EQ(request.at("origin"), "outrigger.yaml:18");
  EXPECT_TRUE(request.at("override").get<bool>());
  EXPECT_EQ(target.at("values")[1].at("origin"), "outrigger.yaml:5") << target.at("values")[1].dump();
}

// ---- The worst case

TEST(Explain, TheArithmeticOfTheDefaults) {
  EXPECT_EQ(worstCaseOf("GET", "http://ledger/x"),
            "3 tries x 5s, capped at 15s; up to 3.0 x load, the budget holds it to 1.1 x under load");
  EXPECT_EQ(worstCaseOf("POST", "http://ledger/x"), "3 tries (the service sees 1), capped at 15s; 1.0 x load");
  EXPECT_EQ(
      worstCaseOf("GET", "http://ledger/x", {"outrigger-timeout-ms: 300"}),
      "3 tries x 100ms, capped at 300ms (the caller's); up to 3.0 x load, the budget holds it to 1.1 x under load");
  EXPECT_EQ(worstCaseOf("POST", "/x"), "3 tries (the service sees 1), without a limit of time; 1.0 x load");
}

TEST(Explain, AFixedAttemptAddsUp) {
  EXPECT_EQ(
      worstCaseOf("GET", "http://payments/x"),
      "2 tries x 2s and the waits between them, 4s75ms in all unless Retry-After asks for longer, capped at 15s; up "
      "to 2.0 x load, the budget holds it to 1.1 x under load");
}

TEST(Explain, WhatIsOnlyObservedBoundsNothing) {
  EXPECT_THAT(worstCaseOf("GET", "http://mail/"), HasSubstr("which no budget bounds (mode: observe)"));
}

TEST(Explain, ACallOfGrpcHasItsOwnTimeout) {
  const std::vector<std::string> grpc{"content-type: application/grpc"};
  EXPECT_THAT(worstCaseOf("POST", "http://ledger/x", grpc), HasSubstr("without a limit of time"));
  auto timed = grpc;
  timed.emplace_back("grpc-timeout: 2S");
  EXPECT_THAT(worstCaseOf("POST", "http://ledger/x", timed), HasSubstr("capped at 2s (the caller's)"));
}

std::string wordsOf(const std::string& policy, const std::string& method = "GET",
                    const std::vector<std::string>& headers = {}) {
  const auto file = loaded("version: 1\npolicies: {a.b: " + policy +
                           "}\nupstreams: {x: {endpoints: ['10.0.0.7:80'], policy: a.b}}\n");
  const Json target = explanation(ask(method, "http://x/", headers), file).at("targets").at(0);
  EXPECT_GT(target.at("values").size(), 30U) << "a policy with a point in its name has its values too";
  std::string text = target.at("worst_case").at("text").get<std::string>() + "\n";
  for (const Json& word : target.at("words")) text += word.get<std::string>() + "\n";
  return text;
}

TEST(Explain, WordsFollowTheSettings) {
  EXPECT_THAT(wordsOf("{retry: {budget: {percent: 0, minPerSecond: 0}}}"), HasSubstr("the budget earns nothing"));
  EXPECT_THAT(wordsOf("{retry: {budget: {percent: 0}}}"), HasSubstr("the budget: retries, 1 a second in any case"));
  EXPECT_THAT(wordsOf("{retry: {budget: {percent: 100, minPerSecond: 0}}}"),
              HasSubstr("the budget: a retry for every success\n"));
  EXPECT_THAT(wordsOf("{retry: {idempotencyKey: k}}", "POST"),
              HasSubstr("`k` it would be, after a reset or a timeout\n"));
  EXPECT_THAT(wordsOf("{retry: {idempotencyKey: k, when: [unsent]}}", "POST"), Not(HasSubstr("it would be")));
  EXPECT_THAT(wordsOf("{retry: {limit: 3, when: [reset]}}"), HasSubstr("2 tries, capped at 15s; up to 2.0 x load"));
  EXPECT_THAT(wordsOf("{timeout: {attempt: 2s}}", "PUT"), HasSubstr("begins anew when the whole body"));
  EXPECT_THAT(wordsOf("{timeout: {attempt: 2s}, retry: {when: [timeout]}}"),
              HasSubstr("3 tries x 2s and the waits between them, 6s300ms in all, capped at 15s"));
  EXPECT_THAT(wordsOf("{limits: {pending: 0}}"), HasSubstr("connections at a time; none may wait\n"));
  EXPECT_THAT(wordsOf("{}", "POST", {"content-type: application/grpc"}), HasSubstr("is not for gRPC"));
}

TEST(Explain, AccessIsDecidedAsFarAsItCanBe) {
  const auto file = loaded(
      "version: 1\napp: {port: 8080, tls: {mode: permissive}}\n"
      "identity: {cert: /a, key: /b, trust: /c}\naccess:\n  default: deny\n  rules:\n"
      "    - {name: open, prefix: /v1, allow: true}\n"
      "    - {name: shop, identity: ['spiffe://x/shop'], allow: true}\n");
  const auto outcome = [&](const std::string& path, const std::string& identity) {
    const auto asked = AskedRequest::read({.method = "GET", .url = path, .identity = identity});
    return explanation(*asked, file);
  };
  EXPECT_EQ(outcome("/v1/x", "").at("outcome"), "sent to `app`");
  EXPECT_EQ(outcome("/v1/x", "").at("on_the_way")[0],
            "access: a caller without an identity is allowed, by the rule `open`");
  EXPECT_EQ(outcome("/other", "").at("outcome"),
            "refused by `access`, for no rule takes it: answered with 401, reason unauthenticated");
  EXPECT_THAT(outcome("/other", "").at("on_the_way")[0].get<std::string>(), HasSubstr("--as"));
  EXPECT_EQ(outcome("/other", "spiffe://x/shop").at("outcome"), "sent to `app`");
  EXPECT_THAT(outcome("/other", "spiffe://x/cart").at("outcome").get<std::string>(), HasSubstr("403, reason denied"));
}

TEST(Explain, AnOwnPortLeadsToItsUpstream) {
  const auto file = loaded(
      "version: 1\nupstreams:\n  web: {endpoints: ['10.0.0.7:80'], listen: '127.0.0.1:15201'}\n"
      "  db: {endpoints: ['10.0.0.8:5432'], listen: '127.0.0.1:15202', protocol: tcp}\n"
      "  big: {endpoints: ['10.0.0.9:80', '10.0.0.10:80']}\n"
      "routes: [{name: canary, match: {prefix: /c}, to: [{upstream: web, weight: 1}, {upstream: big, weight: 999}],\n"
      "  mirror: {to: big, percent: 10}}]\n");
  const Json own = explanation(ask("GET", "http://127.0.0.1:15201/c"), file);
  EXPECT_EQ(own.at("outcome"), "sent to `web`");
  EXPECT_EQ(own.at("on_the_way")[0], "it arrives at the own port of `web`: no route is asked");
  EXPECT_THAT(explanation(ask("GET", "http://127.0.0.1:15202/"), file).at("outcome").get<std::string>(),
              HasSubstr("as plain TCP"));
  const std::string canary = cli::requestText(explanation(ask("GET", "http://x/c"), file));
  EXPECT_THAT(canary, HasSubstr(", 0.1 % of the requests\n"));
  EXPECT_THAT(canary, HasSubstr("then     a copy of 10 % of the requests goes to `big` as well\n"));
}

TEST(Explain, TheTextSaysAllOfIt) {
  const std::string text = cli::requestText(explained("GET", "http://payments/export"));
  EXPECT_THAT(text, HasSubstr("route    export (outrigger.yaml:15): the host payments; paths at and below /export\n"));
  EXPECT_THAT(text, HasSubstr("not      beta (outrigger.yaml:12): it wants the header"));
  EXPECT_THAT(text, HasSubstr("payments (outrigger.yaml:8): 2 endpoints, policy `fragile`, 75 % of the requests\n"));
  EXPECT_THAT(text, HasSubstr("outrigger.yaml:18, overridden by the route"));
  EXPECT_THAT(text, HasSubstr("breaker, one for the upstream: opens after 5 failures in a row"));
  const std::string bare = cli::requestText(explained("GET", "http://elsewhere/"));
  EXPECT_THAT(bare, HasSubstr("no route: answered with 404"));
}

TEST(Explain, EveryReasonHasAdvice) {
  for (size_t i = 0; i < kReasonCount; ++i) {
    EXPECT_FALSE(reference::adviceOn(static_cast<Reason>(i)).lookAt.empty()) << i;
  }
}

}  // namespace
}  // namespace outrigger::control::explain
