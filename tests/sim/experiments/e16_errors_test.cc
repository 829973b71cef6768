// E16: endpoints that fail more often than the others go within a second, healthy ones never. An hour of a healthy
// fleet with the policies alone, beside it the rule by mean and deviation that is usual; then the whole worker.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/sim/experiments/bad_endpoints.h"
#include "tests/sim/experiments/fleet.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

constexpr const char* kNaivePolicy = "{eject: none, breaker: none}";

TEST(E16, AHealthyFleetLosesNobody) {
  Experiment experiment("e16");
  struct Setting {
    size_t endpoints;
    double perSecond;
    const char* text;
  };
  const Duration busy = Experiment::shortOrFull<Duration>(20min, 1h);
  for (const uint64_t seed : Experiment::seeds()) {
    for (const Setting& setting :
         {Setting{12, 1000, "12 healthy, 1000 rps"}, Setting{2, 10, "2 healthy, 5 rps each"},
          Setting{3, 15, "3 healthy, 5 rps each"}, Setting{12, 60, "12 healthy, 5 rps each"}}) {
      Fleet fleet({.endpoints = setting.endpoints, .perSecond = setting.perSecond}, seed);
      for (size_t endpoint = 0; endpoint < setting.endpoints; ++endpoint) fleet.fails(endpoint, 0.001);
      const Duration span = setting.perSecond >= 1000 ? busy : 1h;
      fleet.run(span);
      const double hours = seconds(span) / 3600;
      experiment.at(setting.text, seed).atMost("false ejections", static_cast<double>(fleet.ejected().size()), "", 0);
      experiment.at(setting.text, seed, Side::Naive)
          .note("false ejections an hour", static_cast<double>(fleet.naive().flaggedByErrors()) / hours, "");
    }
  }
}

// Of the policies alone, so that many seeds can be seen; the worker is below.
TEST(E16, FewRequestsEachAreEnough) {
  Experiment experiment("e16");
  for (const size_t endpoints : {2U, 3U, 12U}) {
    std::vector<double> times;
    for (uint64_t seed = 1; seed <= 30; ++seed) {
      Fleet fleet({.endpoints = endpoints, .perSecond = 5.0 * static_cast<double>(endpoints)}, seed);
      fleet.run(1min);
      fleet.fails(0, 0.5);
      const Instant since = fleet.now();
      fleet.run(2min);
      times.push_back(seconds(fleet.untilEjected(0, since)));
    }
    std::ranges::sort(times);
    experiment.at("1 of " + std::to_string(endpoints) + " fails 50 %, 5 rps each", 0);
    experiment.note("out, median", times[15], "s");
    experiment.atMost("out, of 30 seeds the last", times[29], "s", 30);
  }
}

struct Row {
  const char* text;
  BadEndpoints::Setting setting;
  size_t bad;
};

std::vector<Row> rows() {
  return {{"4 of 12 fail 50 %, 1000 rps, round-robin", {}, 4},
          {"4 of 12 fail 50 %, 1000 rps, least-request", {.balance = "least-request"}, 4},
          {"1 of 2 fails 50 %, 100 rps each", {.endpoints = 2, .perSecond = 200}, 1},
          {"1 of 3 fails 50 %, 100 rps each", {.endpoints = 3, .perSecond = 300}, 1}};
}

TEST(E16, WhatFailsMoreOftenGoesWithinASecond) {
  Experiment experiment("e16");
  for (const uint64_t seed : Experiment::seeds()) {
    for (const Row& row : rows()) {
      BadEndpoints bad(row.setting, seed);
      bad.call(15s);
      bad.run(11s);  // a whole window of good answers lies before
      bad.mark();
      std::vector<size_t> failing;
      for (size_t i = 0; i < row.bad; ++i) bad.service(failing.emplace_back(i)).fails(0.5);
      bad.finish();
      double last = 0;
      for (const size_t endpoint : failing) last = std::max(last, bad.secondsToEjection(endpoint));
      const auto tally = bad.callers().tally(13s, 15s);
      experiment.at(row.text, seed).atMost("all out", last, "s", 1);
      experiment.atMost("healthy ones out", static_cast<double>(bad.ejectionsBut(failing)), "", 0);
      experiment.atMost("user errors after 2 s", 100 * (1 - tally.goodShare()), "%", 0.1);
    }
  }
}

// Retries alone, without ejection.
TEST(E16, TheControl) {
  Experiment experiment("e16");
  for (const Row& row : rows()) {
    BadEndpoints::Setting setting = row.setting;
    setting.policy = kNaivePolicy;
    BadEndpoints bad(setting, 1);
    bad.call(4s);
    for (size_t i = 0; i < row.bad; ++i) bad.service(i).fails(0.5);
    bad.finish();
    size_t failures = 0;
    for (size_t i = 0; i < row.bad; ++i) failures += bad.service(i).counters().failed;
    experiment.at(row.text, 1, Side::Naive);
    experiment.note("user errors after 2 s", 100 * (1 - bad.callers().tally(2s, 4s).goodShare()), "%");
    experiment.note("attempts that failed", static_cast<double>(failures), "");
    EXPECT_GT(failures, 100U) << "nobody goes by himself";
  }
}

}  // namespace
}  // namespace outrigger::sim
