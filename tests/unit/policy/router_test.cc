#include "proxy/policy/router.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "proxy/base/rng.h"
#include "proxy/http/host.h"

namespace outrigger::policy {
namespace {

using PathKind = RouteMatch::PathKind;

std::unique_ptr<const Router> build(const std::vector<RouteMatch>& matches) {
  auto router = Router::build(matches);
  EXPECT_TRUE(router) << router.error().why;
  return std::move(*router);
}

// A request; its texts are literals or outlive it.
struct Request {
  Bytes authority;
  Bytes path = "/";
  Bytes method = "GET";
  std::vector<std::pair<Bytes, Bytes>> fields{};
};

std::optional<size_t> find(const Router& router, const Request& request, Direction direction = Direction::Outbound) {
  std::array<http::Field, 8> storage;
  http::RequestHead head;
  head.method = http::methodOf(request.method);
  head.methodText = request.method;
  head.authority = request.authority;
  head.path = request.path;
  head.fields = http::FieldList(storage);
  for (const auto& [name, value] : request.fields) head.fields.add(name, value);
  return router.find(direction, head);
}

TEST(Router, WithoutRoutesNothingMatches) {
  EXPECT_FALSE(find(*build({}), {"payments", "/"}));
}

TEST(Router, TheFirstMatchWins) {
  const auto router = build({{.pathKind = PathKind::Prefix, .path = "/a/b"},
                             {.pathKind = PathKind::Prefix, .path = "/a"},
                             {.host = "payments"},
                             {.pathKind = PathKind::Prefix, .path = "/"},
                             {.host = "payments"}});
  EXPECT_EQ(find(*router, {"payments", "/a/b/c"}), 0U);
  EXPECT_EQ(find(*router, {"payments", "/a"}), 1U);
  EXPECT_EQ(find(*router, {"payments", "/c"}), 2U);
  EXPECT_EQ(find(*router, {"ledger", "/c"}), 3U);
  EXPECT_EQ(find(*router, {"ledger", "*", "OPTIONS"}), 3U);
}

TEST(Router, HostsAreComparedWithoutCaseAndPort) {
  const auto router = build({{.host = "payments"}, {.host = "::1"}, {.host = "10.0.0.7"}});
  for (const Bytes authority : {"payments", "PAYMENTS", "Payments:8080", "payments:1"}) {
    EXPECT_EQ(find(*router, {authority}), 0U) << authority;
  }
  EXPECT_EQ(find(*router, {"[::1]:80"}), 1U);
  EXPECT_EQ(find(*router, {"10.0.0.7:80"}), 2U);
  for (const Bytes authority :
       {"payments.", "xpayments", "payments.shop", "", "payments:", "payments:0", "payments:x"}) {
    EXPECT_FALSE(find(*router, {authority})) << authority;
  }
}

TEST(Router, SuffixesTakeWhateverEndsSo) {
  const auto router =
      build({{.host = "a.shop.local"}, {.host = ".shop.local"}, {.host = ".local"}, {.host = "b.shop.local"}});
  EXPECT_EQ(find(*router, {"a.shop.local"}), 0U);
  EXPECT_EQ(find(*router, {"b.shop.local"}), 1U);
  EXPECT_EQ(find(*router, {"x.Y.SHOP.local:80"}), 1U);
  EXPECT_EQ(find(*router, {"shop.local"}), 2U);
  EXPECT_FALSE(find(*router, {"local"}));
  EXPECT_FALSE(find(*router, {"shoplocal"}));
}

TEST(Router, AWiderSuffixBeforeANarrowerOneWins) {
  const auto router = build({{.host = ".local"}, {.host = ".shop.local"}, {.host = "a.shop.local"}});
  EXPECT_EQ(find(*router, {"a.shop.local"}), 0U);
  EXPECT_EQ(find(*router, {"b.shop.local"}), 0U);
}

TEST(Router, RoutesOfNameSuffixAndAnyHostStayInOrder) {
  const auto exactly = [](std::string host, std::string path) {
    return RouteMatch{.host = std::move(host), .pathKind = PathKind::Exact, .path = std::move(path)};
  };
  const auto router = build({exactly("", "/0"),
                             exactly("a.b", "/1"),
                             exactly(".b", "/2"),
                             exactly("", "/3"),
                             exactly("a.b", "/4"),
                             exactly("", "/1"),
                             exactly(".b", "/0"),
                             {}});
  EXPECT_EQ(find(*router, {"a.b", "/0"}), 0U);
  EXPECT_EQ(find(*router, {"a.b", "/1"}), 1U);
  EXPECT_EQ(find(*router, {"a.b", "/2"}), 2U);
  EXPECT_EQ(find(*router, {"a.b", "/3"}), 3U);
  EXPECT_EQ(find(*router, {"a.b", "/4"}), 4U);
  EXPECT_EQ(find(*router, {"x.b", "/1"}), 5U);
  EXPECT_EQ(find(*router, {"x.b", "/2"}), 2U);
  EXPECT_EQ(find(*router, {"c", "/2"}), 7U);
}

TEST(Router, PortsOfTheAuthority) {
  const auto router = build({{.host = "a", .ports = {8080}}, {.host = "a", .ports = {0, 80}}, {.ports = {99}}});
  EXPECT_EQ(find(*router, {"a:8080"}), 0U);
  EXPECT_EQ(find(*router, {"a"}), 1U);
  EXPECT_EQ(find(*router, {"a:80"}), 1U);
  EXPECT_EQ(find(*router, {"a:99"}), 2U);
  EXPECT_EQ(find(*router, {"b:99"}), 2U);
  EXPECT_FALSE(find(*router, {"a:81"}));
  EXPECT_FALSE(find(*router, {"b"}));
}

TEST(Router, PortsAloneAreEnough) {
  const auto router = build({{.ports = {80}}, {.ports = {0}}});
  EXPECT_EQ(find(*router, {"a:80"}), 0U);
  EXPECT_EQ(find(*router, {"a"}), 1U);
  EXPECT_FALSE(find(*router, {"a:81"}));
}

TEST(Router, AnAuthorityThatCannotBeSplitMatchesOnlyRoutesWithoutHostAndPorts) {
  const auto router = build({{.host = "a"}, {.ports = {0}}, {.pathKind = PathKind::Prefix, .path = "/any"}});
  for (const Bytes authority : {"", "a b", "a:99999", "[::1", "a/b"}) {
    EXPECT_FALSE(find(*router, {authority, "/x"})) << authority;
    EXPECT_EQ(find(*router, {authority, "/any"}), 2U) << authority;
  }
}

TEST(Router, MethodsKnownAndUnknown) {
  const auto router = build({{.methods = {"GET", "PROPFIND"}}, {.methods = {"POST"}}});
  EXPECT_EQ(find(*router, {"a", "/", "GET"}), 0U);
  EXPECT_EQ(find(*router, {"a", "/", "PROPFIND"}), 0U);
  EXPECT_EQ(find(*router, {"a", "/", "POST"}), 1U);
  EXPECT_FALSE(find(*router, {"a", "/", "get"}));
  EXPECT_FALSE(find(*router, {"a", "/", "MKCOL"}));
  EXPECT_FALSE(find(*router, {"a", "/", "HEAD"}));
}

TEST(Router, PathsExactPrefixAndRegex) {
  const auto router = build({{.pathKind = PathKind::Exact, .path = "/v1"},
                             {.pathKind = PathKind::Prefix, .path = "/v1/a"},
                             {.pathKind = PathKind::Regex, .path = "/v1/[0-9]+"}});
  EXPECT_EQ(find(*router, {"a", "/v1"}), 0U);
  EXPECT_EQ(find(*router, {"a", "/v1/a"}), 1U);
  EXPECT_EQ(find(*router, {"a", "/v1/a/b"}), 1U);
  EXPECT_EQ(find(*router, {"a", "/v1/42"}), 2U);
  for (const Bytes path : {"/v1/", "/v1/ab", "/v1/42x", "/x/v1/42", "/v1/42/", "/V1"}) {
    EXPECT_FALSE(find(*router, {"a", path})) << path;
  }
}

TEST(Router, HeadersByExactValueOfAnyLine) {
  const auto router = build({{.headers = {{"X-Beta", "1"}, {"x-team", "pay"}}}, {.headers = {{"x-beta", "1"}}}});
  EXPECT_EQ(find(*router, {"a", "/", "GET", {{"x-beta", "1"}, {"X-TEAM", "pay"}}}), 0U);
  EXPECT_EQ(find(*router, {"a", "/", "GET", {{"x-beta", "0"}, {"x-beta", "1"}}}), 1U);
  EXPECT_FALSE(find(*router, {"a", "/", "GET", {{"x-beta", "1, 0"}}}));
  EXPECT_FALSE(find(*router, {"a", "/", "GET", {{"x-beta", ""}}}));
  EXPECT_FALSE(find(*router, {"a", "/", "GET", {{"x-team", "pay"}}}));
}

TEST(Router, DirectionsDoNotMix) {
  const auto router = build({{.direction = Direction::Inbound, .host = "a"}, {.host = "a"}});
  EXPECT_EQ(find(*router, {"a"}, Direction::Inbound), 0U);
  EXPECT_EQ(find(*router, {"a"}, Direction::Outbound), 1U);
}

TEST(Router, ABadExpressionIsNamedWithItsRoute) {
  const auto bad = Router::build({{}, {.pathKind = PathKind::Regex, .path = "/(unclosed"}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().route, 1U);
  EXPECT_FALSE(bad.error().why.empty());
  std::string expression;
  for (int i = 0; i < 20; ++i) expression += "/[^/]{1000}";
  const auto huge = Router::build({{.pathKind = PathKind::Regex, .path = expression}});
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().route, 0U);
}

TEST(Router, AnExpressionThatIsHardForOthersIsNotForUs) {
  const auto router = build({{.pathKind = PathKind::Regex, .path = "/(a+)+b"}});
  const std::string path = "/" + std::string(5000, 'a');
  EXPECT_FALSE(find(*router, {"a", path}));
}

TEST(Router, LongNamesAreHarmless) {
  const auto router = build({{.host = ".b"}, {}});
  std::string name;
  while (name.size() < 250) name += "a.";
  EXPECT_EQ(find(*router, {name + "b"}), 0U);
  EXPECT_EQ(find(*router, {name + "aaaaaaaaaa.b"}), 1U) << "no name";
  const std::string literal = "[" + std::string(1000, '1') + "]";
  EXPECT_EQ(find(*router, {literal}), 1U);
}

// ---- Against a plain scan ----------------------------------------------------------------------------------------

struct Expression {
  const char* text;
  bool (*takes)(Bytes path);
};
const Expression kExpressions[] = {
    {"/v[0-9]", [](Bytes path) { return path.size() == 3 && path.starts_with("/v") && isDigit(path[2]); }},
    {"/.*", [](Bytes path) { return path.starts_with('/'); }},
    {"/v1/x|/v2", [](Bytes path) { return path == "/v1/x" || path == "/v2"; }},
};

bool takes(const RouteMatch& match, const Request& request) {
  const auto authority = http::parseHost(request.authority);
  std::string host(authority ? authority->host : Bytes());
  for (char& c : host) c = lowerAscii(c);
  if (!match.host.empty()) {
    if (!authority) return false;
    if (match.host.starts_with('.') ? !host.ends_with(match.host) : host != match.host) return false;
  }
  if (!match.ports.empty() && (!authority || std::ranges::find(match.ports, authority->port) == match.ports.end())) {
    return false;
  }
  if (!match.methods.empty() && std::ranges::find(match.methods, request.method) == match.methods.end()) return false;
  for (const auto& wanted : match.headers) {
    if (std::ranges::none_of(request.fields, [&](const auto& field) {
          return equalsIgnoreCase(field.first, wanted.first) && field.second == wanted.second;
        })) {
      return false;
    }
  }
  switch (match.pathKind) {
    case PathKind::Any: return true;
    case PathKind::Exact: return match.path == request.path;
    case PathKind::Prefix: return prefixTakes(match.path, request.path);
    case PathKind::Regex: break;
  }
  return std::ranges::find(kExpressions, match.path, &Expression::text)->takes(request.path);
}

TEST(Router, AgreesWithAScanOverAllRoutes) {
  const std::string hosts[] = {"", "a", "b.a", "c.b.a", "d", ".a", ".b.a", ".b"};
  const std::string authorities[] = {"", "a", "A:80", "b.a", "c.b.a:81", "C.B.A", "x.c.b.a", "d", "q.b", "b", "a b"};
  const std::string paths[] = {"/", "/v1", "/v1/x", "/v1x", "/v2"};
  const std::string methods[] = {"GET", "POST", "MKCOL"};
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    std::vector<RouteMatch> matches(rng.below(12));
    for (RouteMatch& match : matches) {
      match.host = hosts[rng.below(std::size(hosts))];
      match.pathKind = static_cast<PathKind>(rng.below(4));
      match.path =
          match.pathKind == PathKind::Regex ? kExpressions[rng.below(3)].text : paths[rng.below(std::size(paths))];
      if (rng.chance(0.3)) match.methods = {methods[rng.below(3)]};
      if (rng.chance(0.2)) match.ports = {static_cast<uint16_t>(rng.below(2) * 80)};
      if (rng.chance(0.2)) match.headers = {{"x-a", "1"}};
    }
    const auto router = build(matches);
    for (int i = 0; i < 20; ++i) {
      Request request{authorities[rng.below(std::size(authorities))], paths[rng.below(std::size(paths))],
                      methods[rng.below(3)]};
      if (rng.chance(0.5)) request.fields.emplace_back("X-A", "1");
      const auto expected = std::ranges::find_if(matches, [&](const RouteMatch& m) { return takes(m, request); });
      const auto found = find(*router, request);
      ASSERT_EQ(found.has_value(), expected != matches.end()) << "seed " << seed;
      ASSERT_EQ(found.value_or(matches.size()), static_cast<size_t>(expected - matches.begin())) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace outrigger::policy
