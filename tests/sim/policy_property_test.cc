// What holds of retries, budget and breaker in the whole worker, over random configs and random upstreams: attempts
// within the limit, retries within the budget in every window of time, nothing sent past an open breaker, and the same
// run twice for the same seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/sim/records.h"
#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

using State = policy::Breaker::State;

constexpr double kRate = 60;  // so few that `burst: auto` is its least, 10

class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : world_(seed), rng_(seed * 104729) {
    endpoints_ = 1 + rng_.below(3);
    for (size_t i = 0; i < endpoints_; ++i) upstreams_.push_back(&world_.upstream(std::string(1, name(i))));
    sidecar_ = &world_.sidecar(config());
  }

  void run(Duration span) {
    const auto method = oneOf<const char*>({"GET", "POST"});
    Traffic traffic(world_, *sidecar_, {.method = method, .host = "orders"});
    traffic.start(kRate, span);
    const Instant end = world_.loop().now() + span + 10s;
    look();
    while (world_.loop().now() < end && !::testing::Test::HasFailure()) {
      disturb();
      const Instant next = world_.loop().now() + rng_.between(20ms, 600ms);
      world_.runUntil(
          [&] {
            check();
            return world_.loop().now() >= next;
          },
          next - world_.loop().now());
    }
    for (const std::string& line : sidecar_->accessLines()) {
      EXPECT_LE(std::stoul(fieldOf(line, "attempts")), 1 + limit_) << line;
    }
  }

  /// All that it decided, and all that reached the upstreams.
  std::string story() const {
    std::string text;
    for (const auto& decision : sidecar_->decisions()) text += decision.text + "\n";
    for (const std::string& line : sidecar_->accessLines()) text += line;
    for (const Upstream* upstream : upstreams_) {
      for (const auto& request : upstream->begun()) text += request.header(kNumberHeader) + " ";
    }
    return text;
  }
  uint64_t retries() { return paidRetries(); }
  uint64_t openings() { return series().breakerTransitions[static_cast<size_t>(State::Open)].value(); }

 private:
  static char name(size_t i) { return static_cast<char>('a' + i); }
  template <class T>
  T oneOf(std::initializer_list<T> items) {
    return *(items.begin() + rng_.below(items.size()));
  }
  metrics::UpstreamSeries& series() { return sidecar_->series("orders"); }

  std::string config() {
    limit_ = 1 + rng_.below(4);
    percent_ = oneOf({0.0, 5.0, 10.0});
    perSecond_ = oneOf({0.0, 1.0, 5.0});
    const bool fixed = rng_.chance(0.5);
    burst_ = fixed ? oneOf({1.0, 3.0, 20.0}) : 10;
    std::string endpoints;
    for (size_t i = 0; i < endpoints_; ++i) endpoints += std::string(i == 0 ? "" : ", ") + "'${" + name(i) + "}'";
    return "log: {access: all}\npolicies: {default: {timeout: {request: 3s, attempt: 150ms, connect: 100ms}, "
           "retry: {limit: " +
           std::to_string(limit_) +
           ", backoff: {base: 5ms, max: 50ms}, budget: {percent: " + std::to_string(static_cast<int>(percent_)) +
           ", minPerSecond: " + std::to_string(static_cast<int>(perSecond_)) +
           (fixed ? ", burst: " + std::to_string(static_cast<int>(burst_)) : "") + "}}, " +
           oneOf({"", "eject: none, "}) +
           oneOf({"", "breaker: none, ", "breaker: {open: 100ms, maxOpen: 400ms}, ",
                  "breaker: {consecutive: none, minRequests: 5, slowPercent: 30, slowCall: 20ms}, "}) +
           "limits: {requests: " + oneOf({"4", "4096"}) + "}}}\nupstreams: {orders: {endpoints: [" + endpoints + "]}}";
  }

  void disturb() {
    Upstream& upstream = *upstreams_[rng_.below(upstreams_.size())];
    upstream.up();
    switch (rng_.below(9)) {
      case 0: upstream.down(); break;
      case 1: upstream.resets(); break;
      case 2: upstream.hangs(); break;
      case 3:
      case 4: upstream.replies(503); break;
      case 5: upstream.replies(200).then(503).then(200); break;
      default: upstream.replies(200);
    }
    if (rng_.chance(0.3)) upstream.after(oneOf<Duration>({5ms, 30ms}));
  }

  // Those that cost a token; what was not sent may be free.
  uint64_t paidRetries() {
    uint64_t sum = 0;
    for (const auto cause : {policy::RetryCause::Reset, policy::RetryCause::Timeout, policy::RetryCause::Status}) {
      sum += series().retries[static_cast<size_t>(cause)].value();
    }
    return sum;
  }
  // Tokens spent, less what had been earned by then. In no window may it rise by more than the bucket holds.
  double overspent() {
    const auto good = static_cast<double>(series().attempts[static_cast<size_t>(policy::AttemptResult::Ok)].value());
    return static_cast<double>(paidRetries()) - good * percent_ / 100 -
           perSecond_ * seconds(world_.loop().now() - Instant{});
  }
  const policy::Breaker* breaker() const {
    const policy::Breaker* found = nullptr;
    sidecar_->worker().forEachCluster([&](const upstream::Cluster& cluster) { found = cluster.breaker(); });
    return found;
  }
  size_t leases() const {
    size_t sum = 0;
    sidecar_->worker().forEachCluster([&](const upstream::Cluster& cluster) {
      cluster.endpoints().forEach(
          [&](const upstream::Endpoint& endpoint, const policy::Candidate&) { sum += endpoint.leases(); });
    });
    return sum;
  }

  void look() {
    leases_ = leases();
    closedUntil_ = breaker() != nullptr && breaker()->state() == State::Open ? breaker()->openUntil() : Instant{};
  }
  // After each event.
  void check() {
    least_ = std::min(least_, overspent());
    ASSERT_LE(overspent() - least_, burst_ + 1e-6) << "at " << seconds(world_.loop().now() - Instant{});
    if (world_.loop().now() < closedUntil_) {
      ASSERT_LE(leases(), leases_) << "sent past an open breaker";
    }
    look();
  }

  World world_;
  Rng rng_;
  size_t endpoints_ = 1;
  uint64_t limit_ = 0;
  double percent_ = 0;
  double perSecond_ = 0;
  double burst_ = 0;
  std::vector<Upstream*> upstreams_;
  Sidecar* sidecar_ = nullptr;
  double least_ = 0;
  size_t leases_ = 0;
  Instant closedUntil_{};
};

class PolicyProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(PolicyProperty, AttemptsBudgetAndBreakerKeepTheirWord) {
  constexpr uint64_t kPerTest = 10;
  uint64_t retries = 0;
  uint64_t openings = 0;
  for (uint64_t i = 0; i < kPerTest && !HasFailure(); ++i) {
    const uint64_t seed = GetParam() * kPerTest + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRun run(seed);
    run.run(20s);
    retries += run.retries();
    openings += run.openings();
  }
  EXPECT_GE(retries, 30U);
  EXPECT_GE(openings, 5U);
}

TEST_P(PolicyProperty, TheSameSeedTellsTheSameStory) {
  const auto story = [](uint64_t seed) {
    RandomRun run(seed);
    run.run(10s);
    return run.story();
  };
  const std::string once = story(GetParam());
  EXPECT_GT(once.size(), 1000U);
  EXPECT_TRUE(story(GetParam()) == once);
  EXPECT_FALSE(story(GetParam() + 1) == once);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PolicyProperty, ::testing::Range(uint64_t{0}, uint64_t{6}));

}  // namespace
}  // namespace outrigger::sim
