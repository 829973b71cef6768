// E17: an endpoint that answers some requests slowly goes within seconds, though none of them fails; a healthy one
// never, whatever the law of its service times; and where all slow down, nobody. An hour of a healthy fleet with the
// policies alone, beside it a rule by percentiles; then the whole worker.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/sim/experiments/bad_endpoints.h"
#include "tests/sim/experiments/fleet.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

struct NamedLaw {
  const char* text;
  Law law;
};

std::vector<NamedLaw> laws() {
  return {{"lognormal 0.5", Law::lognormal(4ms, 0.5)}, {"lognormal 1", Law::lognormal(4ms, 1)},
          {"exponential", Law::exponential(5ms)},      {"bimodal", Law::bimodal(4ms, 40ms, 0.02)},
          {"uniform", Law::uniform(1ms, 10ms)},        {"pareto 1.5", Law::pareto(2ms, 1.5)}};
}

void judgeHealthy(Experiment& experiment, const NamedLaw& law, size_t endpoints, double each, Duration span,
                  uint64_t seed) {
  Fleet fleet({.endpoints = endpoints, .perSecond = each * static_cast<double>(endpoints), .law = law.law}, seed);
  fleet.run(span);
  const std::string text =
      std::to_string(endpoints) + " healthy, " + std::to_string(static_cast<int>(each)) + " rps each, " + law.text;
  experiment.at(text, seed).atMost("false ejections", static_cast<double>(fleet.ejected().size()), "", 0);
  experiment.note("suspicions", static_cast<double>(fleet.suspicions()), "");
  experiment.at(text, seed, Side::Naive)
      .note("false ejections an hour", static_cast<double>(fleet.naive().flaggedByLatency()) * 3600 / seconds(span),
            "");
}

TEST(E17, AHealthyFleetLosesNobody) {
  Experiment experiment("e17");
  const Duration busy = Experiment::shortOrFull<Duration>(10min, 1h);
  for (const NamedLaw& law : laws()) {
    for (const uint64_t seed : Experiment::seeds()) {
      judgeHealthy(experiment, law, 12, 1000.0 / 12, busy, seed);
      for (const size_t endpoints : {2U, 3U, 4U}) judgeHealthy(experiment, law, endpoints, 100, busy, seed);
      for (const size_t endpoints : {2U, 4U, 12U}) judgeHealthy(experiment, law, endpoints, 5, 1h, seed);
    }
  }
}

TEST(E17, WhereAllSlowDownNobodyGoes) {
  Experiment experiment("e17");
  for (const uint64_t seed : Experiment::seeds()) {
    for (const size_t endpoints : {2U, 3U, 4U, 10U}) {
      for (const auto balance : {policy::Balance::RoundRobin, policy::Balance::LeastRequest}) {
        Fleet fleet({.endpoints = endpoints, .perSecond = 100.0 * static_cast<double>(endpoints), .balance = balance},
                    seed);
        fleet.run(1min);
        for (size_t endpoint = 0; endpoint < endpoints; ++endpoint) {
          fleet.takes(endpoint, Law::lognormal(4ms, 0.5).plus(50ms, 1));
        }
        fleet.run(2min);
        experiment.at(std::to_string(endpoints) + " endpoints, all + 50 ms", seed);
        experiment.atMost("false ejections", static_cast<double>(fleet.ejected().size()), "", 1);
      }
    }
  }
}

// How long it takes varies with the seed more than with anything else: the policies alone over many seeds.
TEST(E17, HowLongItTakes) {
  Experiment experiment("e17");
  const auto seeds = Experiment::shortOrFull<uint64_t>(20, 200);
  for (const auto balance : {policy::Balance::RoundRobin, policy::Balance::LeastRequest}) {
    for (const size_t endpoints : {2U, 3U, 4U, 10U}) {
      std::vector<double> times;
      for (uint64_t seed = 1; seed <= seeds; ++seed) {
        Fleet fleet({.endpoints = endpoints, .perSecond = 100.0 * static_cast<double>(endpoints), .balance = balance},
                    seed);
        fleet.run(30s);
        fleet.takes(0, Law::lognormal(4ms, 0.5).plus(500ms, 0.1));
        const Instant since = fleet.now();
        fleet.run(15s);
        times.push_back(seconds(fleet.untilEjected(0, since)));
      }
      std::ranges::sort(times);
      const bool inTurn = balance == policy::Balance::RoundRobin;
      const double target = inTurn ? 3 : 6;
      const auto inTime = std::ranges::count_if(times, [target](double time) { return time <= target; });
      experiment.at("1 of " + std::to_string(endpoints) + (inTurn ? ", round-robin" : ", least-request"), 0);
      experiment.note("out, median", times[times.size() / 2], "s");
      experiment.atLeast("out within " + std::to_string(static_cast<int>(target)) + " s",
                         100 * static_cast<double>(inTime) / static_cast<double>(times.size()), "% of seeds", 90);
    }
  }
}

struct Row {
  size_t endpoints;
  const char* balance;
  double target;
};

const std::vector<Row> kRows = {{10, "round-robin", 3}, {10, "least-request", 6}, {2, "round-robin", 3},
                                {3, "round-robin", 3},  {4, "round-robin", 3},    {4, "least-request", 6}};

BadEndpoints::Setting settingOf(const Row& row, const std::string& policy = "") {
  return {.endpoints = row.endpoints,
          .perSecond = 100.0 * static_cast<double>(row.endpoints),
          .balance = row.balance,
          .policy = policy};
}

constexpr Duration kBefore = 12s;

// Milliseconds; over the seconds before the fault, and from 2 s after the ejection on.
std::pair<double, double> p99s(BadEndpoints& bad, Duration settled) {
  return {1000 * seconds(bad.callers().percentile(99, 2s, kBefore)),
          1000 * seconds(bad.callers().percentile(99, settled, settled + 2s))};
}

TEST(E17, WhatIsSlowNowAndThenGoesWithinSeconds) {
  Experiment experiment("e17");
  for (const uint64_t seed : Experiment::seeds()) {
    for (const Row& row : kRows) {
      BadEndpoints bad(settingOf(row), seed);
      bad.call(kBefore + 12s);
      bad.run(kBefore);
      bad.mark();
      bad.service(0).takes(Law::lognormal(4ms, 0.5).plus(500ms, 0.1));
      bad.finish();
      const double out = bad.secondsToEjection(0);
      const auto [before, after] = p99s(bad, kBefore + Duration(static_cast<int64_t>(std::min(out, 8.0) * 1e9)) + 2s);
      experiment.at("1 of " + std::to_string(row.endpoints) + ", " + row.balance, seed);
      experiment.atMost("healthy ones out", static_cast<double>(bad.ejectionsBut({0})), "", 0);
      // Of a few endpoints' few requests a percentile says little, and one seed says little of how long it takes.
      if (row.endpoints < 10) {
        experiment.note("out", out, "s");
        experiment.note("p99, 2 s after that, over what it was", after / before, "times");
      } else {
        experiment.atMost("out", out, "s", row.target);
        experiment.atMost("p99, 2 s after that, over what it was", after / before, "times", 1.2);
      }
    }
  }
}

TEST(E17, TheControl) {
  Experiment experiment("e17");
  for (const Row& row : kRows) {
    BadEndpoints bad(settingOf(row, "{eject: none}"), 1);
    bad.call(kBefore + 8s);
    bad.run(kBefore);
    bad.service(0).takes(Law::lognormal(4ms, 0.5).plus(500ms, 0.1));
    bad.finish();
    const auto [before, after] = p99s(bad, kBefore + 5s);
    experiment.at("1 of " + std::to_string(row.endpoints) + ", " + row.balance, 1, Side::Naive);
    experiment.note("p99, 5 s after the fault, over what it was", after / before, "times");
    EXPECT_EQ(bad.ejectionsBut({}), 0U);
  }
}

}  // namespace
}  // namespace outrigger::sim
