#include "proxy/policy/hash_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

std::vector<Maglev::Member> fleet(size_t count) {
  std::vector<Maglev::Member> members;
  for (size_t i = 0; i < count; ++i) members.push_back({hashOf("10.0.0." + std::to_string(i) + ":8080"), 1});
  return members;
}

struct Set {
  explicit Set(size_t count) : table(fleet(count)), candidates(count) {}

  std::optional<uint32_t> choose(uint64_t key, std::span<const uint32_t> avoid = {}) const {
    return chooseByHash(table, candidates, avoid, {mixed(key), false});
  }
  // ⌈1.25 · all · weight / weights⌉ with one more in flight.
  uint32_t bound(uint32_t index) const {
    double weights = 0;
    double inFlight = 1;
    for (const Candidate& candidate : candidates) {
      if (!candidate.usable()) continue;
      weights += candidate.effectiveWeight();
      inFlight += candidate.inFlight;
    }
    return static_cast<uint32_t>(std::ceil(1.25 * inFlight * candidates[index].effectiveWeight() / weights - 1e-9));
  }

  Maglev table;
  std::vector<Candidate> candidates;
};

TEST(HashChoice, AKeyStaysWithItsOwner) {
  const Set set(7);
  for (uint64_t key = 0; key < 500; ++key) {
    EXPECT_EQ(set.choose(key), set.table.owner(set.table.slotOf(mixed(key))));
  }
}

TEST(HashChoice, WhenOneIsOutOnlyItsKeysMoveAndTheySpread) {
  Set set(10);
  std::vector<uint32_t> before;
  for (uint64_t key = 0; key < 10000; ++key) before.push_back(set.choose(key).value());
  set.candidates[4].share = 0;
  std::vector<int> heirs(10);
  for (uint64_t key = 0; key < 10000; ++key) {
    const uint32_t now = set.choose(key).value();
    if (before[key] != 4) {
      ASSERT_EQ(now, before[key]);
    } else {
      ++heirs[now];
    }
  }
  EXPECT_EQ(heirs[4], 0);
  for (size_t i = 0; i < 10; ++i) {
    if (i == 4) continue;
    EXPECT_GT(heirs[i], 40) << "nobody inherits it all";
  }
}

TEST(HashChoice, ATriedOneIsPassedOverAsOneThatIsOut) {
  Set set(5);
  for (uint64_t key = 0; key < 200; ++key) {
    const uint32_t first = set.choose(key).value();
    const uint32_t avoid[] = {first};
    const uint32_t second = set.choose(key, avoid).value();
    EXPECT_NE(second, first);
    set.candidates[first].share = 0;
    EXPECT_EQ(set.choose(key), second);
    set.candidates[first].share = 1;
  }
}

TEST(HashChoice, NothingButTriedOnesIsNothing) {
  Set set(2);
  const uint32_t avoid[] = {0, 1};
  EXPECT_FALSE(set.choose(1, avoid));
  EXPECT_FALSE(chooseByHash(Maglev({}), {}, {}, {1, false}));
}

TEST(HashChoice, TheBoundIsNeverExceededWhileAnotherIsFree) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    Set set(2 + rng.below(12));
    std::vector<uint32_t> underWay;
    for (int i = 0; i < 3000; ++i) {
      if (!underWay.empty() && rng.chance(0.45)) {
        std::swap(underWay[rng.below(underWay.size())], underWay.back());
        --set.candidates[underWay.back()].inFlight;
        underWay.pop_back();
      }
      const uint32_t chosen = set.choose(rng.below(5)).value();  // five keys for all traffic
      ASSERT_LT(set.candidates[chosen].inFlight, set.bound(chosen)) << seed;
      ++set.candidates[chosen].inFlight;
      underWay.push_back(chosen);
    }
  }
}

TEST(HashChoice, OneHotKeySpreadsNoFurtherThanItMust) {
  Set set(10);
  for (int i = 0; i < 100; ++i) ++set.candidates[set.choose(1).value()].inFlight;
  EXPECT_EQ(set.candidates[set.table.owner(set.table.slotOf(mixed(1)))].inFlight, 13U) << "⌈1.25 · 100 / 10⌉";
}

TEST(HashChoice, AReturningOneTakesATenthOfItsKeysAlwaysTheSame) {
  Set set(4);
  std::vector<uint64_t> own;
  for (uint64_t key = 0; key < 20000; ++key) {
    if (set.choose(key) == 2U) own.push_back(key);
  }
  set.candidates[2].share = 0.1;
  std::vector<uint64_t> taken;
  for (const uint64_t key : own) {
    if (set.choose(key) == 2U) taken.push_back(key);
  }
  EXPECT_NEAR(static_cast<double>(taken.size()), 0.1 * static_cast<double>(own.size()), 80);
  set.candidates[2].share = 0.5;
  for (const uint64_t key : taken) EXPECT_EQ(set.choose(key), 2U) << "whoever came back stays";
}

TEST(HashChoice, WhereAllReturnEachKeyStillHasAPlace) {
  Set set(3);
  for (Candidate& candidate : set.candidates) candidate.share = 0.1;
  for (uint64_t key = 0; key < 300; ++key) EXPECT_TRUE(set.choose(key));
}

TEST(HashChoice, ANamedEndpointIsChosenWhateverItCarries) {
  Set set(5);
  set.candidates[3].inFlight = 1000;
  const Affinity named{set.table.members()[3].id, true};
  EXPECT_EQ(chooseByHash(set.table, set.candidates, {}, named), 3U);
  const uint32_t avoid[] = {3};
  const auto other = chooseByHash(set.table, set.candidates, avoid, named);
  EXPECT_TRUE(other && *other != 3U);
  set.candidates[3].share = 0;
  EXPECT_EQ(chooseByHash(set.table, set.candidates, {}, named), other) << "always the same other";
}

TEST(HashChoice, TheOnlyUsableOneOfManyIsFound) {
  Set set(300);
  for (Candidate& candidate : set.candidates) candidate.share = 0;
  set.candidates[123] = {.share = 0.1, .inFlight = 50};
  for (uint64_t key = 0; key < 100; ++key) EXPECT_EQ(set.choose(key), 123U);
}

}  // namespace
}  // namespace outrigger::policy
