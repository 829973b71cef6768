#include "control/telemetry/process_stats.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::control::telemetry {
namespace {

constexpr uint64_t kTicks = 100;
constexpr uint64_t kPage = 4096;

TEST(ProcessStats, ReadsTheKernelsLine) {
  const auto stats = parseStat(
      "4242 (outrigger) S 1 4242 4242 0 -1 4194560 1100 0 0 0 250 50 0 0 20 0 3 0 123456 90112000 2500 "
      "18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0\n",
      kTicks, kPage);
  ASSERT_TRUE(stats);
  EXPECT_DOUBLE_EQ(stats->cpuSeconds, 3.0);
  EXPECT_EQ(stats->residentBytes, 2500U * 4096);
}

TEST(ProcessStats, TheProgramsNameMayHoldAnything) {
  const std::string rest = " S 1 1 1 0 -1 0 0 0 0 0 100 0 0 0 20 0 1 0 1 1 10 0\n";
  for (const std::string name : {"(a b)", "(a) S 1 2 3 (b)", "(()))"}) {
    const auto stats = parseStat("1 " + name + rest, kTicks, kPage);
    ASSERT_TRUE(stats) << name;
    EXPECT_DOUBLE_EQ(stats->cpuSeconds, 1.0) << name;
    EXPECT_EQ(stats->residentBytes, 10U * 4096) << name;
  }
}

TEST(ProcessStats, AnythingElseIsNoSuchLine) {
  for (const char* text : {"", "\n", "1 (x)", "1 (x) S 1 2 3", "1 x S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 0 0 0 0 0 0 1",
                           "1 (x) S 1 1 1 0 -1 0 0 0 0 0 a 1 0 0 0 0 0 0 0 0 1 1"}) {
    EXPECT_FALSE(parseStat(text, kTicks, kPage)) << text;
  }
}

TEST(ProcessStats, ThisProcessLives) {
  const auto stats = readProcessStats();
  ASSERT_TRUE(stats);
  EXPECT_GT(stats->residentBytes, 100U * 1024);
  EXPECT_GE(stats->openFds, 3U);
  EXPECT_GE(stats->maxFds, stats->openFds);
  EXPECT_GE(stats->cpuSeconds, 0.0);
}

}  // namespace
}  // namespace outrigger::control::telemetry
