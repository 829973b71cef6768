// Where requests go, what is changed on them on the way, and what the upstream and the caller see of us.
#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>

#include "proxy/policy/hash.h"
#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

struct Routed {
  explicit Routed(const std::string& routes, const std::string& more = "") {
    sidecar = &world.sidecar(
        "log: {access: all}\napp: {address: '${app}'}\n"
        "upstreams: {orders: {endpoints: ['${orders}']}, users: {endpoints: ['${users}']}}\n" +
        more + (routes.empty() ? "" : "routes:\n" + routes));
  }
  std::string record(const std::string& name) const { return lastRecord(*sidecar, name); }

  World world;
  Upstream& app = world.upstream("app");
  Upstream& orders = world.upstream("orders");
  Upstream& users = world.upstream("users");
  Sidecar* sidecar = nullptr;
};

// ---- Routes

TEST(Route, TheFirstThatMatchesWins) {
  Routed routed(
      "- {name: exact, match: {host: shop, path: /a}, to: orders}\n"
      "- {name: prefix, match: {host: shop, prefix: /a}, to: users}\n"
      "- {name: rest, match: {host: shop}, respond: {status: 200, body: rest}}\n");
  routed.sidecar->get("shop", "/a?x=1");
  EXPECT_EQ(routed.record("route"), "exact");
  EXPECT_EQ(routed.record("upstream"), "orders");
  routed.sidecar->get("shop", "/a/b");
  EXPECT_EQ(routed.record("route"), "prefix");
  EXPECT_EQ(routed.sidecar->get("shop", "/ab").body, "rest");
  EXPECT_EQ(routed.record("route"), "rest");
}

TEST(Route, EachUpstreamHasOneOfItsOwn) {
  Routed routed("");
  EXPECT_EQ(routed.sidecar->get("orders", "/x").status, 200);
  EXPECT_EQ(routed.sidecar->get("ORDERS", "/x").status, 200);
  EXPECT_EQ(routed.orders.hits(), 2U);
  EXPECT_EQ(routed.users.hits(), 0U);
}

TEST(Route, AForwardProxysTargetIsUnderstood) {
  Routed routed("");
  Client& client = routed.sidecar->connect();
  client.request("GET", "GET http://users/x?y HTTP/1.1\r\nhost: users\r\n\r\n");
  routed.world.run(10ms);
  ASSERT_EQ(routed.users.hits(), 1U);
  EXPECT_EQ(routed.users.requests()[0].target, "/x?y");
  EXPECT_EQ(routed.users.requests()[0].header("host"), "users");
}

TEST(Route, AnOwnListenerLeadsToItsUpstreamWhateverTheHost) {
  Routed routed("");
  Client& client = routed.sidecar->connect(Direction::Outbound, "users");
  client.ask("GET", "whatever.example.com", "/x");
  routed.world.run(10ms);
  EXPECT_EQ(client.complete(), 1U);
  ASSERT_EQ(routed.users.hits(), 1U);
  EXPECT_EQ(routed.users.requests()[0].header("host"), "whatever.example.com");
}

TEST(Route, InboundGoesToTheApp) {
  Routed routed("- {match: {direction: inbound, path: /secret}, respond: {status: 403}}\n");
  EXPECT_EQ(routed.sidecar->request("GET", "anything", "/x", {}, "", Direction::Inbound).status, 200);
  EXPECT_EQ(routed.app.hits(), 1U);
  EXPECT_EQ(routed.record("direction"), "inbound");
  EXPECT_EQ(routed.sidecar->request("GET", "anything", "/secret", {}, "", Direction::Inbound).status, 403);
  EXPECT_EQ(routed.sidecar->get("orders", "/secret").status, 200) << "the outbound side has no such route";
}

TEST(Route, NothingMatches) {
  Routed routed("");
  const auto response = routed.sidecar->get("nobody", "/x");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.reason(), "no-route");
  EXPECT_TRUE(response.body.starts_with("outrigger: no-route: ")) << response.body;
  EXPECT_EQ(response.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(routed.record("upstream"), "");
  EXPECT_EQ(routed.record("route"), "");
  EXPECT_EQ(counted(*routed.sidecar, 404, Reason::NoRoute), 1U);
}

TEST(Route, DotSegmentsCannotEscapeTheirPrefix) {
  Routed routed(
      "- {match: {host: shop, prefix: /public}, to: orders}\n"
      "- {match: {host: shop}, respond: {status: 403}}\n");
  EXPECT_EQ(routed.sidecar->get("shop", "/public/../private").status, 403);
  EXPECT_EQ(routed.sidecar->get("shop", "/private/../public/x").status, 200);
  EXPECT_EQ(routed.orders.requests()[0].target, "/public/x");
}

TEST(Route, WeightsShareTheTraffic) {
  Routed routed("- {match: {host: shop}, to: [{upstream: orders, weight: 90}, {upstream: users, weight: 10}]}\n");
  for (int i = 0; i < 2000; ++i) routed.sidecar->get("shop", "/");
  EXPECT_EQ(routed.orders.hits() + routed.users.hits(), 2000U);
  EXPECT_NEAR(static_cast<double>(routed.users.hits()), 200, 60);  // 4.5 sigma
}

TEST(Route, AWeightOfZeroGetsNothing) {
  Routed routed("- {match: {host: shop}, to: [{upstream: orders, weight: 1}, {upstream: users, weight: 0}]}\n");
  for (int i = 0; i < 200; ++i) routed.sidecar->get("shop", "/");
  EXPECT_EQ(routed.orders.hits(), 200U);
}

TEST(Route, OverridesItsPolicy) {
  Routed routed("- {match: {path: /once}, to: orders, override: {retry: {limit: 0}}}\n");
  routed.orders.replies(503).then(200).then(503).then(200);
  EXPECT_EQ(routed.sidecar->get("orders", "/once").status, 503);
  routed.orders.replies(503).then(200);
  EXPECT_EQ(routed.sidecar->get("orders", "/more").status, 200);
}

// ---- Rewrite, redirect, respond

TEST(Rewrite, ChangesWhatTheUpstreamSees) {
  Routed routed(
      "- {match: {host: shop, prefix: /v1}, to: orders, rewrite: {prefix: /v2, host: orders.internal}}\n"
      "- {match: {host: cut, prefix: /api}, to: orders, rewrite: {prefix: /}}\n"
      "- {match: {host: all, prefix: /}, to: orders, rewrite: {prefix: /v9}}\n");
  const std::vector<std::tuple<const char*, const char*, const char*>> cases = {
      {"shop", "/v1/items?q=1", "/v2/items?q=1"},
      {"shop", "/v1", "/v2"},
      {"shop", "/v1/", "/v2/"},
      {"cut", "/api/items", "/items"},
      {"cut", "/api", "/"},
      {"all", "/items", "/v9/items"},
      {"all", "/", "/v9/"},
  };
  for (const auto& [host, target, expected] : cases) {
    EXPECT_EQ(routed.sidecar->get(host, target).status, 200);
    EXPECT_EQ(routed.orders.requests().back().target, expected) << target;
  }
  EXPECT_EQ(routed.orders.requests()[0].header("host"), "orders.internal");
  EXPECT_EQ(routed.orders.requests()[3].header("host"), "cut");
}

TEST(Rewrite, TheRecordTellsWhatTheCallerAsked) {
  Routed routed("- {match: {host: shop, prefix: /v1}, to: orders, rewrite: {prefix: /v2, host: orders.internal}}\n");
  routed.sidecar->get("shop", "/v1/items?secret=1");
  EXPECT_EQ(routed.record("host"), "shop");
  EXPECT_EQ(routed.record("path"), "/v1/*");
}

TEST(Redirect, KeepsWhatItDoesNotName) {
  Routed routed(
      "- {match: {host: old}, redirect: {status: 301, scheme: https, host: new.example.com}}\n"
      "- {match: {host: moved, prefix: /a}, redirect: {prefix: /b}}\n"
      "- {match: {host: up, prefix: /a}, redirect: {prefix: /}}\n"
      "- {match: {host: fixed}, redirect: {status: 307, path: /here}}\n");
  const auto kept = routed.sidecar->get("old", "/x/y?q=1");
  EXPECT_EQ(kept.status, 301);
  EXPECT_EQ(kept.header("location"), "https://new.example.com/x/y?q=1");
  EXPECT_EQ(kept.reason(), "redirected");
  const auto moved = routed.sidecar->get("moved", "/a/x");
  EXPECT_EQ(moved.status, 307);
  EXPECT_EQ(moved.header("location"), "http://moved/b/x");
  EXPECT_EQ(routed.sidecar->get("up", "/a/x").header("location"), "http://up/x");
  EXPECT_EQ(routed.sidecar->get("up", "/a").header("location"), "http://up/");
  const auto fixed = routed.sidecar->get("fixed", "/x?q=1");
  EXPECT_EQ(fixed.status, 307);
  EXPECT_EQ(fixed.header("location"), "http://fixed/here?q=1");
  EXPECT_EQ(counted(*routed.sidecar, 301, Reason::Redirected), 1U);
}

TEST(Respond, AnswersByItself) {
  Routed routed(
      "- {match: {path: /robots.txt}, respond: {status: 200, body: 'Disallow: /', headers: {x-a: b, content-type: "
      "text/robots}}}\n"
      "- {match: {path: /nothing}, respond: {status: 204}}\n");
  const auto robots = routed.sidecar->get("any", "/robots.txt");
  EXPECT_EQ(robots.status, 200);
  EXPECT_EQ(robots.body, "Disallow: /");
  EXPECT_EQ(robots.header("x-a"), "b");
  EXPECT_EQ(robots.header("content-type"), "text/robots");
  EXPECT_EQ(robots.reason(), "responded");
  const auto nothing = routed.sidecar->get("any", "/nothing");
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(nothing.header("content-length"), "");
  EXPECT_EQ(nothing.header("content-type"), "");
  EXPECT_EQ(counted(*routed.sidecar, 204, Reason::Responded), 1U);
}

TEST(Respond, WithTheBodyOfTheRequestStillToCome) {
  Routed routed("- {match: {path: /no}, respond: {status: 200, body: done}}\n");
  Client& client = routed.sidecar->connect();
  client.ask("POST", "any", "/no", {}, std::string(100000, 'x'));
  client.ask("GET", "orders", "/x");
  routed.world.run(100ms);
  ASSERT_EQ(client.complete(), 2U);
  EXPECT_EQ(client.responses()[0].body, "done");
  EXPECT_EQ(client.responses()[1].body, "ok");
}

// ---- What we add and take away

TEST(Forwarding, IdsAreMadeWhereThereAreNone) {
  Routed routed("");
  routed.sidecar->get("orders", "/");
  routed.sidecar->get("orders", "/");
  const auto& first = routed.orders.requests()[0];
  const auto& second = routed.orders.requests()[1];
  EXPECT_EQ(first.header("x-request-id").size(), 32U);
  EXPECT_NE(first.header("x-request-id"), second.header("x-request-id"));
  EXPECT_EQ(first.header("traceparent").size(), 55U);
  EXPECT_NE(first.header("traceparent"), second.header("traceparent"));
  EXPECT_EQ(routed.record("id"), second.header("x-request-id"));
  EXPECT_EQ(routed.record("trace"), second.header("traceparent").substr(3, 32));
}

std::string hashed(Bytes id) {
  std::ostringstream text;
  text << "~" << std::hex << std::setw(16) << std::setfill('0') << policy::hashOf(id);
  return text.str();
}

TEST(Forwarding, IdsThatCameAreKept) {
  Routed routed("");
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  routed.sidecar->get("orders", "/", {{"x-request-id", "mine"}, {"traceparent", trace}, {"tracestate", "a=b"}});
  const auto& seen = routed.orders.requests()[0];
  EXPECT_EQ(seen.header("x-request-id"), "mine");
  EXPECT_EQ(seen.header("traceparent"), trace);
  EXPECT_EQ(seen.header("tracestate"), "a=b");
  EXPECT_EQ(routed.record("id"), hashed("mine")) << "it does not look like an id, and may be anything";
  EXPECT_EQ(routed.record("trace"), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(Forwarding, RetriesCarryTheSameIds) {
  Routed routed("");
  routed.orders.replies(503).then(200);
  routed.sidecar->get("orders", "/");
  const auto& seen = routed.orders.requests();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].header("x-request-id"), seen[1].header("x-request-id"));
  EXPECT_EQ(seen[0].header("traceparent"), seen[1].header("traceparent"));
  EXPECT_EQ(seen[0].header("via"), seen[1].header("via"));
  EXPECT_EQ(seen[0].header("outrigger-attempt"), "");
}

TEST(Forwarding, TellsTheAppWhoCalls) {
  Routed routed("");
  routed.sidecar->request("GET", "app", "/", {{"x-forwarded-for", "203.0.113.9"}, {"x-forwarded-proto", "https"}}, "",
                          Direction::Inbound);
  const auto& seen = routed.app.requests()[0];
  EXPECT_EQ(seen.header("x-forwarded-for"), "203.0.113.9, 192.0.2.7");
  EXPECT_EQ(seen.header("x-forwarded-proto"), "http") << "an unverified peer may claim anything";
  EXPECT_EQ(seen.header("via"), "1.1 outrigger");
}

TEST(Forwarding, OutboundCallsTellNothingOfTheirCaller) {
  Routed routed("");
  routed.sidecar->get("orders", "/");
  EXPECT_EQ(routed.orders.requests()[0].header("x-forwarded-for"), "");
  EXPECT_EQ(routed.orders.requests()[0].header("x-forwarded-proto"), "");
}

TEST(Forwarding, WhatConcernsOneConnectionDoesNotPass) {
  Routed routed("");
  routed.orders.replies(200, "ok",
                        {{"connection", "x-hop"}, {"x-hop", "1"}, {"keep-alive", "timeout=9"}, {"x-end", "2"}});
  const auto response = routed.sidecar->get("orders", "/",
                                            {{"connection", "x-mine"},
                                             {"x-mine", "1"},
                                             {"keep-alive", "timeout=9"},
                                             {"proxy-connection", "keep-alive"},
                                             {"x-yours", "2"}});
  const auto& seen = routed.orders.requests()[0];
  for (const char* gone : {"connection", "x-mine", "keep-alive", "proxy-connection"}) EXPECT_EQ(seen.header(gone), "");
  EXPECT_EQ(seen.header("x-yours"), "2");
  for (const char* gone : {"connection", "x-hop", "keep-alive"}) EXPECT_EQ(response.header(gone), "") << gone;
  EXPECT_EQ(response.header("x-end"), "2");
}

TEST(Forwarding, NobodyElseSpeaksInOurName) {
  Routed routed("");
  routed.orders.replies(200, "ok", {{"outrigger-reason", "denied"}, {"outrigger-attempts", "9"}, {"outrigger-x", "y"}});
  const auto response = routed.sidecar->get("orders", "/", {{"outrigger-attempt", "7"}, {"outrigger-x", "y"}});
  EXPECT_EQ(routed.orders.requests()[0].header("outrigger-attempt"), "");
  EXPECT_EQ(routed.orders.requests()[0].header("outrigger-x"), "");
  EXPECT_EQ(response.reason(), "");
  EXPECT_EQ(response.header("outrigger-attempts"), "");
  EXPECT_EQ(response.header("outrigger-x"), "");
}

TEST(Forwarding, ALoopIsCut) {
  Routed routed("");
  std::string via = "1.1 outrigger";
  int hops = 1;
  while (routed.sidecar->get("orders", "/", {{"via", via}}).status == 200 && hops < 100) {
    via += ", 1.1 outrigger";
    ++hops;
  }
  EXPECT_EQ(routed.record("reason"), "loop");
  EXPECT_EQ(routed.record("status"), "508");
  EXPECT_GE(hops, 5);
  EXPECT_LE(hops, 30);
}

// ---- The record

TEST(Record, TellsTheWholeStory) {
  Routed routed("- {name: create, match: {host: shop, method: POST}, to: orders}\n", "");
  routed.orders.replies(201, "created!").after(30ms);
  routed.sidecar->post("shop", "/v1/x?token=1", "12345", {{"x-request-id", "0f8fad5b-d9cb-469f-a165-70867728950e"}});
  ASSERT_EQ(routed.sidecar->accessLines().size(), 1U);
  const std::vector<std::pair<const char*, std::string>> expected = {
      {"id", "0f8fad5b-d9cb-469f-a165-70867728950e"},
      {"direction", "outbound"},
      {"method", "POST"},
      {"host", "shop"},
      {"path", "/*"},
      {"route", "create"},
      {"upstream", "orders"},
      {"endpoint", routed.orders.address().text()},
      {"status", "201"},
      {"reason", "ok"},
      {"attempts", "1"},
      {"request_bytes", "5"},
      {"response_bytes", "8"},
      {"peer", "192.0.2.7:50000"},
      {"identity", ""},
      {"protocol", "HTTP/1.1"},
  };
  for (const auto& [name, value] : expected) EXPECT_EQ(routed.record(name), value) << name;
  EXPECT_EQ(routed.sidecar->accessLines()[0].find("token"), std::string::npos);
  EXPECT_NEAR(std::stod(routed.record("duration_ms")), 30.6, 0.5);
  EXPECT_NEAR(std::stod(routed.record("upstream_ms")), 30.4, 0.5);
  EXPECT_TRUE(routed.record("time").starts_with("2026-01-01T00:00:00"));
}

TEST(Record, ErrorsAloneAreTheDefault) {
  World world;
  world.upstream("orders").replies(200).then(404).then(500).then(200);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 4; ++i) sidecar.get("orders", "/");
  sidecar.get("nobody", "/");
  ASSERT_EQ(sidecar.accessLines().size(), 2U);
  EXPECT_EQ(fieldOf(sidecar.accessLines()[0], "status"), "500");
  EXPECT_EQ(fieldOf(sidecar.accessLines()[1], "reason"), "no-route");
}

TEST(Record, NoneMeansNone) {
  World world;
  world.upstream("orders").replies(503);
  auto& sidecar = world.sidecar("log: {access: none}\nupstreams: {orders: {endpoints: ['${orders}']}}");
  for (int i = 0; i < 5; ++i) sidecar.get("orders", "/");
  EXPECT_TRUE(sidecar.accessLines().empty());
}

TEST(Record, HoldsTheHeadersThatTheConfigNames) {
  World world;
  world.upstream("orders");
  auto& sidecar =
      world.sidecar("log: {access: all, headers: [x-team]}\nupstreams: {orders: {endpoints: ['${orders}']}}");
  sidecar.get("orders", "/", {{"X-Team", "pay"}, {"x-other", "secret"}});
  EXPECT_EQ(lastRecord(sidecar, "x-team"), "pay");
  EXPECT_EQ(sidecar.accessLines()[0].find("secret"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::sim
