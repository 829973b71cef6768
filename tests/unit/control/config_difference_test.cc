// What `outrigger diff` says of two configs.
#include "control/cli/config_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "control/config_file.h"
#include "filters/registry.h"

namespace outrigger::control::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

config::LoadResult loaded(const std::string& body, const std::string& name) {
  auto result = config::load(
      "version: 1\n" + body, name, [](Bytes) { return std::nullopt; }, filters::schemas());
  EXPECT_NE(result.model, nullptr) << renderAll(result.diagnostics);
  return result;
}

std::vector<DifferenceGroup> difference(const std::string& before, const std::string& after) {
  return differenceBetween(loaded(before, "old.yaml"), loaded(after, "new.yaml"));
}

// The only group.
DifferenceGroup only(const std::string& before, const std::string& after) {
  const auto groups = difference(before, after);
  EXPECT_EQ(groups.size(), 1U);
  return groups.empty() ? DifferenceGroup() : groups.front();
}

std::string text(const config::Change& change) {
  return change.path + ": " + change.before.value_or("") + " -> " + change.after.value_or("") + " (" + change.origin +
         ")";
}

std::vector<std::string> changesOf(const DifferenceGroup& group) {
  std::vector<std::string> out;
  for (const config::Change& change : group.changes) out.push_back(text(change));
  return out;
}

constexpr const char* kPayments = "upstreams:\n  payments: {endpoints: [\"10.0.0.7:8080\", \"10.0.0.8:8080\"]}\n";

TEST(ConfigDifference, TheSameInOtherWordsIsNoDifference) {
  EXPECT_THAT(difference("log: {level: info}\n", "# a comment\n"), IsEmpty());
  EXPECT_THAT(difference(kPayments, "upstreams: {payments: {endpoints: ['10.0.0.8:8080', '10.0.0.7:8080']}}\n"),
              IsEmpty())
      << "the order of endpoints says nothing";
}

TEST(ConfigDifference, AValueHasItsPathItsValuesAndItsOrigin) {
  const auto group = only("", "log: {level: warn}\n");
  EXPECT_EQ(group.name, "log");
  EXPECT_THAT(changesOf(group), ElementsAre("log.level: info -> warn (new.yaml:2)"));
  EXPECT_THAT(group.atReload, ElementsAre("it counts from the next record on"));
  EXPECT_FALSE(group.needsRestart);
}

TEST(ConfigDifference, EndpointsThatComeAndGoAreNamed) {
  const auto group =
      only(kPayments, "upstreams:\n  payments: {endpoints: [\"10.0.0.8:8080\", \"10.0.0.9:8080\"], slowStart: 30s}\n");
  EXPECT_EQ(group.name, "upstreams.payments");
  EXPECT_THAT(changesOf(group),
              ElementsAre("upstreams.payments.slowStart: none -> 30s (new.yaml:3)",
                          "upstreams.payments.endpoints[10.0.0.9:8080].address:  -> 10.0.0.9:8080 (new.yaml:3)",
                          "upstreams.payments.endpoints[10.0.0.7:8080].address: 10.0.0.7:8080 ->  (old.yaml:3)"));
  EXPECT_THAT(
      group.atReload,
      ElementsAre("new requests leave out 10.0.0.7:8080; those under way there end as they would",
                  "requests go to 10.0.0.9:8080 at once, at first with a small share of the requests (slowStart)"));
}

TEST(ConfigDifference, AnUpstreamThatComesShowsWhatIsWrittenAlone) {
  const auto group = only("", kPayments);
  EXPECT_EQ(group.changes.size(), 2U) << "its built-in values are no news";
  EXPECT_THAT(group.atReload, ElementsAre("the upstream comes; the host `payments` leads to it"));
  const auto back = only(kPayments, "");
  EXPECT_EQ(back.changes.size(), 2U);
  EXPECT_THAT(back.atReload, ElementsAre(HasSubstr("the upstream goes")));
}

TEST(ConfigDifference, TheDialingOfAnUpstream) {
  const std::string before = "upstreams: {u: {endpoints: [\"10.0.0.7:80\"]}}\n";
  EXPECT_THAT(only(before, "upstreams: {u: {endpoints: [\"10.0.0.7:80\"], sidecar: true}}\n").atReload,
              ElementsAre(HasSubstr("take no new requests")));
  EXPECT_THAT(only(before, "upstreams: {u: {endpoints: [\"10.0.0.7:80\"], protocol: http2}}\n").atReload,
              ElementsAre("connections are made so from now on"));
  EXPECT_THAT(only("upstreams: {u: {dns: a.b, port: 80}}\n", "upstreams: {u: {dns: a.b, port: 81}}\n").atReload,
              ElementsAre("its endpoints are looked up anew"));
}

TEST(ConfigDifference, APolicySaysWhoFollowsIt) {
  const std::string users =
      "upstreams:\n  a: {endpoints: [\"10.0.0.7:80\"], policy: quick}\n  b: {endpoints: [\"10.0.0.8:80\"], policy: "
      "quick}\n";
  const auto group = only("policies: {quick: {timeout: {request: 2s}}}\n" + users,
                          "policies: {quick: {timeout: {request: 3s}}}\n" + users);
  EXPECT_EQ(group.name, "policies.quick");
  EXPECT_THAT(changesOf(group), ElementsAre("policies.quick.timeout.request: 2s -> 3s (new.yaml:2)"));
  EXPECT_THAT(group.atReload,
              ElementsAre("it counts for new requests (`a`, `b`); those under way end by what they began with"));
}

TEST(ConfigDifference, ThePartsOfAPolicyThatRequestsUnderWayFeel) {
  constexpr const char* kNow =
      "breakers, ejection, limits and budgets follow it at once (`a`), for requests under way too";
  constexpr const char* kLater = "it counts for new requests (`a`); those under way end by what they began with";
  const auto said = [](const std::string& policy) {
    const std::string user = "upstreams: {a: {endpoints: [\"10.0.0.7:80\"], policy: quick}}\npolicies: {quick: {";
    return only(user + "}}\n", user + policy + "}}\n").atReload;
  };
  for (const char* policy : {"breaker: {consecutive: 9}", "eject: none", "limits: {requests: 9}", "mode: observe",
                             "retry: {budget: {percent: 20}}", "timeout: {connect: 2s}", "failures: [reset]"}) {
    EXPECT_THAT(said(policy), ElementsAre(kNow)) << policy;
  }
  for (const char* policy : {"timeout: {attempt: 2s}", "timeout: {idle: 2s}", "timeout: {body: 2s}",
                             "retry: {limit: 1}", "hedge: {percent: 5}"}) {
    EXPECT_THAT(said(policy), ElementsAre(kLater)) << policy;
  }
  EXPECT_THAT(said("mode: observe, retry: {limit: 1}"), ElementsAre(kNow, kLater));
}

// Each a group of its own, each with a listener, and one with as many endpoints: whatever is looked for in a list of
// them takes minutes.
TEST(ConfigDifference, ALargeConfigIsNoMatterOfMinutes) {
  constexpr int kUpstreams = 5'000;
  constexpr int kEndpoints = 10'000;  // the most that one may have
  std::string before = "upstreams:\n";
  std::string after = before;
  for (int i = 0; i < kUpstreams; ++i) {
    const std::string head = "  u" + std::to_string(i) + ":\n    protocol: tcp\n    endpoints: [\"10.0.0.7:80\"]\n";
    before += head + "    listen: 127.0.0.1:" + std::to_string(20'000 + i) + "\n";
    after += head + "    listen: 127.0.0.2:" + std::to_string(20'000 + i) + "\n";
  }
  for (std::string* text : {&before, &after}) {
    *text += "  many:\n    endpoints:\n";
    for (int i = 0; i < kEndpoints; ++i) {
      const std::string host =
          (text == &before ? "10.1." : "10.2.") + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
      *text += "      - \"" + host + ":80\"\n";
    }
  }
  const auto was = loaded(before, "old.yaml");
  const auto is = loaded(after, "new.yaml");
  const auto begun = std::chrono::steady_clock::now();
  const auto groups = differenceBetween(was, is);
  const auto took = std::chrono::steady_clock::now() - begun;
  ASSERT_EQ(groups.size(), kUpstreams + 1U);
  EXPECT_THAT(groups.front().atReload, ElementsAre(HasSubstr("moves from 127.0.0.1:20000 to 127.0.0.2:20000")));
  EXPECT_EQ(groups.back().changes.size(), 2U * kEndpoints);
  EXPECT_LT(took, std::chrono::seconds(5));
}

TEST(ConfigDifference, WhatIsInheritedCountsForEachPolicyThatInheritsIt) {
  const auto groups = difference("policies: {default: {}, quick: {retry: {limit: 1}}}\n",
                                 "policies: {default: {timeout: {request: 3s}}, quick: {retry: {limit: 1}}}\n");
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_THAT(changesOf(groups[0]), ElementsAre("policies.default.timeout.request: 15s -> 3s (new.yaml:2)"));
  EXPECT_THAT(changesOf(groups[1]), ElementsAre("policies.quick.timeout.request: 15s -> 3s (new.yaml:2)"));
  EXPECT_THAT(groups[1].atReload, ElementsAre("nothing uses this policy"));
}

TEST(ConfigDifference, ListenersThatOpenMoveAndClose) {
  const auto group = only("", "listen: {admin: none, outbound: \"127.0.0.1:16101\"}\n");
  EXPECT_THAT(
      group.atReload,
      ElementsAre("the listener `admin` closes 127.0.0.1:15100; connections that it took are not cut",
                  "the listener `outbound` moves from 127.0.0.1:15101 to 127.0.0.1:16101; connections that it took "
                  "are not cut"));
  EXPECT_THAT(only("", "app: {port: 8080}\n").atReload, ElementsAre("the listener `inbound` opens [::]:15106"));
  const std::string database = "upstreams:\n  db: {endpoints: [\"10.0.0.2:5432\"], protocol: tcp, listen: \"127.0.0.1:";
  EXPECT_THAT(only(database + "15432\"}\n", database + "15433\"}\n").atReload,
              ElementsAre(HasSubstr("`upstream db` moves from 127.0.0.1:15432 to 127.0.0.1:15433")));
}

TEST(ConfigDifference, WhatAReloadLeavesAsItWas) {
  const auto workers = only("workers: 2\n", "workers: 4\n");
  EXPECT_TRUE(workers.needsRestart);
  EXPECT_THAT(workers.atReload, ElementsAre("`workers` needs a restart: a reload leaves it as it was"));
  const auto metrics = only("", "metrics: {maxSeries: 20000}\n");
  EXPECT_TRUE(metrics.needsRestart);
  EXPECT_THAT(metrics.atReload, ElementsAre(HasSubstr("`metrics.maxSeries` needs a restart")));
}

constexpr const char* kRoutes =
    "upstreams: {u: {endpoints: [\"10.0.0.7:80\"]}, v: {endpoints: [\"10.0.0.8:80\"]}}\n"
    "routes:\n";

TEST(ConfigDifference, ARouteThatMovedIsTheSameRoute) {
  const std::string a = "  - {name: a, match: {path: /a}, to: u}\n";
  const std::string b = "  - {name: b, match: {path: /b}, to: u}\n";
  const std::string c = "  - {name: c, match: {path: /c}, to: u}\n";
  const std::string d = "  - {name: d, match: {path: /d}, to: u}\n";
  const auto group = only(kRoutes + a + b + c + d, kRoutes + a + c + b + d);
  EXPECT_THAT(changesOf(group), ElementsAre("routes (order): b, c -> c, b (new.yaml)"));
  EXPECT_THAT(group.atReload, ElementsAre(HasSubstr("new requests are matched so")));
  const auto added = only(kRoutes + a + b, kRoutes + c + a + b);
  EXPECT_TRUE(std::ranges::all_of(added.changes, [](const config::Change& change) {
    return change.path.starts_with("routes[c].");
  })) << "nothing is said of those that have moved down";
}

TEST(ConfigDifference, WeightsBelongToTheirTargets) {
  const auto group =
      only(std::string(kRoutes) + "  - {name: a, to: [{upstream: u, weight: 9}, {upstream: v, weight: 1}]}\n",
           std::string(kRoutes) + "  - {name: a, to: [{upstream: v, weight: 5}, {upstream: u, weight: 9}]}\n");
  EXPECT_THAT(changesOf(group), ElementsAre("routes[a].to[v].weight: 1 -> 5 (new.yaml:4)"));
}

TEST(ConfigDifference, AChangedSecretIsAChangeAndStaysHidden) {
  const std::string head = std::string(kRoutes) + "  - {to: u, filters: [{headers: {request: {set: {authorization: ";
  const auto group = only(head + "one}}}}]}\n", head + "two}}}}]}\n");
  EXPECT_THAT(changesOf(group),
              ElementsAre("routes[route-1].filters[0].headers.request.set.authorization: (hidden) -> (hidden) "
                          "(new.yaml:4)"));
}

TEST(ConfigDifference, TlsOfTheApp) {
  const std::string head =
      "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\napp: {port: 8080, tls: {mode: ";
  EXPECT_THAT(only(head + "permissive}}\n", head + "strict}}\n").atReload,
              ElementsAre("connections without TLS are served no longer than the call under way"));
  EXPECT_THAT(only(head + "strict, clients: optional}}\n", head + "strict, clients: required}}\n").atReload,
              ElementsAre(HasSubstr("whose caller would not pass")));
}

TEST(ConfigDifference, RedirectingIsTheKernelsPart) {
  EXPECT_THAT(only("redirect: {enabled: true}\n", "redirect: {enabled: true, skipPorts: [5432]}\n").atReload,
              ElementsAre(HasSubstr("`outrigger redirect` makes them anew")));
}

}  // namespace
}  // namespace outrigger::control::cli
