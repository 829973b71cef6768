#include "control/admin/pages_json.h"

#include <gtest/gtest.h>

namespace outrigger::control::admin {
namespace {

using upstream::EndpointState;
using BreakerState = policy::Breaker::State;

constexpr Instant kNow{1000s};

UpstreamReport payments() {
  UpstreamReport upstream;
  upstream.name = "payments";
  upstream.hasBreaker = true;
  upstream.retryTokens = 9.5;
  upstream.retryCap = 10;
  upstream.pending = 1;
  upstream.connections = 4;
  upstream.median = 1500us;
  EndpointReport endpoint;
  endpoint.address = "10.0.0.7:8080";
  endpoint.inFlight = 2;
  upstream.endpoints.push_back(endpoint);
  endpoint.address = "10.0.0.8:8080";
  endpoint.weight = 3;
  endpoint.inFlight = 0;
  upstream.endpoints.push_back(endpoint);
  return upstream;
}

Gathering::Result gathered(std::vector<std::vector<UpstreamReport>> byWorker) {
  Gathering::Result result;
  for (uint32_t worker = 0; worker < byWorker.size(); ++worker) {
    result.reports.push_back({worker, std::move(byWorker[worker]), {}});
  }
  return result;
}

Json onlyUpstream(std::vector<std::vector<UpstreamReport>> byWorker) {
  const Json json = upstreamsJson(gathered(std::move(byWorker)), kNow);
  EXPECT_EQ(json["upstreams"].size(), 1U);
  return json["upstreams"][0];
}

TEST(UpstreamsJson, OneWorkersView) {
  EXPECT_EQ(upstreamsJson(gathered({{payments()}}), kNow), Json::parse(R"({
    "workers": 1,
    "upstreams": [{
      "name": "payments", "breaker": "closed", "has_breaker": true, "open_for_ms": 0, "retry_tokens": 9.5,
      "retry_cap": 10.0, "pending": 1, "connections": 4, "median_ms": 1.5,
      "endpoints": [
        {"address": "10.0.0.7:8080", "weight": 1, "state": "healthy", "share": 1.0, "in_flight": 2,
         "failures_in_a_row": 0, "ejections": 0, "ejected_for_ms": 0, "recent": {"requests": 0, "failures": 0},
         "p99_ms": 0.0, "slow_score": 0.0},
        {"address": "10.0.0.8:8080", "weight": 3, "state": "healthy", "share": 1.0, "in_flight": 0,
         "failures_in_a_row": 0, "ejections": 0, "ejected_for_ms": 0, "recent": {"requests": 0, "failures": 0},
         "p99_ms": 0.0, "slow_score": 0.0}]}]})"));
}

TEST(UpstreamsJson, WhatAddsUpAndWhatDoesNot) {
  UpstreamReport second = payments();
  second.retryTokens = 1;
  second.median = 4ms;
  second.endpoints[0].ejections = 2;
  second.endpoints[0].run = 3;
  const Json json = onlyUpstream({{payments()}, {second}});
  EXPECT_EQ(json["retry_tokens"], 10.5);
  EXPECT_EQ(json["pending"], 2);
  EXPECT_EQ(json["connections"], 8);
  EXPECT_EQ(json["median_ms"], 4.0);
  EXPECT_EQ(json["endpoints"].size(), 2U);
  EXPECT_EQ(json["endpoints"][0]["in_flight"], 4);
  EXPECT_EQ(json["endpoints"][0]["ejections"], 2);
  EXPECT_EQ(json["endpoints"][0]["failures_in_a_row"], 3);
  EXPECT_EQ(json["endpoints"][0]["weight"], 1);
  EXPECT_FALSE(json.contains("workers")) << "states agree";
  EXPECT_FALSE(json["endpoints"][0].contains("workers"));
}

TEST(UpstreamsJson, TheWorstBreakerCounts) {
  UpstreamReport open = payments();
  open.breaker.state = BreakerState::Open;
  open.breaker.openUntil = kNow + 350ms;
  UpstreamReport probing = payments();
  probing.breaker.state = BreakerState::HalfOpen;
  probing.breaker.openUntil = kNow + 1h;  // means nothing now
  const Json json = onlyUpstream({{payments()}, {open}, {probing}});
  EXPECT_EQ(json["breaker"], "open");
  EXPECT_EQ(json["open_for_ms"], 350);
  EXPECT_EQ(json["workers"], Json::parse(R"([
    {"worker": 0, "breaker": "closed", "open_for_ms": 0},
    {"worker": 1, "breaker": "open", "open_for_ms": 350},
    {"worker": 2, "breaker": "half-open", "open_for_ms": 0}])"));
}

TEST(UpstreamsJson, RoutesWithBreakersOfTheirOwn) {
  UpstreamReport one = payments();
  one.breakers = {{"create", BreakerState::Open, kNow + 200ms}, {"list", BreakerState::Closed, {}}};
  UpstreamReport other = payments();
  other.breakers = {{"create", BreakerState::HalfOpen, kNow}, {"list", BreakerState::Closed, {}}};
  EXPECT_EQ(onlyUpstream({{one}, {other}})["routes"], Json::parse(R"([
    {"route": "create", "breaker": "open", "open_for_ms": 200},
    {"route": "list", "breaker": "closed", "open_for_ms": 0}])"));
  EXPECT_FALSE(onlyUpstream({{payments()}}).contains("routes"));
}

TEST(UpstreamsJson, TheWorstStateOfAnEndpointCounts) {
  UpstreamReport ejected = payments();
  ejected.endpoints[1].state = EndpointState::Ejected;
  ejected.endpoints[1].share = 0;
  ejected.endpoints[1].ejectedUntil = kNow + 5s;
  ejected.endpoints[1].ejections = 1;
  UpstreamReport returning = payments();
  returning.endpoints[1].state = EndpointState::Returning;
  returning.endpoints[1].share = 0.11699;
  const Json json = onlyUpstream({{returning}, {ejected}});
  const Json& endpoint = json["endpoints"][1];
  EXPECT_EQ(endpoint["state"], "ejected");
  EXPECT_EQ(endpoint["share"], 0.0);
  EXPECT_EQ(endpoint["ejected_for_ms"], 5000);
  EXPECT_EQ(endpoint["workers"], Json::parse(R"([
    {"worker": 0, "state": "returning", "share": 0.117, "failures_in_a_row": 0, "ejected_for_ms": 0},
    {"worker": 1, "state": "ejected", "share": 0.0, "failures_in_a_row": 0, "ejected_for_ms": 5000}])"));
  EXPECT_FALSE(json["endpoints"][0].contains("workers"));
}

TEST(UpstreamsJson, WhatEjectionKnowsOfAnEndpoint) {
  UpstreamReport one = payments();
  one.endpoints[0].requests = 830;
  one.endpoints[0].failures = 3;
  one.endpoints[0].p99 = 12ms;
  one.endpoints[0].slowScore = 7.25;
  UpstreamReport other = payments();
  other.endpoints[0].requests = 170;
  other.endpoints[0].failures = 1;
  other.endpoints[0].p99 = 15ms;
  const Json endpoint = onlyUpstream({{one}, {other}})["endpoints"][0];
  EXPECT_EQ(endpoint["recent"], Json::parse(R"({"requests": 1000, "failures": 4})"));
  EXPECT_EQ(endpoint["p99_ms"], 15.0);
  EXPECT_EQ(endpoint["slow_score"], 7.25);
}

TEST(UpstreamsJson, ATimeThatIsOverIsNotNegative) {
  UpstreamReport open = payments();
  open.breaker.state = BreakerState::Open;
  open.breaker.openUntil = kNow - 1s;  // the next request will find it half-open
  EXPECT_EQ(onlyUpstream({{open}})["open_for_ms"], 0);
}

TEST(UpstreamsJson, WorkersBeforeAndAfterAReload) {
  UpstreamReport fresh = payments();
  fresh.endpoints[1].address = "10.0.0.9:8080";
  UpstreamReport ledger;
  ledger.name = "ledger";
  const Json json = upstreamsJson(gathered({{payments()}, {ledger, fresh}}), kNow);
  ASSERT_EQ(json["upstreams"].size(), 2U);
  EXPECT_EQ(json["upstreams"][0]["endpoints"].size(), 3U);
  EXPECT_EQ(json["upstreams"][1]["name"], "ledger");
  EXPECT_EQ(json["upstreams"][1]["endpoints"], Json::array());
}

TEST(UpstreamsJson, SilentWorkersAreNamed) {
  Gathering::Result result = gathered({{payments()}});
  result.silent = {1, 3};
  const Json json = upstreamsJson(result, kNow);
  EXPECT_EQ(json["workers"], 3);
  EXPECT_EQ(json["silent_workers"], Json::parse("[1, 3]"));
  EXPECT_EQ(upstreamsJson({{}, {0}}, kNow)["upstreams"], Json::array());
}

// ---- Decisions

server::Decision decision(Duration at, const char* text) {
  return {.time = WallTime(1'800'000'000s + at), .kind = "breaker", .upstream = "payments", .text = text};
}

TEST(DecisionsJson, TheNewestOfAllWorkersFirst) {
  Gathering::Result result;
  result.reports.push_back({0, {}, {decision(1s, "first"), decision(3s, "third")}});
  result.reports.push_back({1, {}, {decision(2s, "second")}});
  result.reports[1].decisions[0].endpoint = "10.0.0.7:8080";
  EXPECT_EQ(decisionsJson(result), Json::parse(R"({"workers": 2, "decisions": [
    {"time": "2027-01-15T08:00:03.000Z", "worker": 0, "kind": "breaker", "upstream": "payments", "text": "third"},
    {"time": "2027-01-15T08:00:02.000Z", "worker": 1, "kind": "breaker", "upstream": "payments",
     "endpoint": "10.0.0.7:8080", "text": "second"},
    {"time": "2027-01-15T08:00:01.000Z", "worker": 0, "kind": "breaker", "upstream": "payments", "text": "first"}]})"));
}

TEST(DecisionsJson, WhatAWorkerDecidedInOneInstantStaysNewestFirst) {
  Gathering::Result result;
  result.reports.push_back({0, {}, {decision(1s, "cause"), decision(1s, "effect")}});
  const Json json = decisionsJson(result);
  EXPECT_EQ(json["decisions"][0]["text"], "effect");
  EXPECT_EQ(json["decisions"][1]["text"], "cause");
}

TEST(DecisionsJson, NoMoreThanTheLast200) {
  Gathering::Result result;
  for (uint32_t worker = 0; worker < 2; ++worker) {
    result.reports.push_back({worker, {}, {}});
    for (int i = 0; i < 150; ++i) result.reports.back().decisions.push_back(decision(i * 1s, "x"));
  }
  const Json json = decisionsJson(result);
  ASSERT_EQ(json["decisions"].size(), 200U);
  EXPECT_EQ(json["decisions"][0]["time"], "2027-01-15T08:02:29.000Z");
  EXPECT_EQ(json["decisions"][199]["time"], "2027-01-15T08:00:50.000Z");
}

TEST(DecisionsJson, OctetsThatAreNoUtf8DoNotSpoilThePage) {
  Gathering::Result result;
  result.reports.push_back({0, {}, {decision(1s, "GET /\xff\xfe\"<script>")}});
  const std::string text = textOf(decisionsJson(result));
  EXPECT_NE(text.find("GET /\xef\xbf\xbd"), std::string::npos);
  EXPECT_FALSE(Json::parse(text, nullptr, false).is_discarded());
}

// ---- Config and status

TEST(ConfigJson, EachValueWithItsOrigin) {
  const ConfigFile file{.path = "/etc/outrigger/outrigger.yaml", .parts = {}, .hash = "abc"};
  EXPECT_EQ(configJson(file, WallTime(1'800'000'000s), {{"workers", "1", "built-in"}, {"app.port", "80", "o.yaml:2"}}),
            Json::parse(R"({"file": "/etc/outrigger/outrigger.yaml", "hash": "abc",
              "applied_at": "2027-01-15T08:00:00.000Z", "values": [
                {"path": "workers", "value": "1", "origin": "built-in"},
                {"path": "app.port", "value": "80", "origin": "o.yaml:2"}]})"));
}

TEST(StatusJson, TellsWhatOneAsksFirst) {
  ReloadState reloads;
  reloads.file = {.path = "/c.yaml", .parts = {}, .hash = "abc"};
  reloads.appliedAt = WallTime(1'800'000'000s);
  reloads.rejected = 1;
  reloads.lastGood = false;
  reloads.lastError = "/c.yaml:3:1 OR120 unknown key";
  const std::map<std::string, Address> listeners{{"outbound", Address::loopback(15101)}};
  StatusFacts facts{.reloads = reloads, .listeners = listeners};
  facts.version = "0.1.0";
  facts.pid = 42;
  facts.startedAt = WallTime(1'800'000'000s);
  facts.now = WallTime(1'800'000'000s + 90s);
  facts.drain = Drain::State::Draining;
  facts.blockers = {"draining"};
  facts.workers = {{.requests = 3, .inboundConnections = 1, .outboundConnections = 2}};
  facts.logLinesDropped = 5;
  EXPECT_EQ(statusJson(facts), Json::parse(R"({
    "version": "0.1.0", "pid": 42, "time": "2027-01-15T08:01:30.000Z", "started_at": "2027-01-15T08:00:00.000Z",
    "uptime_ms": 90000, "state": "draining", "ready": false, "blockers": ["draining"],
    "config": {"file": "/c.yaml", "hash": "abc", "applied_at": "2027-01-15T08:00:00.000Z",
               "newest_is_in_effect": false, "error": "/c.yaml:3:1 OR120 unknown key",
               "reloads": {"applied": 0, "unchanged": 0, "rejected": 1}},
    "listeners": {"outbound": "127.0.0.1:15101"},
    "workers": [{"requests_in_flight": 3, "inbound_connections": 1, "outbound_connections": 2}],
    "log_lines_dropped": 5})"));
}

}  // namespace
}  // namespace outrigger::control::admin
