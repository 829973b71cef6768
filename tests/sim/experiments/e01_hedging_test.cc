// E1: one of ten endpoints answers every tenth request half a second late. A second attempt beside a slow one takes
// that away, for 2 % more load. And when all of them are slow for a while, hedging must not bury them: it adds load
// just when there is none to spare (Dean and Barroso, "The Tail at Scale", CACM 2013, defer and bound it for that
// reason).
#include <gtest/gtest.h>

#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

constexpr size_t kEndpoints = 10;
constexpr Duration kPlotted = 100ms;
const Law kLaw = Law::lognormal(4ms, 0.5);
constexpr double kMeanService = 0.004 * 1.1331;  // of that law: median · e^(σ²/2), in seconds

double milliseconds(Duration span) {
  return 1000 * seconds(span);
}

struct Setting {
  std::string hedge;                      ///< of the sidecar
  Duration naiveHedge = Duration::max();  ///< of the callers
  std::string balance = "least-request";
  size_t slots = SIZE_MAX;  ///< of an endpoint
  double perSecond = 1000;
};

class Shop {
 public:
  Shop(const Setting& setting, uint64_t seed) : world_(seed) {
    world_.network().setLatency(20us);  // what is measured is not the wire
    std::string addresses;
    for (size_t i = 0; i < kEndpoints; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      services_.push_back(&world_.service(name).slots(setting.slots).takes(kLaw));
      services_.back()->onArrival([this](const Service::Job& job) { onArrival(job); });
      addresses += (i == 0 ? "'${" : ", '${") + name + "}'";
    }
    Sidecar& sidecar = world_.sidecar(
        "log: {access: none}\npolicies: {default: {eject: none, hedge: {percent: " + setting.hedge +
        "}, limits: {requests: 1000000, connections: 1000000}}}\nupstreams: {shop: {balance: " + setting.balance +
        ", endpoints: [" + addresses + "]}}");
    callers_ = std::make_unique<Callers>(
        world_, sidecar,
        Callers::Load{.perSecond = setting.perSecond, .host = "shop", .hedgeAfter = setting.naiveHedge});
  }

  void setLaw(const Law& law) {
    for (Service* service : services_) service->takes(law);
  }
  Service& odd() { return *services_.front(); }
  Callers& callers() { return *callers_; }
  World& world() { return world_; }
  /// Requests that the endpoints got so far.
  size_t arrived() const {
    size_t sum = 0;
    for (const Service* service : services_) sum += service->counters().begun;
    return sum;
  }
  double extraPercent() const {
    return 100 * (static_cast<double>(arrived()) / static_cast<double>(callers_->sent()) - 1);
  }
  void plot(Experiment& experiment) const {
    const auto tallies = callers_->tallies(kPlotted);
    for (size_t i = 0; i < tallies.size(); ++i) {
      const Duration at = kPlotted * static_cast<int64_t>(i);
      const size_t arrived = i < arrived_.size() ? arrived_[i] : 0;
      experiment.plot("timeline", "second,sent,attempts,p50_ms,p99_ms",
                      {seconds(at), static_cast<double>(tallies[i].sent), static_cast<double>(arrived),
                       milliseconds(callers_->percentile(50, at, at + kPlotted)),
                       milliseconds(callers_->percentile(99, at, at + kPlotted))});
    }
  }

 private:
  void onArrival(const Service::Job& job) {
    const auto span = static_cast<size_t>((job.arrivedAt - begun_) / kPlotted);
    if (arrived_.size() <= span) arrived_.resize(span + 1);
    ++arrived_[span];
  }

  World world_;
  Instant begun_ = world_.loop().now();
  std::vector<size_t> arrived_;  // in each kPlotted
  std::vector<Service*> services_;
  std::unique_ptr<Callers> callers_;
};

// ---- One endpoint is late now and then

constexpr Duration kWarmUp = 5s;

// Each endpoint gets its tenth: who chooses by what is in flight sends the late one less, and hides some of it.
Setting withoutChoice(Setting setting) {
  setting.balance = "round-robin";
  return setting;
}

void runWithALateOne(Shop& shop) {
  shop.odd().takes(kLaw.plus(500ms, 0.1));
  shop.callers().run(kWarmUp + Experiment::shortOrFull<Duration>(60s, 5min));
}

TEST(Experiment, E1WithoutHedgingThePercentilesAreThoseOfTheLateOne) {
  Experiment experiment("e01");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(withoutChoice({.hedge = "0"}), seed);
    runWithALateOne(shop);
    experiment.at("one of ten late", seed, Side::Naive);
    experiment.note("p99", milliseconds(shop.callers().percentile(99, kWarmUp)), "ms");
    experiment.atLeast("p99.9", milliseconds(shop.callers().percentile(99.9, kWarmUp)), "ms", 500);
  }
}

TEST(Experiment, E1ASecondAttemptTakesTheTailAway) {
  Experiment experiment("e01");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(withoutChoice({.hedge = "2"}), seed);
    runWithALateOne(shop);
    experiment.at("one of ten late", seed);
    experiment.atMost("p99", milliseconds(shop.callers().percentile(99, kWarmUp)), "ms", 18);
    experiment.atMost("p99.9", milliseconds(shop.callers().percentile(99.9, kWarmUp)), "ms", 22);
    experiment.atMost("extra load", shop.extraPercent(), "%", 2.2);
    experiment.atMost("requests that failed", shop.callers().sent() - shop.callers().tally().good, "", 0);
  }
}

// ---- All are slow for a while

constexpr Duration kBefore = 8s;
constexpr Duration kSlow = 5s;
constexpr Duration kAfter = 6s;
constexpr size_t kSlots = 2;

Setting atLoad(double load, Setting setting) {
  setting.slots = kSlots;
  setting.perSecond = load * kSlots * kEndpoints / kMeanService;
  return setting;
}

void runWithASlowTime(Shop& shop) {
  shop.callers().start(kBefore + kSlow + kAfter);
  shop.world().run(kBefore);
  shop.setLaw(kLaw.times(1.45));
  shop.world().run(kSlow);
  shop.setLaw(kLaw);
  shop.world().run(kAfter);
  shop.callers().finish();
}

TEST(Experiment, E1AFixedHedgeBuriesASlowService) {
  Experiment experiment("e01");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(atLoad(0.57, {.hedge = "0", .naiveHedge = 10ms}), seed);
    runWithASlowTime(shop);
    experiment.at("57 % load, 5 s of 1.45 x the time, 10 ms", seed, Side::Naive);
    experiment.note("extra load", shop.extraPercent(), "%");
    experiment.note("p99 before", milliseconds(shop.callers().percentile(99, kWarmUp, kBefore)), "ms");
    experiment.atLeast("median from 1 s after it on", milliseconds(shop.callers().percentile(50, kBefore + kSlow + 1s)),
                       "ms", 100);
  }
}

TEST(Experiment, E1TheBudgetHoldsWhileAllAreSlow) {
  Experiment experiment("e01");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(atLoad(0.57, {.hedge = "2"}), seed);
    runWithASlowTime(shop);
    experiment.at("57 % load, 5 s of 1.45 x the time", seed);
    experiment.atMost("extra load", shop.extraPercent(), "%", 2.2);
    experiment.atMost("p99 from 1 s after it on, of that before",
                      seconds(shop.callers().percentile(99, kBefore + kSlow + 1s)) /
                          seconds(shop.callers().percentile(99, kWarmUp, kBefore)),
                      "x", 1.1);
    shop.plot(experiment);
    experiment.atMost("requests that failed", shop.callers().sent() - shop.callers().tally().good, "", 0);
  }
}

}  // namespace
}  // namespace outrigger::sim
