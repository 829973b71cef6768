// Sessions that stay at an endpoint by a cookie: what callers see when endpoints fail, come and go.
#include <gtest/gtest.h>

#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

std::string config(const std::string& endpoints, const std::string& ttl = "") {
  return "upstreams: {orders: {balance: {hash: {cookie: sid" + ttl + "}}, endpoints: [" + endpoints + "]}}";
}

constexpr const char* kThree = "'${a}', '${b}', '${c}'";

class CookieAffinity : public ::testing::Test {
 protected:
  CookieAffinity() {
    for (const std::string name : {"a", "b", "c"}) world.upstream(name).replies(200, name);
    sidecar = &world.sidecar(config(kThree));
  }
  /// Asks as a browser does: brings its cookie, keeps a new one.
  test::SeenResponse ask() {
    test::Headers headers;
    if (!cookie.empty()) headers.emplace_back("cookie", "theme=dark; " + cookie);
    test::SeenResponse answer = sidecar->get("orders", "/", headers);
    const std::string set = answer.header("set-cookie");
    if (!set.empty()) cookie = set.substr(0, set.find(';'));
    return answer;
  }

  World world;
  Sidecar* sidecar = nullptr;
  std::string cookie;
};

TEST_F(CookieAffinity, TheFirstAnswerBringsACookieAndTheSessionStays) {
  const auto first = ask();
  EXPECT_EQ(first.header("set-cookie"), cookie + "; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(cookie.size(), std::string("sid=").size() + 16);
  for (int i = 0; i < 50; ++i) {
    const auto answer = ask();
    EXPECT_EQ(answer.body, first.body);
    EXPECT_EQ(answer.header("set-cookie"), "") << "once is enough";
  }
}

TEST_F(CookieAffinity, NewSessionsGoEverywhere) {
  std::map<std::string, int> sessions;
  for (int i = 0; i < 150; ++i) {
    cookie.clear();
    ++sessions[ask().body];
  }
  for (const auto& [name, count] : sessions) EXPECT_NEAR(count, 50, 25) << name;
}

TEST_F(CookieAffinity, ATtlIsMaxAge) {
  ASSERT_EQ(sidecar->reload(config(kThree, ", ttl: 1h")), "");
  EXPECT_TRUE(ask().header("set-cookie").ends_with("; Max-Age=3600"));
}

TEST_F(CookieAffinity, EndpointsThatComeDoNotMoveASession) {
  ASSERT_EQ(sidecar->reload(config("'${a}'")), "");
  const std::string home = ask().body;
  for (const std::string endpoints : {"'${a}', '${b}'", "'${c}', '${b}', '${a}'", kThree}) {
    ASSERT_EQ(sidecar->reload(config(endpoints)), "");
    const auto answer = ask();
    EXPECT_EQ(answer.body, home) << endpoints;
    EXPECT_EQ(answer.header("set-cookie"), "");
  }
}

TEST_F(CookieAffinity, AnEjectedEndpointsSessionsMoveAndComeHome) {
  const std::string home = ask().body;
  const std::string before = cookie;
  world.upstream(home).replies(503);
  std::string refuge;
  for (int i = 0; i < 20; ++i) {
    const auto answer = ask();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("set-cookie"), "") << "it will come back";
    if (refuge.empty()) refuge = answer.body;
    EXPECT_EQ(answer.body, refuge) << "always the same other one";
  }
  world.upstream(home).replies(200, home);
  world.run(10s);
  EXPECT_EQ(ask().body, home);
  EXPECT_EQ(cookie, before);
}

TEST_F(CookieAffinity, WhenItsEndpointIsGoneForGoodTheSessionGetsANewCookie) {
  const std::string home = ask().body;
  const std::string before = cookie;
  std::string rest;
  for (const std::string name : {"a", "b", "c"}) {
    if (name != home) rest += (rest.empty() ? "'${" : ", '${") + name + "}'";
  }
  ASSERT_EQ(sidecar->reload(config(rest)), "");
  const auto moved = ask();
  EXPECT_NE(moved.body, home);
  EXPECT_NE(cookie, before);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask().body, moved.body);
  ASSERT_EQ(sidecar->reload(config(kThree)), "");
  EXPECT_EQ(ask().body, moved.body) << "its new home";
}

TEST_F(CookieAffinity, TheCookieNamesWhoAnsweredAfterARetry) {
  world.upstream("a").replies(503);
  world.upstream("b").replies(503);
  for (int i = 0; i < 10; ++i) {
    cookie.clear();
    const auto answer = ask();
    EXPECT_EQ(answer.body, "c");
    ASSERT_NE(cookie, "");
    EXPECT_EQ(ask().body, "c");
  }
}

TEST_F(CookieAffinity, AnErrorGivesNoCookie) {
  for (const std::string name : {"a", "b", "c"}) world.upstream(name).replies(500);
  EXPECT_EQ(ask().status, 500);
  EXPECT_EQ(cookie, "");
}

TEST_F(CookieAffinity, AnApplicationsOwnCookieIsAKeyAndStays) {
  cookie = "sid=JSESSION-4711";
  const auto first = ask();
  EXPECT_EQ(first.header("set-cookie"), "");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask().body, first.body);
}

TEST_F(CookieAffinity, HostileCookiesDoNoHarm) {
  for (const std::string value : {"sid=", "sid=\"", "sid=ffffffffffffffff", "sid=0000000000000000", "sid=;;;=;sid",
                                  "sid=0123456789abcdef0123456789abcdef", "=sid", "sid"}) {
    cookie = value;
    EXPECT_EQ(ask().status, 200) << value;
  }
}

}  // namespace
}  // namespace outrigger::sim
