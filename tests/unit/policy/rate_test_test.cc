#include "proxy/policy/rate_test.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "proxy/base/rng.h"

namespace outrigger::policy {
namespace {

using Counts = RateWindow::Counts;

// Sums of exact fractions, by another program.
TEST(BinomialTail, IsExact) {
  struct Row {
    uint64_t n, k;
    double p, expected;
  };
  for (const Row& row : {
           Row{1, 1, 1.0 / 2, 5.000000000000000e-01},
           Row{10, 3, 1.0 / 4, 4.744071960449219e-01},
           Row{10, 10, 1.0 / 10, 1.000000000000000e-10},
           Row{20, 15, 1.0 / 2, 2.069473266601562e-02},
           Row{25, 24, 6.0 / 11, 5.729070623267968e-06},
           Row{39, 37, 6.0 / 31, 1.993761627852196e-24},
           Row{100, 60, 1.0 / 2, 2.844396682049040e-02},
           Row{100, 40, 1.0 / 2, 9.823998998911476e-01},
           Row{50, 1, 1.0 / 100, 3.949939328624634e-01},
           Row{500, 300, 1.0 / 2, 4.470033271126634e-06},
           Row{2000, 60, 1.0 / 100, 2.834076030362143e-13},
           Row{1000, 1000, 9.0 / 10, 1.747871251722652e-46},
           Row{15, 2, 3.0 / 5, 9.999747670671360e-01},
           Row{16, 16, 3.0 / 5, 2.821109907456000e-04},
           Row{300, 0, 1.0 / 3, 1},
           Row{5, 6, 1.0 / 3, 0},
       }) {
    const double tail = binomialTail(row.n, row.k, row.p);
    EXPECT_NEAR(tail, row.expected, row.expected * 1e-10) << row.n << " " << row.k << " " << row.p;
  }
}

TEST(BinomialTail, FallsWithKAndNeverLeavesTheUnitInterval) {
  Rng rng(5);
  for (int i = 0; i < 300; ++i) {
    const uint64_t n = rng.below(3000);
    const double p = 0.001 + 0.998 * rng.unit();
    double before = 1;
    for (uint64_t k = 0; k <= n + 1; k += 1 + n / 50) {
      const double tail = binomialTail(n, k, p);
      ASSERT_GE(tail, 0);
      ASSERT_LE(tail, before * (1 + 1e-9)) << n << " " << k << " " << p;
      before = tail;
    }
  }
}

TEST(RateTest, TheChanceOfTwoRates) {
  struct Row {
    Counts mine, others;
    double expected;
  };
  for (const Row& row : {
           Row{{214, 37}, {1030, 2}, 6.099231206835458e-24},
           Row{{5, 5}, {1000, 0}, 7.546860951335457e-12},
           Row{{100, 25}, {100, 1}, 3.244220422336337e-06},
           Row{{100, 24}, {100, 0}, 4.810669989003637e-07},
           Row{{83, 10}, {500, 0}, 1.599473843855927e-08},
           Row{{50, 3}, {50, 1}, 3.835803565330237e-01},
           Row{{1000, 20}, {1000, 5}, 7.613132472583803e-03},
           Row{{50, 30}, {500, 10}, 2.249027574581420e-21},
       }) {
    EXPECT_NEAR(chanceOf(row.mine, row.others), row.expected, row.expected * 1e-10) << row.mine.failed;
  }
}

TEST(RateTest, TheBetterHalfIsRoundedUpAndHasTwentyRequestsEach) {
  std::vector<Counts> others = {{100, 50}, {100, 1}, {19, 0}, {100, 2}, {20, 0}, {100, 60}};
  const Counts better = betterHalf(others);
  EXPECT_EQ(better.total, 220U);
  EXPECT_EQ(better.failed, 3U);
  std::vector<Counts> none = {{19, 0}, {0, 0}};
  EXPECT_EQ(betterHalf(none).total, 0U);
  std::vector<Counts> one = {{40, 4}};
  EXPECT_EQ(betterHalf(one).failed, 4U);
}

TEST(RateTest, WhatIsEnoughToEject) {
  struct Row {
    Counts mine;
    std::vector<Counts> others;
    bool expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {{200, 100}, {{200, 0}}, true, "half against none"},
      {{100, 24}, {{100, 0}}, true, "just below 1e-6 / 2"},
      {{100, 23}, {{100, 0}}, false, "just above"},
      {{10'000, 150}, {{10'000, 0}}, false, "less than two points apart"},
      {{10'000, 250}, {{10'000, 0}}, true, "more than that"},
      {{10'000, 2500}, {{10'000, 1000}}, false, "not three times as often"},
      {{10'000, 3100}, {{10'000, 1000}}, true, "three times"},
      {{10'000, 9500}, {{10'000, 6000}}, true, "nine of ten is bad in any case"},
      {{10'000, 8900}, {{10'000, 6000}}, false, "less is not"},
      {{200, 200}, {{200, 200}}, false, "all fail alike"},
      {{200, 100}, {}, false, "nobody to compare with"},
      {{200, 100}, {{19, 0}}, false, "somebody of whom little is known"},
      {{19, 19}, {{200, 0}}, false, "so few that one event may have failed them"},
      {{20, 19}, {{200, 0}}, true, "not so few any more"},
      {{200, 0}, {{200, 200}}, false, "no failure"},
      {{200, 100}, {{200, 100}, {200, 100}, {200, 0}, {200, 0}}, true, "half of the others fail alike"},
  };
  for (Row row : rows) {
    const auto evidence = failsMore({}, row.mine, row.others, row.others.size() + 1);
    EXPECT_EQ(evidence.has_value(), row.expected) << row.why;
    if (evidence) {
      EXPECT_LT(evidence->chance, 1e-6) << row.why;
    }
  }
}

TEST(RateTest, TheGapIsSet) {
  std::vector<Counts> others = {{10'000, 0}};
  EXPECT_TRUE(failsMore({.gapPercent = 2}, {10'000, 300}, others, 2));
  EXPECT_FALSE(failsMore({.gapPercent = 5}, {10'000, 300}, others, 2));
}

TEST(RateTest, OneMoreFailureNeverAcquits) {
  Rng rng(3);
  for (int i = 0; i < 200; ++i) {
    std::vector<Counts> others(1 + rng.below(6));
    for (Counts& each : others) {
      each.total = 20 + rng.below(1000);
      each.failed = rng.below(each.total / 10 + 1);
    }
    Counts mine{.total = 50 + rng.below(500)};
    bool before = false;
    for (mine.failed = 0; mine.failed <= mine.total; mine.failed += 1 + mine.total / 40) {
      const bool now = failsMore({}, mine, others, others.size() + 1).has_value();
      ASSERT_GE(now, before) << mine.failed << " of " << mine.total;
      before = now;
    }
  }
}

// Looks that are independent of each other, all endpoints alike, at failure rates up to 30 %: a rule by mean and
// deviation flags 3 to 10 % of them.
TEST(RateTest, HealthyEndpointsAreNotFlagged) {
  Rng rng(11);
  size_t flagged = 0;
  for (int look = 0; look < 4000; ++look) {
    const double rate = std::array{0.001, 0.01, 0.05, 0.3}[rng.below(4)];
    std::vector<Counts> fleet(2 + rng.below(11));
    for (Counts& each : fleet) {
      each.total = 60;
      for (int i = 0; i < 60; ++i) each.failed += rng.chance(rate) ? 1 : 0;
    }
    std::vector<Counts> others(fleet.begin() + 1, fleet.end());
    flagged += failsMore({}, fleet.front(), others, fleet.size()) ? 1 : 0;
  }
  EXPECT_EQ(flagged, 0U);
}

}  // namespace
}  // namespace outrigger::policy
