#include "proxy/policy/failure_run.h"

#include <gtest/gtest.h>

#include <cmath>

namespace outrigger::policy {
namespace {

TEST(FailureRun, Examples) {
  EXPECT_EQ(unlikelyRun(0, 0), 3U);
  EXPECT_EQ(unlikelyRun(5, 0), 5U);
  EXPECT_EQ(unlikelyRun(5, 0.05), 5U);
  EXPECT_EQ(unlikelyRun(5, 0.1), 7U);
  EXPECT_EQ(unlikelyRun(5, 0.5), 21U);
  EXPECT_EQ(unlikelyRun(30, 0.5), 30U);
  EXPECT_EQ(unlikelyRun(5, 0.98), 1374U);
}

TEST(FailureRun, WhereEverythingFailsNoRunSaysAnything) {
  EXPECT_EQ(unlikelyRun(5, 0.99), UINT32_MAX);
  EXPECT_EQ(unlikelyRun(5, 1), UINT32_MAX);
}

TEST(FailureRun, ChanceMakesItLessThanOnceInAMillion) {
  for (double share = 0; share < 0.98; share += 0.01) {
    EXPECT_LT(std::pow(share, unlikelyRun(1, share)), 1.1e-6) << share;
    EXPECT_GE(unlikelyRun(1, share + 0.01), unlikelyRun(1, share)) << share;
  }
}

}  // namespace
}  // namespace outrigger::policy
