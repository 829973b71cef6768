#include "proxy/policy/route_match.h"

#include <gtest/gtest.h>

#include "proxy/base/rng.h"
#include "proxy/policy/router.h"

namespace outrigger::policy {
namespace {

using PathKind = RouteMatch::PathKind;

RouteMatch exact(std::string path) {
  return {.pathKind = PathKind::Exact, .path = std::move(path)};
}
RouteMatch prefix(std::string path) {
  return {.pathKind = PathKind::Prefix, .path = std::move(path)};
}
RouteMatch regex(std::string path) {
  return {.pathKind = PathKind::Regex, .path = std::move(path)};
}

TEST(PrefixTakes, WholeSegments) {
  EXPECT_TRUE(prefixTakes("/v1", "/v1"));
  EXPECT_TRUE(prefixTakes("/v1", "/v1/"));
  EXPECT_TRUE(prefixTakes("/v1", "/v1/x"));
  EXPECT_FALSE(prefixTakes("/v1", "/v1x"));
  EXPECT_FALSE(prefixTakes("/v1", "/v"));
  EXPECT_FALSE(prefixTakes("/v1", "/V1"));
  EXPECT_FALSE(prefixTakes("/v1", "/x/v1"));
  EXPECT_TRUE(prefixTakes("/v1/", "/v1/"));
  EXPECT_TRUE(prefixTakes("/v1/", "/v1/x"));
  EXPECT_FALSE(prefixTakes("/v1/", "/v1"));
  EXPECT_TRUE(prefixTakes("/", "/"));
  EXPECT_TRUE(prefixTakes("/", "/x/y"));
  EXPECT_TRUE(prefixTakes("/", "*"));
  EXPECT_TRUE(prefixTakes("", "/x"));
}

TEST(Shadows, Paths) {
  EXPECT_TRUE(shadows({}, {}));
  EXPECT_TRUE(shadows({}, exact("/x")));
  EXPECT_TRUE(shadows({}, regex("/x.*")));
  EXPECT_TRUE(shadows(prefix("/"), {}));
  EXPECT_TRUE(shadows(prefix("/"), regex("/x")));
  EXPECT_TRUE(shadows(prefix("/v1"), prefix("/v1")));
  EXPECT_TRUE(shadows(prefix("/v1"), prefix("/v1/x")));
  EXPECT_TRUE(shadows(prefix("/v1"), exact("/v1/x")));
  EXPECT_TRUE(shadows(exact("/x"), exact("/x")));
  EXPECT_TRUE(shadows(regex("/x+"), regex("/x+")));
  EXPECT_FALSE(shadows(exact("/x"), {}));
  EXPECT_FALSE(shadows(exact("/x"), prefix("/x")));
  EXPECT_FALSE(shadows(exact("/x"), exact("/y")));
  EXPECT_FALSE(shadows(prefix("/v1"), prefix("/v1x")));
  EXPECT_FALSE(shadows(prefix("/v1/"), prefix("/v1")));
  EXPECT_FALSE(shadows(prefix("/v1/x"), prefix("/v1")));
  EXPECT_FALSE(shadows(prefix("/v1"), regex("/v1/.*")));
  EXPECT_FALSE(shadows(regex("/x+"), exact("/x")));
}

TEST(Shadows, Hosts) {
  const auto host = [](std::string name) { return RouteMatch{.host = std::move(name)}; };
  EXPECT_TRUE(shadows(host(""), host("a.b")));
  EXPECT_TRUE(shadows(host("a.b"), host("a.b")));
  EXPECT_TRUE(shadows(host(".b"), host("a.b")));
  EXPECT_TRUE(shadows(host(".b"), host(".b")));
  EXPECT_TRUE(shadows(host(".b"), host(".a.b")));
  EXPECT_FALSE(shadows(host(".b"), host("b")));
  EXPECT_FALSE(shadows(host(".a.b"), host(".b")));
  EXPECT_FALSE(shadows(host(".b"), host("ab")));
  EXPECT_FALSE(shadows(host("a.b"), host("")));
  EXPECT_FALSE(shadows(host("b"), host("a.b")));
}

TEST(Shadows, PortsMethodsHeadersAndDirection) {
  EXPECT_TRUE(shadows({.ports = {80, 0}}, {.ports = {80}}));
  EXPECT_FALSE(shadows({.ports = {80}}, {.ports = {80, 0}}));
  EXPECT_FALSE(shadows({.ports = {80}}, {}));
  EXPECT_TRUE(shadows({}, {.ports = {80}}));
  EXPECT_TRUE(shadows({.methods = {"GET", "PUT"}}, {.methods = {"PUT"}}));
  EXPECT_FALSE(shadows({.methods = {"GET"}}, {}));
  EXPECT_FALSE(shadows({.methods = {"GET"}}, {.methods = {"GET", "PUT"}}));
  EXPECT_TRUE(shadows({.headers = {{"X-A", "1"}}}, {.headers = {{"x-b", "2"}, {"x-a", "1"}}}));
  EXPECT_FALSE(shadows({.headers = {{"x-a", "1"}}}, {.headers = {{"x-a", "2"}}}));
  EXPECT_FALSE(shadows({.headers = {{"x-a", "1"}}}, {}));
  EXPECT_FALSE(shadows({.direction = Direction::Inbound}, {}));
}

// What one route is said to hide, the router never finds behind it.
TEST(Shadows, IsNeverWronglyTrue) {
  const std::string hosts[] = {"", "a", "b.a", "c.b.a", ".a", ".b.a"};
  const std::string paths[] = {"/", "/v1", "/v1/", "/v1/x", "/v1x"};
  int shadowed = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    Rng rng(seed);
    const auto random = [&] {
      RouteMatch match;
      match.host = hosts[rng.below(std::size(hosts))];
      match.pathKind = static_cast<PathKind>(rng.below(4));
      match.path = paths[rng.below(std::size(paths))];
      if (rng.chance(0.3)) match.methods = {"GET"};
      if (rng.chance(0.2)) match.methods = {"GET", "POST"};
      if (rng.chance(0.3)) match.ports = {80};
      if (rng.chance(0.2)) match.ports = {0, 80};
      if (rng.chance(0.3)) match.headers = {{"x-a", "1"}};
      return match;
    };
    const RouteMatch earlier = random();
    const RouteMatch later = random();
    if (!shadows(earlier, later)) continue;
    ++shadowed;
    const auto router = Router::build({earlier, later}).value();
    for (int i = 0; i < 20; ++i) {
      const std::string authority = hosts[rng.below(4)] + (rng.chance(0.5) ? ":80" : "");
      http::Field fields[1] = {{http::Header::Other, "x-a", "1"}};
      http::RequestHead head;
      head.authority = authority;
      head.path = paths[rng.below(std::size(paths))];
      head.method = rng.chance(0.5) ? http::Method::Get : http::Method::Post;
      head.fields = http::FieldList(fields);
      if (rng.chance(0.5)) head.fields.add("x-a", "1");
      ASSERT_NE(router->find(Direction::Outbound, head), 1U) << "seed " << seed;
    }
  }
  EXPECT_GT(shadowed, 20);
}

}  // namespace
}  // namespace outrigger::policy
