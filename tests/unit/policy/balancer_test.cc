#include "proxy/policy/balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

namespace outrigger::policy {
namespace {

constexpr Balance kAll[] = {Balance::RoundRobin, Balance::LeastRequest, Balance::Random, Balance::Ewma, Balance::Hash};

std::vector<Candidate> equalOnes(size_t count) {
  return std::vector<Candidate>(count);
}

std::vector<Candidate> withWeights(const std::vector<uint32_t>& weights) {
  std::vector<Candidate> candidates;
  for (const uint32_t weight : weights) candidates.push_back({.weight = weight});
  return candidates;
}

// How often each one is chosen, with nothing in flight.
std::vector<double> tally(Balance kind, const std::vector<Candidate>& candidates, int picks, uint64_t seed = 1) {
  Balancer balancer(kind);
  Rng rng(seed);
  std::vector<double> counts(candidates.size());
  for (int i = 0; i < picks; ++i) counts[balancer.pick(candidates, {}, rng).value()] += 1;
  return counts;
}

// How often each is chosen while about `load` attempts are always under way, each ending in random order with a
// probability by `speed`.
std::vector<double> tallyUnderLoad(Balance kind, std::vector<Candidate> candidates, const std::vector<double>& speed,
                                   size_t load, int picks, uint64_t seed = 1) {
  Balancer balancer(kind);
  Rng rng(seed);
  std::vector<double> counts(candidates.size());
  std::vector<uint32_t> underWay;
  for (int i = 0; i < picks; ++i) {
    while (underWay.size() >= load) {
      std::swap(underWay[rng.below(underWay.size())], underWay.back());
      if (!rng.chance(speed[underWay.back()])) continue;
      --candidates[underWay.back()].inFlight;
      underWay.pop_back();
    }
    const uint32_t chosen = balancer.pick(candidates, {}, rng).value();
    counts[chosen] += 1;
    ++candidates[chosen].inFlight;
    underWay.push_back(chosen);
  }
  return counts;
}

TEST(Balancer, NobodyUsableMeansNobodyChosen) {
  for (const Balance kind : kAll) {
    Balancer balancer(kind);
    Rng rng(1);
    EXPECT_FALSE(balancer.pick({}, {}, rng));
    for (const size_t count : {1U, 3U, 20U}) {
      std::vector<Candidate> candidates(count, Candidate{.share = 0});
      EXPECT_FALSE(balancer.pick(candidates, {}, rng));
    }
  }
}

TEST(Balancer, TheOnlyOneIsChosenEvenIfTried) {
  for (const Balance kind : kAll) {
    Balancer balancer(kind);
    Rng rng(1);
    const uint32_t tried[] = {0};
    EXPECT_EQ(balancer.pick(equalOnes(1), {.avoid = tried}, rng), 0U);
  }
}

TEST(Balancer, NeverChoosesOneThatIsOut) {
  for (const Balance kind : kAll) {
    for (const size_t count : {2U, 5U, 12U, 100U}) {
      Balancer balancer(kind);
      Rng rng(count);
      auto candidates = equalOnes(count);
      for (int i = 0; i < 200; ++i) {
        for (Candidate& candidate : candidates) candidate.share = rng.chance(0.7) ? 0 : 1;
        candidates[rng.below(count)].share = 1;
        const auto chosen = balancer.pick(candidates, {}, rng);
        ASSERT_TRUE(chosen);
        ASSERT_TRUE(candidates[*chosen].usable());
      }
    }
  }
}

TEST(Balancer, FindsTheOnlyUsableOneOfMany) {
  for (const Balance kind : kAll) {
    Balancer balancer(kind);
    Rng rng(1);
    std::vector<Candidate> candidates(100, Candidate{.share = 0});
    candidates[63] = {.inFlight = 50};
    for (int i = 0; i < 20; ++i) EXPECT_EQ(balancer.pick(candidates, {}, rng), 63U);
  }
}

TEST(Balancer, AvoidsWhatWasTriedWhileThereIsAnother) {
  for (const Balance kind : kAll) {
    for (const size_t count : {2U, 4U, 12U}) {
      for (uint64_t seed = 1; seed <= 20; ++seed) {
        Balancer balancer(kind);
        Rng rng(seed);
        const auto candidates = equalOnes(count);
        std::vector<uint32_t> tried;
        for (size_t i = 0; i < count; ++i) {
          const uint32_t chosen = balancer.pick(candidates, {.avoid = tried}, rng).value();
          EXPECT_EQ(std::ranges::count(tried, chosen), 0);
          tried.push_back(chosen);
        }
        EXPECT_TRUE(balancer.pick(candidates, {.avoid = tried}, rng)) << "all were tried: one of them again";
      }
    }
  }
}

TEST(Balancer, EqualOnesTakeTurns) {
  for (const Balance kind : {Balance::RoundRobin, Balance::LeastRequest, Balance::Ewma}) {
    for (const size_t count : {2U, 3U, 7U}) {
      Balancer balancer(kind);
      Rng rng(5);
      const auto candidates = equalOnes(count);
      std::vector<uint32_t> chosen;
      for (size_t i = 0; i < 5 * count; ++i) chosen.push_back(balancer.pick(candidates, {}, rng).value());
      for (size_t i = 0; i + count <= chosen.size(); ++i) {
        EXPECT_EQ(std::set(chosen.begin() + static_cast<long>(i), chosen.begin() + static_cast<long>(i + count)).size(),
                  count);
      }
    }
  }
}

TEST(Balancer, ProxiesDoNotAllBeginWithTheSameEndpoint) {
  std::set<uint32_t> first;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Balancer balancer(Balance::LeastRequest);
    Rng rng(seed);
    first.insert(balancer.pick(equalOnes(4), {}, rng).value());
  }
  EXPECT_EQ(first.size(), 4U);
}

TEST(Balancer, RoundRobinIsExactAndSmooth) {
  const std::vector<uint32_t> weights{5, 1, 1};
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Balancer balancer(Balance::RoundRobin);
    Rng rng(seed);
    const auto candidates = withWeights(weights);
    std::vector<uint32_t> chosen;
    for (int i = 0; i < 70; ++i) chosen.push_back(balancer.pick(candidates, {}, rng).value());
    for (size_t cycle = 0; cycle < chosen.size(); cycle += 7) {
      const auto from = chosen.begin() + static_cast<long>(cycle);
      for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(std::count(from, from + 7, i), weights[i]);
    }
    int longest = 0;
    for (int i = 0, run = 0; i < 70; ++i)
      longest = std::max(longest, run = chosen[static_cast<size_t>(i)] == 0 ? run + 1 : 0);
    EXPECT_LE(longest, 4) << "the heavy one's turns are spread";
  }
}

TEST(Balancer, RoundRobinIgnoresLoad) {
  auto candidates = equalOnes(2);
  candidates[0].inFlight = 1000;
  EXPECT_EQ(tally(Balance::RoundRobin, candidates, 100), (std::vector<double>{50, 50}));
}

TEST(Balancer, SharesFollowTheWeightsWithNothingInFlight) {
  const std::vector<std::vector<uint32_t>> cases{
      {1, 1}, {2, 1}, {100, 1}, {5, 3, 2}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {9, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3}};
  for (const Balance kind : kAll) {
    for (const auto& weights : cases) {
      constexpr int kPicks = 4000;
      const auto counts = tally(kind, withWeights(weights), kPicks);
      const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (size_t i = 0; i < weights.size(); ++i) {
        const double expected = kPicks * weights[i] / total;
        EXPECT_NEAR(counts[i], expected, 5 * std::sqrt(expected) + 1) << static_cast<int>(kind) << " " << i;
      }
    }
  }
}

TEST(Balancer, SharesFollowTheWeightsUnderLoad) {
  const std::vector<std::vector<uint32_t>> cases{{1, 1}, {3, 1}, {20, 1}, {4, 2, 1, 1}, {4, 4, 1, 1, 1, 1, 1, 1, 1, 1}};
  for (const auto& weights : cases) {
    for (const size_t load : {1U, 5U, 100U}) {
      constexpr int kPicks = 3000;
      const auto counts = tallyUnderLoad(Balance::LeastRequest, withWeights(weights),
                                         std::vector<double>(weights.size(), 1.0), load, kPicks);
      const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (size_t i = 0; i < weights.size(); ++i) {
        const double expected = kPicks * weights[i] / total;
        EXPECT_NEAR(counts[i], expected, 0.35 * expected) << weights.size() << " candidates, load " << load;
      }
    }
  }
}

// The ramp of policy/ejection: a tenth of its share, neither none nor all, at any load.
TEST(Balancer, AReturningEndpointGetsATenthOfItsShare) {
  for (const Balance kind : kAll) {
    for (const size_t count : {2U, 7U, 12U}) {
      for (const size_t load : {1U, 30U}) {
        const int picks = static_cast<int>(2000 * count);
        auto candidates = equalOnes(count);
        candidates[1].share = 0.1;
        const auto counts = tallyUnderLoad(kind, candidates, std::vector<double>(count, 1.0), load, picks);
        const double expected = picks * 0.1 / (static_cast<double>(count) - 0.9);
        EXPECT_GT(counts[1], 0.65 * expected) << static_cast<int>(kind) << ", " << count << ", load " << load;
        EXPECT_LT(counts[1], 1.25 * expected) << static_cast<int>(kind) << ", " << count << ", load " << load;
      }
    }
  }
}

TEST(Balancer, AllReturningShareAlike) {
  for (const Balance kind : kAll) {
    std::vector<Candidate> candidates(3, Candidate{.share = 0.1});
    for (const double count : tally(kind, candidates, 3000)) EXPECT_NEAR(count, 1000, 150);
  }
}

TEST(Balancer, BelowEightTheLeastLoadedIsAlwaysFound) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Rng rng(seed);
    Balancer balancer(Balance::LeastRequest);
    auto candidates = equalOnes(2 + rng.below(6));
    for (int i = 0; i < 10; ++i) {
      uint32_t least = UINT32_MAX;
      for (Candidate& candidate : candidates) {
        candidate.inFlight = static_cast<uint32_t>(rng.below(5));
        least = std::min(least, candidate.inFlight);
      }
      EXPECT_EQ(candidates[balancer.pick(candidates, {}, rng).value()].inFlight, least);
    }
  }
}

TEST(Balancer, FromEightOnTheMostLoadedIsNeverFirstChoice) {
  for (const size_t count : {8U, 12U, 100U}) {
    Balancer balancer(Balance::LeastRequest);
    Rng rng(count);
    auto candidates = equalOnes(count);
    for (Candidate& candidate : candidates) candidate.inFlight = 3;
    candidates[4].inFlight = 4;
    for (int i = 0; i < 500; ++i) ASSERT_NE(balancer.pick(candidates, {}, rng), 4U);
  }
}

TEST(Balancer, ASlowEndpointLosesItsTurnsAndTheOthersShareThemEvenly) {
  for (const size_t count : {3U, 4U, 10U}) {
    std::vector<double> speed(count, 1.0);
    speed[0] = 0.02;
    const auto counts = tallyUnderLoad(Balance::LeastRequest, equalOnes(count), speed, 3 * count, 6000);
    const double others = (6000 - counts[0]) / (static_cast<double>(count) - 1);
    EXPECT_LT(counts[0], others / 3);
    for (size_t i = 1; i < count; ++i) EXPECT_NEAR(counts[i], others, 0.08 * others) << count;
  }
}

TEST(Balancer, RecoveredOnesAreNotFloodedWithOwedTurns) {
  Balancer balancer(Balance::LeastRequest);
  Rng rng(1);
  auto candidates = equalOnes(3);
  candidates[0].inFlight = 10;
  std::vector<int> counts(3);
  for (int i = 0; i < 900; ++i) ++counts[balancer.pick(candidates, {}, rng).value()];
  EXPECT_EQ(counts, (std::vector<int>{0, 450, 450})) << "its turns go to the others alike";
  candidates[0].inFlight = 0;
  counts.assign(3, 0);
  for (int i = 0; i < 30; ++i) ++counts[balancer.pick(candidates, {}, rng).value()];
  for (const int count : counts) EXPECT_NEAR(count, 10, 1);
}

TEST(Balancer, LoadCountsByWeight) {
  const std::vector<Candidate> lightIsFull{{.weight = 10, .inFlight = 5}, {.weight = 1, .inFlight = 2}};
  EXPECT_EQ(tally(Balance::LeastRequest, lightIsFull, 110), (std::vector<double>{110, 0}));
  const std::vector<Candidate> alike{{.weight = 10, .inFlight = 10}, {.weight = 1, .inFlight = 1}};
  EXPECT_EQ(tally(Balance::LeastRequest, alike, 110), (std::vector<double>{100, 10}));
  const std::vector<Candidate> heavyIsFull{{.weight = 10, .inFlight = 50}, {.weight = 1, .inFlight = 2}};
  EXPECT_EQ(tally(Balance::LeastRequest, heavyIsFull, 110), (std::vector<double>{0, 110}));
}

TEST(Balancer, WeightsThatRoseAreNoticed) {
  Balancer balancer(Balance::LeastRequest);
  Rng rng(1);
  auto candidates = equalOnes(10);
  balancer.pick(candidates, {}, rng);
  candidates[4].weight = 9;
  int heavy = 0;
  for (int i = 0; i < 2000; ++i) heavy += balancer.pick(candidates, {}, rng) == 4U ? 1 : 0;
  EXPECT_NEAR(heavy, 1000, 100);
}

TEST(Balancer, TurnsOwedForGreaterWeightsAreForgiven) {
  for (const Balance kind : {Balance::RoundRobin, Balance::LeastRequest, Balance::Ewma}) {
    Balancer balancer(kind);
    Rng rng(1);
    const auto before = withWeights({1000, 700, 300});
    for (int i = 0; i < 4; ++i) balancer.pick(before, {}, rng);
    std::vector<int> counts(3);
    for (int i = 0; i < 30; ++i) ++counts[balancer.pick(equalOnes(3), {}, rng).value()];
    for (const int count : counts) EXPECT_NEAR(count, 10, 2);
  }
}

TEST(Balancer, WeightsThatFellAreNoticed) {
  Balancer balancer(Balance::LeastRequest);
  Rng rng(1);
  auto candidates = withWeights(std::vector<uint32_t>(10, 1000));
  balancer.pick(candidates, {}, rng);
  candidates = withWeights({1, 1, 1, 1, 1, 1, 1, 1, 1, 3});
  std::vector<double> counts(10);
  for (int i = 0; i < 6000; ++i) counts[balancer.pick(candidates, {}, rng).value()] += 1;
  EXPECT_NEAR(counts[9], 1500, 180);
  EXPECT_NEAR(counts[0], 500, 110);
}

TEST(Balancer, SurvivesAnyChangeOfItsCandidates) {
  for (const Balance kind : kAll) {
    Balancer balancer(kind);
    Rng rng(3);
    for (int i = 0; i < 500; ++i) {
      auto candidates = equalOnes(rng.below(20));
      for (Candidate& candidate : candidates) {
        candidate.weight = 1 + static_cast<uint32_t>(rng.below(1000));
        candidate.share = rng.chance(0.3) ? 0 : rng.unit() * 0.9 + 0.1;
        candidate.inFlight = static_cast<uint32_t>(rng.below(3));
      }
      const uint32_t tried[] = {static_cast<uint32_t>(rng.below(20))};
      const auto chosen = balancer.pick(candidates, {.avoid = tried}, rng);
      ASSERT_EQ(chosen.has_value(), std::ranges::any_of(candidates, &Candidate::usable));
      ASSERT_TRUE(!chosen || candidates[*chosen].usable());
    }
  }
}

TEST(Balancer, ChoosesTheSameForTheSameSeed) {
  for (const Balance kind : kAll) {
    const auto candidates = withWeights({1, 2, 3, 4, 5, 6, 7, 8, 9});
    EXPECT_EQ(tally(kind, candidates, 200, 9), tally(kind, candidates, 200, 9));
  }
}

}  // namespace
}  // namespace outrigger::policy
