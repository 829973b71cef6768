// What the verbs that ask a sidecar are made of: whom they ask, and how they show what they hear.
#include <gtest/gtest.h>

#include "control/cli/admin_client.h"
#include "control/cli/event_stream.h"
#include "control/cli/found_in.h"
#include "control/cli/status_text.h"
#include "control/cli/text_table.h"
#include "control/percent.h"

namespace outrigger::control::cli {
namespace {

TEST(AdminAddress, HasSeveralForms) {
  EXPECT_EQ(readAdminAddress("127.0.0.1:15100")->text(), "127.0.0.1:15100");
  EXPECT_EQ(readAdminAddress("15100")->text(), "127.0.0.1:15100");
  EXPECT_EQ(readAdminAddress("localhost:7")->text(), "127.0.0.1:7");
  EXPECT_EQ(readAdminAddress("[::1]:15100")->text(), "[::1]:15100");
  EXPECT_FALSE(readAdminAddress("unix:/run/admin.sock")->isIp());
}

TEST(AdminAddress, WhatIsNoneIsToldWithTheForms) {
  for (const char* text : {"", "0", "65536", "orders:80", "127.0.0.1", "127.0.0.1:0", "0.0.0.0:15100", "localhost:"}) {
    const auto address = readAdminAddress(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_NE(address.error().find("it looks like 127.0.0.1:15100"), std::string::npos) << address.error();
  }
}

TEST(AdminAddress, TheOptionComesBeforeTheVariableAndTheVariableBeforeTheDefault) {
  EXPECT_EQ(chooseAdmin("1", "2")->port(), 1);
  EXPECT_EQ(chooseAdmin("", "2")->port(), 2);
  EXPECT_EQ(chooseAdmin("", "")->text(), kAdminDefault);
  EXPECT_EQ(chooseAdmin("", nullptr)->text(), kAdminDefault);
  EXPECT_TRUE(chooseAdmin("x", "2").error().starts_with("--admin: 'x'"));
  EXPECT_TRUE(chooseAdmin("", "x").error().starts_with("OUTRIGGER_ADMIN: 'x'"));
}

TEST(AdminAddress, APartOfAPathIsEncoded) {
  EXPECT_EQ(percentEncoded("orders-1.x_y~z"), "orders-1.x_y~z");
  EXPECT_EQ(percentEncoded("10.0.0.1:80"), "10.0.0.1%3A80");
  EXPECT_EQ(percentEncoded("a/../b?c\n"), "a%2F..%2Fb%3Fc%0A");
}

TEST(EventStream, PutsEventsTogetherHoweverTheyArrive) {
  std::vector<std::pair<std::string, std::string>> seen;
  EventStream events([&](Bytes name, Bytes data) { seen.emplace_back(name, data); });
  const std::string text = ": a comment\r\nevent: record\r\ndata: {\"a\":1}\r\n\r\ndata: x\ndata: y\n\n\n";
  for (const char c : text) events.take({&c, 1});
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], std::pair(std::string("record"), std::string("{\"a\":1}")));
  EXPECT_EQ(seen[1], std::pair(std::string("message"), std::string("x\ny")));
}

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table({{"name"}, {"n", true}, {"state"}});
  table.add({"orders", "7", "open"});
  table.add({"é", "1234", ""});
  EXPECT_EQ(table.text("  "),
            "  name       n  state\n"
            "  orders     7  open\n"
            "  é       1234\n");
}

TEST(TextTable, NoCellSteersTheTerminal) {
  TextTable table({{"name"}});
  table.add({"a\x1b[2Jb\nc"});
  const std::string text = table.text();
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
}

Json endpoint(const char* state, int ejectedForMs) {
  return {{"address", "10.0.0.1:80"}, {"state", state}, {"ejected_for_ms", ejectedForMs}};
}

StatusPages pagesWith(const Json& upstream) {
  return {.status = {{"version", "1"}, {"ready", true}, {"time", "2026-01-01T00:00:00.000Z"}},
          .upstreams = {{"upstreams", Json::array({upstream})}, {"silent_workers", Json::array()}},
          .decisions = {{"decisions", Json::array()}}};
}

TEST(StatusText, FindsNothingWrongWhereNothingIs) {
  const StatusPages pages =
      pagesWith({{"name", "orders"}, {"breaker", "closed"}, {"endpoints", Json::array({endpoint("healthy", 0)})}});
  EXPECT_TRUE(troubles(pages).empty());
  EXPECT_NE(upstreamTable(pages.upstreams).text().find("1/1"), std::string::npos);
}

TEST(StatusText, AnOpenBreakerAndAnEndpointThatIsOutAreTroubles) {
  const StatusPages pages = pagesWith({{"name", "orders"},
                                       {"breaker", "open"},
                                       {"open_for_ms", 4000},
                                       {"endpoints", Json::array({endpoint("ejected", 30000)})}});
  const auto found = troubles(pages);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], "orders: its breaker is open");
  EXPECT_TRUE(found[1].starts_with("orders: 10.0.0.1:80 is ejected, 30 s left")) << found[1];
  const std::string text = statusText(pages);
  EXPECT_NE(text.find(found[0]), std::string::npos) << text;
  EXPECT_NE(text.find("0/1, 1 ejected"), std::string::npos) << text;
  EXPECT_EQ(statusReport(pages).at("wrong").size(), 2U);
}

Json failing(uint64_t failures, uint64_t requests) {
  Json json = endpoint("healthy", 0);
  json["recent"] = {{"requests", requests}, {"failures", failures}};
  return json;
}

TEST(StatusText, AnEndpointThatFailsIsATroubleThoughNothingHasTakenItOut) {
  const auto foundOf = [](uint64_t failures, uint64_t requests) {
    return troubles(pagesWith({{"name", "app"},
                               {"breaker", "closed"},
                               {"has_breaker", false},
                               {"endpoints", Json::array({failing(failures, requests)})}}));
  };
  ASSERT_EQ(foundOf(20, 20).size(), 1U);
  EXPECT_EQ(foundOf(20, 20)[0], "app: 10.0.0.1:80: 20 of 20 requests failed");
  EXPECT_EQ(foundOf(5, 10).size(), 1U);
  EXPECT_TRUE(foundOf(4, 10).empty()) << "less than half";
  EXPECT_TRUE(foundOf(9, 9).empty()) << "too few";
  EXPECT_EQ(endpointStateText(failing(20, 20)), "healthy, 20 of 20 requests failed");
}

TEST(StatusText, AnOpenBreakerThatWaitsForAProbeIsNoTrouble) {
  const Json upstream = {{"name", "orders"},
                         {"breaker", "open"},
                         {"open_for_ms", -5},
                         {"endpoints", Json::array({endpoint("healthy", 0)})}};
  EXPECT_TRUE(troubles(pagesWith(upstream)).empty());
  EXPECT_EQ(breakerText(upstream), "open; the next request probes it");
}

TEST(StatusText, NamesTheRouteWhoseBreakerItIsAndSaysWhereThereIsNone) {
  Json upstream = {{"name", "orders"},
                   {"breaker", "open"},
                   {"open_for_ms", 3000},
                   {"endpoints", Json::array({endpoint("healthy", 0)})},
                   {"routes", Json::array({{{"route", "get"}, {"breaker", "closed"}, {"open_for_ms", 0}},
                                           {{"route", "pay"}, {"breaker", "open"}, {"open_for_ms", 3000}}})}};
  const auto found = troubles(pagesWith(upstream));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], "orders: its breaker of the route pay is open");
  EXPECT_NE(statusText(pagesWith(upstream)).find("open, 3 s left, route pay"), std::string::npos);
  upstream = {{"name", "orders"}, {"breaker", "closed"}, {"has_breaker", false}};
  EXPECT_NE(upstreamTable({{"upstreams", Json::array({upstream})}}).text().find("no breaker"), std::string::npos);
}

TEST(FoundIn, NumbersThatNoCounterHoldsAreHeldInBounds) {
  const Json json = {{"large", 1e300}, {"small", -1e300}};
  EXPECT_EQ(countIn(json, "large"), uint64_t{1} << 53U);
  EXPECT_EQ(countIn(json, "small"), 0U);
  EXPECT_EQ(spanIn(json, "large"), 24h * 365 * 100);
  EXPECT_EQ(spanIn(json, "small"), -(24h * 365 * 100));
}

TEST(StatusText, PagesOfAnotherVersionAreShownAsFarAsTheyGo) {
  const StatusPages pages{.status = Json::object(), .upstreams = Json::object(), .decisions = Json::array()};
  EXPECT_FALSE(statusText(pages).empty());
  EXPECT_TRUE(statusReport(pages).is_object());
}

}  // namespace
}  // namespace outrigger::control::cli
