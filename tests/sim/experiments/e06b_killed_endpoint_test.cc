// E6b: one of a few endpoints is killed under load. Nobody who asks with GET notices, and the breaker, which judges the
// upstream as a whole, stays out of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

constexpr const char* kNaivePolicy = "policies: {default: {retry: {limit: 0}, breaker: none, eject: none}}\n";

struct Setting {
  size_t endpoints;
  Duration service;
  std::string text() const {
    return "1 of " + std::to_string(endpoints) + ", " + std::to_string(wholeMilliseconds(service)) + " ms";
  }
};

class Killing {
 public:
  Killing(Side side, const Setting& setting, uint64_t seed) : world_(seed) {
    std::string addresses;
    for (size_t i = 0; i < setting.endpoints; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      services_.push_back(&world_.service(name).takes(Law::constant(setting.service)));
      addresses += (i == 0 ? "'${" : ", '${") + name + "}'";
    }
    sidecar_ = &world_.sidecar("log: {access: none}\n" + std::string(side == Side::Naive ? kNaivePolicy : "") +
                               "upstreams: {orders: {endpoints: [" + addresses + "]}}");
    gets_ = std::make_unique<Callers>(world_, *sidecar_, Callers::Load{.perSecond = 500, .host = "orders"});
    posts_ = std::make_unique<Callers>(
        world_, *sidecar_,
        Callers::Load{.perSecond = 50, .method = "POST", .host = "orders", .body = "pay once", .firstNumber = 1000000});
  }

  void run() {
    gets_->start(6s);
    posts_->start(6s);
    world_.run(2s);
    killedAt_ = world_.loop().turn().wall;
    postsInFlight_ = posts_->sent() - posts_->ended();
    services_[0]->kill();
    gets_->finish();
    posts_->finish();
  }

  const Callers& gets() const { return *gets_; }
  const Callers& posts() const { return *posts_; }
  size_t postsInFlight() const { return postsInFlight_; }
  uint64_t breakerTransitions() const {
    uint64_t sum = 0;
    for (const auto& to : sidecar_->series("orders").breakerTransitions) sum += to.value();
    return sum;
  }
  /// Infinite if it was never ejected.
  double millisecondsToEjection() const {
    const auto ejection = std::ranges::find(sidecar_->decisions(), "ejection", &server::Decision::kind);
    if (ejection == sidecar_->decisions().end()) return HUGE_VAL;
    return 1000 * seconds(ejection->time - killedAt_);
  }
  /// In the order of their ends.
  size_t longestRunOfFailures() const {
    std::vector<const Callers::Sample*> ends;
    for (const Callers::Sample& sample : gets_->samples()) ends.push_back(&sample);
    std::ranges::sort(ends, {}, [](const Callers::Sample* sample) { return sample->sentAt + sample->took; });
    size_t longest = 0;
    size_t run = 0;
    for (const Callers::Sample* sample : ends) {
      run = sample->good() ? 0 : run + 1;
      longest = std::max(longest, run);
    }
    return longest;
  }

 private:
  World world_;
  std::vector<Service*> services_;
  Sidecar* sidecar_ = nullptr;
  std::unique_ptr<Callers> gets_;
  std::unique_ptr<Callers> posts_;
  WallTime killedAt_{};
  size_t postsInFlight_ = 0;
};

constexpr Setting kSettings[] = {{2, 20ms}, {2, 50ms}, {3, 20ms}, {3, 50ms}};

TEST(Experiment, E6bAKilledEndpointFailsNoGet) {
  Experiment experiment("e06b");
  for (const Setting& setting : kSettings) {
    for (const uint64_t seed : Experiment::seeds()) {
      Killing killing(Side::Ours, setting, seed);
      killing.run();
      experiment.at(setting.text(), seed);
      const auto gets = killing.gets().tally();
      const auto posts = killing.posts().tally();
      experiment.atMost("GETs that failed", gets.sent - gets.good, "", 0);
      experiment.atMost("transitions of the breaker", killing.breakerTransitions(), "", 0);
      experiment.atMost("time to the ejection", killing.millisecondsToEjection(), "ms", 100);
      experiment.atMost("POSTs that failed", posts.sent - posts.good, "", static_cast<double>(killing.postsInFlight()));
    }
  }
}

// A breaker that counts failures in a row over all endpoints, as most do, would have opened at five.
TEST(Experiment, E6bWithoutRetriesAndEjectionHalfOfThemFailAndAPlainBreakerOpens) {
  Experiment experiment("e06b");
  for (const Setting& setting : kSettings) {
    for (const uint64_t seed : Experiment::seeds()) {
      Killing killing(Side::Naive, setting, seed);
      killing.run();
      experiment.at(setting.text(), seed, Side::Naive);
      const auto gets = killing.gets().tally(2s);
      experiment.atLeast("GETs that failed after the kill", 100 * (1 - gets.goodShare()), "%", 20);
      experiment.atLeast("longest run of failures", killing.longestRunOfFailures(), "", 5);
    }
  }
}

}  // namespace
}  // namespace outrigger::sim
