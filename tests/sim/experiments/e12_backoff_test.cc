// E12: a thousand clients fail in the same instant. Their retries come back spread out, not as the same wave again.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/experiment.h"
#include "tests/support/sim/lines.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

constexpr size_t kClients = 1000;

std::string config(int limit) {
  return "log: {access: none}\n"
         "policies: {default: {breaker: none, eject: none, retry: {limit: " +
         std::to_string(limit) +
         ", backoff: {base: 50ms}, budget: {percent: 100, minPerSecond: 1000000, burst: 1000000}}}}\n"
         "upstreams: {orders: {endpoints: ['${orders}']}}";
}

class Wave {
 public:
  Wave(Side side, uint64_t seed)
      : world_(seed),
        orders_(world_.service("orders").fails(1)),
        sidecar_(world_.sidecar(config(side == Side::Ours ? 3 : 0))),
        lines_(world_.loop(), [this] { return sidecar_.open(Direction::Outbound); }),
        side_(side) {
    orders_.onArrival([this](const Service::Job&) {
      const auto bucket = static_cast<size_t>((world_.loop().now() - begun_) / 10ms);
      if (buckets_.size() <= bucket) buckets_.resize(bucket + 1);
      ++buckets_[bucket];
    });
  }

  void run() {
    world_.run(1s);
    begun_ = world_.loop().now();
    for (size_t i = 0; i < kClients; ++i) ask(3);
    world_.run(10s);
  }
  size_t arrived() const {
    size_t sum = 0;
    for (const size_t count : buckets_) sum += count;
    return sum;
  }
  /// Behind the first, which all of them share.
  size_t largestRetryBucket() const { return *std::max_element(buckets_.begin() + 1, buckets_.end()); }
  const std::vector<size_t>& buckets() const { return buckets_; }

 private:
  // The naive client waits 50 ms, then 100, then 200, as the others do.
  void ask(int triesLeft) {
    lines_.ask("GET / HTTP/1.1\r\nhost: orders\r\n\r\n", [this, triesLeft](std::optional<Message>) {
      if (side_ == Side::Ours || triesLeft == 0) return;
      world_.loop().in(50ms * (1 << (3 - triesLeft)), [this, triesLeft] { ask(triesLeft - 1); });
    });
  }

  World world_;
  Service& orders_;
  Sidecar& sidecar_;
  Lines lines_;
  Side side_;
  Instant begun_{};
  std::vector<size_t> buckets_;
};

TEST(Experiment, E12RetriesComeBackSpreadOut) {
  Experiment experiment("e12");
  for (const uint64_t seed : Experiment::seeds()) {
    size_t largest[2] = {};
    for (const Side side : {Side::Naive, Side::Ours}) {
      Wave wave(side, seed);
      wave.run();
      EXPECT_EQ(wave.arrived(), 4 * kClients);
      largest[static_cast<size_t>(side)] = wave.largestRetryBucket();
      experiment.at("1,000 clients", seed, side);
      for (size_t i = 0; i < wave.buckets().size(); ++i) {
        experiment.plot("buckets", "milliseconds,attempts",
                        {static_cast<double>(10 * i), static_cast<double>(wave.buckets()[i])});
      }
      experiment.note("largest 10 ms of retries", wave.largestRetryBucket(), "");
    }
    experiment.at("1,000 clients", seed);
    experiment.atMost("largest 10 ms of retries, of the unjittered one",
                      100 * static_cast<double>(largest[0]) / static_cast<double>(largest[1]), "%", 18);
  }
}

}  // namespace
}  // namespace outrigger::sim
