// E3: a service that stalls for 3 s, with a sidecar on both ends. Afterwards the callers' retries must not keep it
// down: what was waiting is worthless by then, and whoever tries again adds to the load that nobody gets anything from
// (a metastable failure: Bronson et al., HotOS 2021).
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

constexpr double kCapacity = 1000;  // 10 slots of 10 ms
constexpr Duration kPlotted = 100ms;

constexpr const char* kOurCaller =
    "log: {access: none}\n"
    "policies: {default: {timeout: {request: 2s, attempt: 500ms}, retry: {limit: 3}}}\n"
    "upstreams: {orders: {endpoints: ['${callee}'], sidecar: true}}";
constexpr const char* kOurCallee =
    "log: {access: none}\n"
    "app: {address: '${orders}', policy: guarded}\n"
    "policies: {guarded: {extends: inbound, limits: {requests: 10, pending: 100, pendingTimeout: 100ms}}}";
// Timeouts and retries, as they stand in many configs; nothing that bounds their sum, or guards the service.
constexpr const char* kNaiveCaller =
    "log: {access: none}\n"
    "policies: {default: {timeout: {request: 2s, attempt: 500ms}, breaker: none, eject: none,\n"
    "  retry: {limit: 3, budget: {percent: 100, minPerSecond: 1000000, burst: 1000000}},\n"
    "  limits: {requests: 1000000, connections: 1000000}}}\n"
    "upstreams: {orders: {endpoints: ['${orders}']}}";

struct Lengths {
  Duration before = 2s;
  Duration stall = 3s;
  Duration after = 10s;
};

class Storm {
 public:
  Storm(Side side, double load, uint64_t seed)
      : world_(seed),
        service_(world_.service("orders").slots(10).takes(Law::exponential(10ms))),
        callers_(world_, place(side), {.perSecond = load * kCapacity, .host = "orders"}) {
    service_.onArrival([this](const Service::Job& job) {
      const auto span = static_cast<size_t>((job.arrivedAt - begun_) / kPlotted);
      if (arrived_.size() <= span) arrived_.resize(span + 1);
      ++arrived_[span];
    });
  }

  void run(const Lengths& lengths) {
    begun_ = world_.loop().now();
    callers_.start(lengths.before + lengths.stall + lengths.after);
    for (Duration at = kPlotted; at <= lengths.before + lengths.stall + lengths.after; at += kPlotted) {
      world_.loop().in(at, [this] { countRetries(); });
    }
    world_.run(lengths.before);
    service_.stall(lengths.stall);
    world_.run(lengths.stall + lengths.after);
    callers_.finish();
  }

  /// Of the requests sent in each second from `from` on, until `to`.
  double worstSecond(Duration from, Duration to) const {
    double worst = 1;
    for (Duration at = from; at < to; at += 1s) worst = std::min(worst, callers_.tally(at, at + 1s).goodShare());
    return worst;
  }
  double bestSecond(Duration from, Duration to) const {
    double best = 0;
    for (Duration at = from; at < to; at += 1s) best = std::max(best, callers_.tally(at, at + 1s).goodShare());
    return best;
  }
  /// Attempts for each request sent, in the second before `to` that has most of them.
  double peakAttempts(Duration to) const {
    const auto tallies = callers_.tallies(1s);
    double peak = 0;
    for (size_t second = 0; second < std::min(tallies.size(), static_cast<size_t>(to / 1s)); ++second) {
      const auto begin = retries_.begin() + static_cast<ptrdiff_t>(second * (1s / kPlotted));
      const auto retries = static_cast<double>(std::accumulate(begin, begin + 1s / kPlotted, uint64_t{0}));
      const auto sent = static_cast<double>(tallies[second].sent);
      peak = std::max(peak, (sent + retries) / sent);
    }
    return peak;
  }
  void plot(Experiment& experiment) const {
    const auto tallies = callers_.tallies(kPlotted);
    for (size_t i = 0; i < tallies.size(); ++i) {
      const size_t arrived = i < arrived_.size() ? arrived_[i] : 0;
      experiment.plot("timeline", "second,sent,attempts,good,reached_service",
                      {seconds(kPlotted) * static_cast<double>(i), static_cast<double>(tallies[i].sent),
                       static_cast<double>(tallies[i].sent + retries_[i]), static_cast<double>(tallies[i].good),
                       static_cast<double>(arrived)});
    }
  }

 private:
  Sidecar& place(Side side) {
    if (side == Side::Ours) {
      world_.sidecar(kOurCallee).listen(Direction::Inbound, world_.address("callee"));
    }
    callerSide_ = &world_.sidecar(side == Side::Ours ? kOurCaller : kNaiveCaller);
    return *callerSide_;
  }

  void countRetries() {
    uint64_t all = 0;
    for (const auto& cause : callerSide_->series("orders").retries) all += cause.value();
    retries_.push_back(all - retriesBefore_);
    retriesBefore_ = all;
  }

  World world_;
  Service& service_;
  Sidecar* callerSide_ = nullptr;
  Callers callers_;
  Instant begun_{};
  std::vector<size_t> arrived_;  // at the service, in each kPlotted

  std::vector<uint64_t> retries_;  // in each kPlotted
  uint64_t retriesBefore_ = 0;
};

std::string percentLoad(double load) {
  return std::to_string(static_cast<int>(load * 100 + 0.5)) + " % load";
}

TEST(Experiment, E3RetryStormEndsWithTheStall) {
  Experiment experiment("e03");
  const Lengths lengths{.after = Experiment::shortOrFull<Duration>(10s, 60s)};
  const Duration from = lengths.before + lengths.stall;
  for (const double load : {0.5, 0.7, 0.8, 0.9, 0.95}) {
    for (const uint64_t seed : Experiment::seeds()) {
      Storm storm(Side::Ours, load, seed);
      storm.run(lengths);
      experiment.at(percentLoad(load), seed);
      experiment.atLeast("good in the worst second from 1 s after the stall",
                         100 * storm.worstSecond(from + 1s, from + lengths.after), "%", 95);
      experiment.atMost("attempts for each request in the busiest second until 10 s after it",
                        storm.peakAttempts(from + 10s), "x", 1.15);
      // A full bucket and what is earned meanwhile, which the usual bursts at 95 % load do use.
      experiment.atMost("attempts for each request in the busiest second of all",
                        storm.peakAttempts(from + lengths.after), "x", 1.2);
      storm.plot(experiment);
    }
  }
}

TEST(Experiment, E3NaiveRetriesKeepTheServiceDown) {
  Experiment experiment("e03");
  const Lengths lengths{.after = 31s};
  const Duration from = lengths.before + lengths.stall;
  for (const double load : Experiment::shortOrFull<std::vector<double>>({0.5}, {0.5, 0.7, 0.8, 0.9, 0.95})) {
    for (const uint64_t seed : Experiment::seeds()) {
      Storm storm(Side::Naive, load, seed);
      storm.run(lengths);
      experiment.at(percentLoad(load), seed, Side::Naive);
      experiment.atMost("good in the best second of the 30 s from 1 s after the stall",
                        100 * storm.bestSecond(from + 1s, from + 31s), "%", 5);
      experiment.note("attempts for each request in the busiest second", storm.peakAttempts(from + 31s), "x");
      storm.plot(experiment);
    }
  }
}

}  // namespace
}  // namespace outrigger::sim
