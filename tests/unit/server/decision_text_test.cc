#include "proxy/server/decision_text.h"

#include <gtest/gtest.h>

namespace outrigger::server {
namespace {

TEST(DecisionText, NumbersInGroups) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(DecisionText, Milliseconds) {
  EXPECT_EQ(spanText(4600ms), "4,600 ms");
  EXPECT_EQ(spanText(31999us), "31 ms");
  EXPECT_EQ(spanText(9950us), "9.9 ms");
  EXPECT_EQ(spanText(3ms), "3 ms");
  EXPECT_EQ(spanText(900us), "0.9 ms");
  EXPECT_EQ(spanText(0ms), "0 ms");
  EXPECT_EQ(spanText(9999ms), "9,999 ms");
  EXPECT_EQ(spanText(10s), "10 s");
  EXPECT_EQ(spanText(119999ms), "119 s");
  EXPECT_EQ(spanText(5min), "5 m");
  EXPECT_EQ(spanText(3h + 9s), "180 m 9 s");
}

TEST(DecisionText, SmallChances) {
  EXPECT_EQ(chanceText(1e-9), "1 in 10^9");
  EXPECT_EQ(chanceText(4.8e-7), "1 in 10^6");
  EXPECT_EQ(chanceText(0), "less than 1 in 10^300");
}

}  // namespace
}  // namespace outrigger::server
