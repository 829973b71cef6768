// What `top` shows of a sidecar's state, in terminals of several sizes.
#include "control/cli/top_text.h"

#include <gtest/gtest.h>

#include "control/cli/columns.h"
#include "control/cli/top_order.h"
#include "control/cli/top_state.h"

namespace outrigger::control::cli {
namespace {

Json flow(double rate, const Json& success) {
  return {{"now",
           {{"per_second", rate},
            {"success", success},
            {"p50_ms", 4.5},
            {"p95_ms", 9.5},
            {"p99_ms", 31.0},
            {"in_flight", 3}}},
          {"fine", {{"per_second", Json::array({1, 2, rate})}}}};
}

Json upstream(const std::string& name, const char* breaker = "closed", double success = 1) {
  return {{"name", name},        {"breaker", breaker},
          {"open_for_ms", 3000}, {"pending", 2},
          {"in_flight", 1},      {"now", {{"per_second", 120.0}, {"success", success}, {"retries_per_second", 0}}}};
}

Json endpoint(const std::string& of, const std::string& address, const char* state = "healthy", int failures = 0,
              double slowScore = 0) {
  return {{"upstream", of},      {"address", address},
          {"state", state},      {"recent", {{"requests", 100}, {"failures", failures}}},
          {"p99_ms", 12.0},      {"slow_score", slowScore},
          {"ejected_for_ms", 0}, {"in_flight", 0}};
}

Json stateOf(Json upstreams, Json endpoints) {
  return {{"time", "2026-01-31T12:00:01.250Z"},
          {"header",
           {{"name", "orders-7f"},
            {"version", "1.2.3"},
            {"uptime_ms", 65000},
            {"state", "serving"},
            {"config", {{"file", "/etc/outrigger/outrigger.yaml"}, {"hash", "0123456789"}, {"age_ms", 5000}}}}},
          {"flows", {{"inbound", flow(0, nullptr)}, {"outbound", flow(360, 0.99996)}}},
          {"upstreams", std::move(upstreams)},
          {"endpoints", std::move(endpoints)},
          {"decisions",
           Json::array({{{"id", "0-2"}, {"time", "2026-01-31T12:00:00.000Z"}, {"text", "breaker of x opens"}}})}};
}

std::string textOf(const Json& state, const TopView& view = {}) {
  std::string text;
  for (const TonedLine& line : topLines(state, view)) text += line.text + "\n";
  return text;
}

// Far more than any screen holds, with every word hostile.
Json hostileState() {
  const std::string bad =
      "\x1b[2J\r\n\xC2\x9B"
      "31m\xE2\x80\xAE\xFF 注文 ";
  Json upstreams = Json::array(), endpoints = Json::array(), decisions = Json::array();
  for (int i = 0; i < 30; ++i) {
    const std::string name = bad + std::string(static_cast<size_t>(i) * 7, 'n') + std::to_string(i);
    upstreams.push_back(upstream(name, i % 3 == 0 ? "open" : "closed"));
    for (int j = 0; j < 3; ++j) endpoints.push_back(endpoint(name, bad + std::to_string(j), bad.c_str(), j));
    decisions.push_back({{"time", bad}, {"text", bad + std::to_string(i)}});
  }
  Json state = stateOf(upstreams, endpoints);
  state["decisions"] = decisions;
  for (const char* key : {"name", "version", "state"}) state["header"][key] = bad;
  state["header"]["config"]["rejected"] = {{"text", bad}};
  state["header"]["blockers"] = Json::array({bad});
  return state;
}

TEST(TopText, FitsEveryTerminal) {
  const Json hostile = hostileState();
  const Json calm = stateOf({upstream("orders")}, {endpoint("orders", "10.0.0.1:80")});
  for (const size_t columns : {0, 1, 10, 40, 80, 200}) {
    for (const size_t lines : {0, 1, 5, 12, 24, 60}) {
      for (const bool utf8 : {true, false}) {
        for (const Json& state : {hostile, calm, Json(Json::object()), Json()}) {
          const auto shown = topLines(state, {.columns = columns, .lines = lines, .utf8 = utf8, .keys = "q quits"});
          EXPECT_LE(shown.size(), lines);
          for (const TonedLine& line : shown) {
            EXPECT_LE(columnsOf(line.text), columns) << line.text;
            EXPECT_EQ(fitted(line.text, columns, utf8), line.text) << "there is what a terminal would obey";
          }
        }
      }
    }
  }
}

TEST(TopText, ShowsAllOnEightyByTwentyFour) {
  const std::string text =
      textOf(stateOf({upstream("orders", "open")}, {endpoint("orders", "10.0.0.1:80", "ejected")}));
  EXPECT_EQ(text,
            "outrigger 1.2.3 on orders-7f, up 65 s, serving                      12:00:01 UTC\n"
            "config /etc/outrigger/outrigger.yaml, hash 01234567, applied 5 s ago\n"
            "\n"
            "          requests/s  success     p50     p95    p99  in flight  the last 15 s\n"
            "inbound            0        -  4.5 ms  9.5 ms  31 ms          3              ▅█▁\n"
            "outbound         360  99.99 %  4.5 ms  9.5 ms  31 ms          3              ▂▂█\n"
            "\n"
            "upstream       breaker, state  requests/s  success    p99  in flight  waiting\n"
            "orders         open, 3 s left         120    100 %  12 ms          1        2\n"
            "  10.0.0.1:80  ejected                       100 %  12 ms          0\n"
            "\n"
            "the last decisions, newest first\n"
            "12:00:00  breaker of x opens\n");
}

TEST(TopText, WideTerminalsHaveMoreColumnsAndNarrowOnesKeepWhatCounts) {
  const Json state = stateOf({upstream("orders", "closed", 0.5)}, {endpoint("orders", "10.0.0.1:80")});
  const std::string wide = textOf(state, {.columns = 200});
  EXPECT_NE(wide.find("retries/s"), std::string::npos) << wide;
  EXPECT_NE(wide.find("the last 60 s"), std::string::npos) << wide;
  const std::string narrow = textOf(state, {.columns = 40});
  EXPECT_NE(narrow.find("orders"), std::string::npos) << narrow;
  EXPECT_NE(narrow.find("50.00 %"), std::string::npos) << narrow;
  EXPECT_NE(narrow.find("31 ms"), std::string::npos) << narrow;
  EXPECT_EQ(narrow.find("retries/s"), std::string::npos) << narrow;
}

TEST(TopText, WithoutUpstreamsItSaysSo) {
  Json state = stateOf(Json::array(), Json::array());
  state["decisions"] = Json::array();
  const std::string text = textOf(state);
  EXPECT_TRUE(text.ends_with("\nno upstreams\n")) << text;
}

TEST(TopText, WhatIsWrongStandsInTheHead) {
  Json state = stateOf({upstream("orders")}, Json::array());
  state["header"]["config"]["rejected"] = {{"text", "outrigger.yaml:3: OR101 no such key\nmore"}};
  state["silent_workers"] = Json::array({1});
  const std::string text = textOf(state);
  EXPECT_NE(text.find("the newest config was rejected"), std::string::npos) << text;
  EXPECT_NE(text.find("1 worker did not answer"), std::string::npos) << text;
  EXPECT_EQ(topReport(state).at("wrong").size(), 2U);
  const std::string lost = textOf(state, {.notice = "the sidecar has gone"});
  EXPECT_NE(lost.find("the sidecar has gone"), std::string::npos) << lost;
  EXPECT_EQ(lost.find("rejected"), std::string::npos) << "that was before";
}

TEST(TopText, WhereThereIsNoRoomTroubleIsShown) {
  Json upstreams = Json::array(), endpoints = Json::array();
  for (const char* name : {"a", "b", "c", "d"}) {
    upstreams.push_back(upstream(name));
    for (int i = 1; i < 5; ++i) {
      const bool out = name == std::string("d") && i == 3;
      endpoints.push_back(endpoint(name, std::string(name) + ":" + std::to_string(i), out ? "ejected" : "healthy"));
    }
  }
  const Json state = stateOf(upstreams, endpoints);
  const std::string text = textOf(state, {.lines = 16});
  EXPECT_NE(text.find("d:3"), std::string::npos) << text;
  EXPECT_NE(text.find("more upstreams and endpoints"), std::string::npos) << text;
  EXPECT_LT(text.find("\nd "), text.find("\na ")) << text;
  EXPECT_EQ(textOf(state, {.lines = 60}).find("more upstreams"), std::string::npos);
}

TEST(TopText, DecisionsInTheSameWordsAreOne) {
  Json state = stateOf({upstream("orders")}, Json::array());
  const Json one{{"time", "2026-01-31T12:00:00.000Z"}, {"text", "GET / -> 503"}};
  state["decisions"] = Json::array({one, one, one});
  EXPECT_NE(textOf(state).find("12:00:00  3 x  GET / -> 503\n"), std::string::npos) << textOf(state);
}

TEST(TopOrder, TroubleStandsFirst) {
  const Json state = stateOf(
      {upstream("calm"), upstream("failing", "closed", 0.6), upstream("open", "open"), upstream("half", "half-open"),
       upstream("out"), upstream("slow"), upstream("also-calm")},
      {endpoint("slow", "1:1"), endpoint("slow", "1:2", "healthy", 0, 9.0), endpoint("out", "2:1"),
       endpoint("out", "2:2", "healthy", 40), endpoint("out", "2:3", "returning"), endpoint("out", "2:4", "ejected")});
  const auto sorted = byTrouble(state);
  std::string names, addresses;
  for (const StandingUpstream& one : sorted) {
    names += one.json->at("name").get<std::string>() + (one.trouble ? "! " : " ");
    for (const Standing& endpoint : one.endpoints) {
      addresses += endpoint.json->at("address").get<std::string>() + (endpoint.trouble ? "! " : " ");
    }
  }
  EXPECT_EQ(names, "open! half! out! failing! slow! also-calm calm ");
  EXPECT_EQ(addresses, "2:4! 2:3! 2:2! 2:1 1:2! 1:1 ");
}

TEST(TopOrder, ABreakerOfARouteCounts) {
  Json one = upstream("b");
  one["routes"] = Json::array({{{"route", "slow-lane"}, {"breaker", "open"}, {"open_for_ms", 2000}}});
  const Json state = stateOf({upstream("a"), one}, Json::array());
  EXPECT_EQ(byTrouble(state)[0].json->at("name"), "b");
  EXPECT_NE(textOf(state, {.columns = 100}).find("open, 2 s left, route slow-lane"), std::string::npos);
}

TEST(TopReport, HoldsTheUpstreamsWithTheirEndpoints) {
  const Json report = topReport(stateOf({upstream("orders", "open")}, {endpoint("orders", "10.0.0.1:80")}));
  EXPECT_EQ(report.at("outbound").at("per_second"), 360);
  EXPECT_EQ(report.at("upstreams")[0].at("trouble"), true);
  EXPECT_EQ(report.at("upstreams")[0].at("endpoints")[0].at("address"), "10.0.0.1:80");
  EXPECT_EQ(report.at("decisions").size(), 1U);
  EXPECT_TRUE(topReport(Json::object()).at("upstreams").empty());
}

Json news(uint64_t at, bool whole, const Json& rates, const char* id) {
  return {
      {"header", Json::object()},
      {"whole", whole},
      {"fine_at", at},
      {"flows", {{"inbound", {{"fine", {{"per_second", rates}}}}}, {"outbound", {{"fine", {{"per_second", rates}}}}}}},
      {"decisions", Json::array({{{"id", id}}})}};
}

TEST(TopState, EventsBringWhatIsNew) {
  TopState state;
  state.take(news(3, true, {1, 2, 3}, "0-1"));
  state.take(news(4, false, {3, 4}, "0-2"));
  EXPECT_EQ(state.json()["flows"]["inbound"]["fine"]["per_second"], Json({1, 2, 3, 4}));
  EXPECT_EQ(state.json()["decisions"].size(), 2U);
  EXPECT_EQ(state.json()["decisions"][0]["id"], "0-2");
  state.take(news(4, false, {4}, "0-2"));
  EXPECT_EQ(state.json()["flows"]["inbound"]["fine"]["per_second"], Json({1, 2, 3, 4})) << "that was known";
  EXPECT_EQ(state.json()["decisions"].size(), 2U);
}

TEST(TopState, AnotherProcessBeginsAnew) {
  TopState state;
  state.take(news(300, true, {1, 2, 3}, "0-1"));
  state.take(news(2, false, {7, 8}, "0-1"));
  EXPECT_EQ(state.json()["flows"]["inbound"]["fine"]["per_second"], Json({7, 8}));
  EXPECT_EQ(state.json()["decisions"].size(), 1U);
}

TEST(TopState, WhatIsNoStateChangesNothing) {
  TopState state;
  state.take(news(1, true, {1}, "0-1"));
  for (const Json& other : {Json(), Json::array({1}), Json{{"error", "x"}}}) state.take(other);
  EXPECT_EQ(state.json()["fine_at"], 1);
}

}  // namespace
}  // namespace outrigger::control::cli
