#include "config/lines.h"

#include <gtest/gtest.h>

namespace outrigger::config {
namespace {

TEST(Lines, EndWithLfCrLfOrCr) {
  const Lines lines("a\nbb\r\nccc\rd");
  EXPECT_EQ(lines.count(), 4U);
  EXPECT_EQ(lines.line(1), "a");
  EXPECT_EQ(lines.line(2), "bb");
  EXPECT_EQ(lines.line(3), "ccc");
  EXPECT_EQ(lines.line(4), "d");
  EXPECT_EQ(lines.line(0), "");
  EXPECT_EQ(lines.line(5), "");
}

TEST(Lines, PlaceOfEveryOctet) {
  const Bytes text = "a\nbb\r\nc";
  const Lines lines(text);
  const Place expected[] = {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {2, 3}, {2, 4}, {3, 1}, {3, 2}};
  for (size_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(lines.place(i), expected[i]) << i;
  EXPECT_EQ(lines.place(1000), (Place{3, 2}));
}

TEST(Lines, OfNothing) {
  const Lines lines("");
  EXPECT_EQ(lines.count(), 1U);
  EXPECT_EQ(lines.line(1), "");
  EXPECT_EQ(lines.place(0), (Place{1, 1}));
}

}  // namespace
}  // namespace outrigger::config
