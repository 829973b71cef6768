#include "proxy/base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace outrigger {
namespace {

// The first outputs of the reference implementations of splitmix64 and xoshiro256++ for seed 0.
TEST(Rng, IsTheGeneratorItSaysItIs) {
  Rng rng(0);
  EXPECT_EQ(rng.next(), 5987356902031041503U);
  EXPECT_EQ(rng.next(), 7051070477665621255U);
  EXPECT_EQ(rng.next(), 6633766593972829180U);
}

TEST(Rng, ASeedRepeatsItself) {
  Rng a(42);
  Rng b(42);
  Rng c(43);
  int same = 0;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t value = a.next();
    ASSERT_EQ(value, b.next());
    same += value == c.next() ? 1 : 0;
  }
  EXPECT_EQ(same, 0);
}

TEST(Rng, BelowStaysBelowAndReachesEverything) {
  Rng rng(1);
  EXPECT_EQ(rng.below(0), 0U);
  EXPECT_EQ(rng.below(1), 0U);
  std::array<int, 7> hits{};
  for (int i = 0; i < 7000; ++i) {
    const uint64_t value = rng.below(7);
    ASSERT_LT(value, 7U);
    ++hits[value];
  }
  for (const int hit : hits) EXPECT_NEAR(hit, 1000, 150);
  for (int i = 0; i < 100; ++i) EXPECT_LT(rng.below(UINT64_MAX), UINT64_MAX);
}

TEST(Rng, UnitIsInItsRangeAndCentred) {
  Rng rng(2);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = rng.unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Rng, ChanceKeepsItsWord) {
  Rng rng(3);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_FALSE(rng.chance(0.0));
    EXPECT_TRUE(rng.chance(1.0));
    hits += rng.chance(0.2) ? 1 : 0;
  }
  EXPECT_NEAR(hits, 2000, 200);
}

TEST(Rng, BetweenIncludesBothEnds) {
  Rng rng(4);
  std::set<int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.between(Duration(5), Duration(8)).count());
  EXPECT_EQ(seen, (std::set<int64_t>{5, 6, 7, 8}));
  EXPECT_EQ(rng.between(5s, 5s), Duration(5s));
  EXPECT_EQ(rng.between(5s, 1s), Duration(5s)) << "an empty range is its lower end";
  for (int i = 0; i < 1000; ++i) {
    const Duration span = rng.between(-1s, 1s);
    EXPECT_GE(span, Duration(-1s));
    EXPECT_LE(span, Duration(1s));
  }
}

}  // namespace
}  // namespace outrigger
