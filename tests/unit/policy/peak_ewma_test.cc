#include "proxy/policy/peak_ewma.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "proxy/policy/balancer.h"

namespace outrigger::policy {
namespace {

constexpr Instant kStart{1000s};

TEST(PeakEwma, BeforeTheFirstAnswerItIsTakenForAUsualOne) {
  EXPECT_FALSE(PeakEwma().known());
  EXPECT_EQ(PeakEwma().expected(kStart, 7ms), 7ms);
}

TEST(PeakEwma, FollowsAPeakAtOnceAndForgetsItInTenSeconds) {
  PeakEwma latency;
  latency.observe(kStart, 5ms);
  latency.observe(kStart + 1ms, 100ms);
  EXPECT_EQ(latency.value(), 100ms);
  Instant now = kStart;
  for (int i = 0; i < 1000; ++i) latency.observe(now += 10ms, 5ms);
  EXPECT_NEAR(seconds(latency.value()), 0.005 + 0.095 / M_E, 0.002);
  for (int i = 0; i < 6000; ++i) latency.observe(now += 10ms, 5ms);
  EXPECT_LT(latency.value(), 5200us);
}

TEST(PeakEwma, AfterHalfASecondOfSilenceItIsPulledTowardsTheUsual) {
  PeakEwma slow;
  slow.observe(kStart, 100ms);
  EXPECT_EQ(slow.expected(kStart + 500ms, 10ms), 100ms);
  EXPECT_LT(slow.expected(kStart + 1s, 10ms), 100ms);
  EXPECT_NEAR(seconds(slow.expected(kStart + 10500ms, 10ms)), 0.010 + 0.090 / M_E, 0.0001);
  EXPECT_NEAR(seconds(slow.expected(kStart + 10min, 10ms)), 0.010, 0.0001);
  PeakEwma fast;
  fast.observe(kStart, 1ms);
  EXPECT_NEAR(seconds(fast.expected(kStart + 10min, 10ms)), 0.010, 0.0001) << "from below as well";
}

TEST(PeakEwma, AFailureIsSlowHoweverSoonItCame) {
  PeakEwma failing;
  failing.observeFailure(kStart, 1ms, 10ms);
  EXPECT_EQ(failing.value(), 100ms);
  failing.observeFailure(kStart + 1s, 3s, 10ms);
  EXPECT_EQ(failing.value(), 3s) << "it may be slower yet";
  PeakEwma first;
  first.observeFailure(kStart, 1ms, 0ms);
  EXPECT_EQ(first.value(), 1s) << "nothing is usual yet";
}

TEST(PeakEwma, SilenceCountsOnlyWhereItIsLongerThanExpected) {
  PeakEwma latency;
  latency.observeSilence(kStart, 5ms, 10ms);
  EXPECT_FALSE(latency.known()) << "5 ms without an answer say nothing of one that usually takes 10";
  latency.observeSilence(kStart, 50ms, 10ms);
  EXPECT_EQ(latency.value(), 50ms);
  latency.observeSilence(kStart, 20ms, 10ms);
  EXPECT_EQ(latency.value(), 50ms);
}

// ---- How the balancer uses it

/// Endpoints with a latency each, and requests at fixed intervals.
class Fleet {
 public:
  Fleet(size_t count, uint64_t seed) : candidates(count), latency(count, 10ms), status(count, 200), rng(seed) {}

  void run(int requests, Duration gap) {
    chosen.assign(candidates.size(), 0);
    for (int i = 0; i < requests; ++i) {
      now += gap;
      endDue();
      const uint32_t index = balancer.pick(candidates, {.now = now}, rng).value();
      ++chosen[index];
      ++candidates[index].inFlight;
      most = std::max(most, candidates[index].inFlight);
      underWay.push_back({now + latency[index], latency[index], index});
    }
  }

  struct Call {
    Instant end;
    Duration latency;
    uint32_t index;
  };
  void endDue() {
    std::erase_if(underWay, [this](const Call& call) {
      if (call.end > now) return false;
      --candidates[call.index].inFlight;
      AttemptEnd end;
      end.status = status[call.index];
      const Grade grade = end.status == 503 ? Grade::Failure : Grade::Success;
      balancer.learn(now, candidates[call.index], end, grade, call.latency);
      return true;
    });
  }

  Balancer balancer{Balance::Ewma};
  std::vector<Candidate> candidates;
  std::vector<Duration> latency;
  std::vector<uint16_t> status;
  std::vector<int> chosen;
  std::vector<Call> underWay;
  uint32_t most = 0;
  Instant now = kStart;
  Rng rng;
};

TEST(Ewma, ASlowEndpointGetsLittle) {
  for (const size_t count : {2U, 4U, 7U, 8U, 20U}) {
    Fleet fleet(count, 1);
    fleet.latency[1] = 200ms;
    fleet.run(5000, 2ms);
    EXPECT_LT(fleet.chosen[1], 5000 / static_cast<int>(count) / 10) << count;
  }
}

TEST(Ewma, AnEndpointThatFailsFastDoesNotAttract) {
  for (const uint16_t status : {uint16_t{503}, uint16_t{500}}) {
    for (const size_t count : {3U, 10U}) {
      Fleet fleet(count, 1);
      fleet.latency[0] = 1ms;
      fleet.status[0] = status;
      fleet.run(5000, 2ms);
      EXPECT_LT(fleet.chosen[0], 5000 / static_cast<int>(count) / 5) << status << " of " << count;
    }
  }
}

TEST(Ewma, AnEndpointThatRecoversIsTriedAgain) {
  for (const size_t count : {3U, 10U}) {
    Fleet fleet(count, 1);
    fleet.latency[1] = 200ms;
    fleet.run(5000, 2ms);
    fleet.latency[1] = 10ms;
    fleet.run(60000, 2ms);
    fleet.run(5000, 2ms);
    EXPECT_NEAR(fleet.chosen[1], 5000.0 / static_cast<double>(count), 0.3 * 5000.0 / static_cast<double>(count));
  }
}

TEST(Ewma, NobodyKnownIsBalancedByWhatIsInFlight) {
  for (const size_t count : {2U, 5U, 10U}) {
    Fleet fleet(count, 3);
    fleet.latency.assign(count, 1h);
    fleet.run(100, 1ms);
    EXPECT_LE(fleet.most, 100 / count + 6);
  }
}

TEST(Ewma, ANewEndpointIsNotFlooded) {
  Fleet fleet(4, 1);
  fleet.run(2000, 1ms);
  fleet.candidates.push_back({});
  fleet.latency.push_back(1h);  // says nothing at all
  fleet.status.push_back(200);
  fleet.run(100, 1ms);
  EXPECT_GE(fleet.chosen[4], 1);
  EXPECT_LE(fleet.chosen[4], 15) << "what is in flight there counts before an answer has come";
}

TEST(Ewma, SharesFollowTheWeightsWhereLatenciesAreAlike) {
  Fleet fleet(3, 1);
  fleet.candidates[0].weight = 3;
  Rng noise(2);
  std::vector<int> sum(3);
  for (int i = 0; i < 5000; ++i) {
    for (Duration& latency : fleet.latency) latency = noise.between(8ms, 12ms);
    fleet.run(1, 5ms);
    for (size_t k = 0; k < 3; ++k) sum[k] += fleet.chosen[k];
  }
  EXPECT_NEAR(sum[0], 3000, 300);
  EXPECT_NEAR(sum[1], 1000, 150);
}

}  // namespace
}  // namespace outrigger::policy
