// E6: a whole upstream fails for 20 s under 200 requests a second, again and again. How much it is asked while it is
// down, and how soon the traffic is back. Beside it: no breaker, and the usual "5 in a row, then 30 s".
//
// It fails in four ways. It answers 503; it resets each request; it is gone (connections refused); it reads and says
// nothing, where the attempt timeout (100 ms) tells. What is silent is known only after that time: there "before it
// trips" counts from the first failure that is known, and what was under way by then is told, not judged. A reset of a
// reused connection says nothing (POLICIES §1), so at first each warm connection costs one attempt more: told as well.
// Slow answers are not in scope: a window must fill before they say anything.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

using State = policy::Breaker::State;

constexpr Duration kHealthy = 15s;
constexpr Duration kOutage = 20s;
constexpr Duration kCalm = kHealthy - 1s;  // what is sent in it has its answer before the next outage
constexpr double kRate = 200;

enum class Way : uint8_t { Status, Reset, Refuse, Silent };
constexpr std::array<const char*, 4> kWays{"503", "resets", "refuses", "silent"};

struct Cycle {
  double counted = 0;       // failures that tripped it
  double failedBefore = 0;  // attempts by then
  Duration toTrip{};        // since the first failure
  double underWay = 0;      // attempts that failed in the time of one attempt after it had tripped
  double later = 0;         // attempts that failed after that
  double periods = 0;       // open ones
  double failed = 0;        // attempts, in all
  Duration back{};          // from recovery to the last request that was not answered well
  double reopened = 0;      // after it had closed
};

class Outages {
 public:
  Outages(uint64_t seed, Way way, const std::string& breaker) : world_(seed), way_(way) {
    service_.takes(Law::exponential(5ms));
    sidecar_ = &world_.sidecar("policies: {default: {timeout: {attempt: 100ms}, breaker: " + breaker +
                               "}}\nupstreams: {orders: {endpoints: ['${orders}']}}");
  }

  std::vector<Cycle> run(int cycles) {
    Callers callers(world_, *sidecar_, {.perSecond = kRate, .host = "orders"});
    callers.start(cycles * (kHealthy + kOutage) + kHealthy);
    std::vector<Cycle> all;
    std::vector<Instant> recoveries;
    for (int i = 0; i < cycles; ++i) {
      world_.run(i == 0 ? kHealthy : Duration::zero());
      all.push_back(breakDown());
      recoveries.push_back(world_.loop().now());
      recover();
      const uint64_t before = transitionsTo(State::Open);
      world_.runUntil([this] { return state() == State::Closed; }, kHealthy);
      const uint64_t closed = transitionsTo(State::Open);
      all.back().periods += static_cast<double>(closed - before);
      world_.run(recoveries.back() + kHealthy - world_.loop().now());
      all.back().reopened = static_cast<double>(transitionsTo(State::Open) - closed);
    }
    EXPECT_TRUE(callers.finish());
    tallies_ = callers.tallies();
    for (const auto& sample : callers.samples()) {
      if (sample.good()) continue;
      for (int i = 0; i < cycles; ++i) {
        const Duration since = sample.sentAt - recoveries[static_cast<size_t>(i)];
        if (since >= 0s && since < kCalm) all[static_cast<size_t>(i)].back = since;
      }
    }
    return all;
  }

  /// What the callers got in each second.
  void plot(Experiment& experiment) const {
    for (size_t second = 0; second < tallies_.size() && second < 60; ++second) {
      const Callers::Tally& tally = tallies_[second];
      const auto good = static_cast<double>(tally.good);
      experiment.plot("seconds", "second,sent,good",
                      {static_cast<double>(second), static_cast<double>(tally.sent), good});
    }
  }

 private:
  Cycle breakDown() {
    Cycle cycle;
    const Instant end = world_.loop().now() + kOutage;
    const double before = failed();
    const uint64_t periodsBefore = transitionsTo(State::Open);
    fail();
    world_.runUntil([&] { return failed() > before; }, kOutage);
    const Instant first = world_.loop().now();
    world_.runUntil([&] { return state() == State::Open; }, end - world_.loop().now());
    cycle.failedBefore = failed() - before;
    cycle.toTrip = world_.loop().now() - first;
    cycle.counted = whatTripped();
    if (world_.loop().now() < end) world_.run(110ms);
    cycle.underWay = failed() - before - cycle.failedBefore;
    world_.run(end - world_.loop().now());
    cycle.failed = failed() - before;
    cycle.later = cycle.failed - cycle.failedBefore - cycle.underWay;
    cycle.periods = static_cast<double>(transitionsTo(State::Open) - periodsBefore);
    return cycle;
  }

  double whatTripped() {
    uint64_t count = 0;
    sidecar_->worker().forEachCluster([&count](const upstream::Cluster& cluster) {
      if (cluster.breaker() != nullptr) count = cluster.breaker()->cause().count;
    });
    return static_cast<double>(count);
  }
  void fail() {
    switch (way_) {
      case Way::Status: service_.fails(1, Service::Failure::Status503); break;
      case Way::Reset: service_.fails(1, Service::Failure::Reset); break;
      case Way::Refuse: service_.kill(); break;
      case Way::Silent: service_.fails(1, Service::Failure::Hang); break;
    }
  }
  void recover() {
    service_.fails(0);
    if (way_ == Way::Refuse) service_.restart();
  }

  metrics::UpstreamSeries& series() { return sidecar_->series("orders"); }
  State state() { return static_cast<State>(series().breakerState.value()); }
  uint64_t transitionsTo(State state) { return series().breakerTransitions[static_cast<size_t>(state)].value(); }
  double failed() {
    uint64_t sum = 0;
    for (const auto result : {policy::AttemptResult::Status, policy::AttemptResult::Timeout,
                              policy::AttemptResult::Reset, policy::AttemptResult::Connect}) {
      sum += series().attempts[static_cast<size_t>(result)].value();
    }
    return static_cast<double>(sum);
  }

  World world_;
  Way way_;
  Service& service_ = world_.service("orders");
  Sidecar* sidecar_ = nullptr;
  std::vector<Callers::Tally> tallies_;
};

template <class Of>
double worst(const std::vector<Cycle>& cycles, Of of) {
  double most = 0;
  for (const Cycle& cycle : cycles) most = std::max<double>(most, of(cycle));
  return most;
}

void tellOurs(Experiment& experiment, const std::vector<Cycle>& cycles) {
  experiment.atMost("failures before it trips", worst(cycles, [](const Cycle& c) { return c.counted; }), "", 5);
  experiment.note("and on reused connections", worst(cycles, [](const Cycle& c) { return c.failedBefore - c.counted; }),
                  "");
  experiment.atMost("time to trip", worst(cycles, [](const Cycle& c) { return seconds(c.toTrip) * 1000; }), "ms", 100);
  experiment.note("under way then", worst(cycles, [](const Cycle& c) { return c.underWay; }), "");
  experiment.atMost("failed attempts per open period",
                    worst(cycles, [](const Cycle& c) { return c.later / std::max(1.0, c.periods); }), "", 1);
  experiment.atMost("full traffic after recovery", worst(cycles, [](const Cycle& c) { return seconds(c.back); }), "s",
                    3);
  experiment.atMost("openings after it had closed", worst(cycles, [](const Cycle& c) { return c.reopened; }), "", 0);
}

void tellNaive(Experiment& experiment, const std::vector<Cycle>& cycles) {
  experiment.note("failed attempts in an outage", worst(cycles, [](const Cycle& c) { return c.failed; }), "");
  experiment.note("full traffic after recovery", worst(cycles, [](const Cycle& c) { return seconds(c.back); }), "s");
}

class E6 : public ::testing::TestWithParam<uint64_t> {};

TEST_P(E6, TripsSoonAsksSeldomAndComesBack) {
  const uint64_t seed = GetParam();
  Experiment experiment("e06");
  const int cycles = Experiment::shortOrFull(2, 10);
  for (const Way way : {Way::Status, Way::Reset, Way::Refuse, Way::Silent}) {
    const std::string name = kWays[static_cast<size_t>(way)];
    Outages outages(seed, way, "{}");
    const std::vector<Cycle> ours = outages.run(cycles);
    tellOurs(experiment.at(name, seed), ours);
    outages.plot(experiment);
    experiment.note("failed attempts in an outage", worst(ours, [](const Cycle& c) { return c.failed; }), "");
  }
}

TEST_P(E6, Naive) {
  const uint64_t seed = GetParam();
  Experiment experiment("e06");
  for (const Way way : {Way::Status, Way::Silent}) {
    const std::string name = kWays[static_cast<size_t>(way)];
    tellNaive(experiment.at(name + ", no breaker", seed, Side::Naive), Outages(seed, way, "none").run(1));
    Outages outages(seed, way, "{consecutive: 5, errorPercent: none, open: 30s, maxOpen: 30s}");
    const std::vector<Cycle> fixed = outages.run(1);
    tellNaive(experiment.at(name + ", 5 in a row then 30 s", seed, Side::Naive), fixed);
    outages.plot(experiment);
    EXPECT_GT(worst(fixed, [](const Cycle& c) { return seconds(c.back); }), 3);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, E6, ::testing::ValuesIn(Experiment::seeds()));

}  // namespace
}  // namespace outrigger::sim
