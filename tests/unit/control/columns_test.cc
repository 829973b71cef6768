// Text in a terminal's columns, and tables that fit.
#include "control/cli/columns.h"

#include <gtest/gtest.h>

#include "control/cli/fitted_table.h"

namespace outrigger::control::cli {
namespace {

TEST(Columns, WhatFitsStaysAsItIs) {
  EXPECT_EQ(fitted("orders", 6, true), "orders");
  EXPECT_EQ(fitted("", 3, true), "");
  EXPECT_EQ(fitted("orders", 0, true), "");
}

TEST(Columns, WhatDoesNotFitEndsInASign) {
  EXPECT_EQ(fitted("orders", 5, true), "orde…");
  EXPECT_EQ(fitted("orders", 5, false), "orde~");
  EXPECT_EQ(fitted("orders", 1, true), "…");
}

TEST(Columns, WideLettersTakeTwoAndMarksNone) {
  EXPECT_EQ(columnsOf("注文"), 4U);
  EXPECT_EQ(columnsOf("e\xCC\x81"), 1U) << "e and an acute accent";
  EXPECT_EQ(fitted("注文注文", 5, true), "注文…");
  EXPECT_EQ(fitted("注文注文", 4, true), "注…") << "half a letter is none";
}

TEST(Columns, NothingSteersTheTerminal) {
  for (const char* hostile : {"\x1b[2J", "\x1b]0;x\x07", "a\r\nb",
                              "\xC2\x9B"
                              "31m",
                              "a\x7f",
                              "\xE2\x80\xAE"
                              "cod.exe",
                              "\xE2\x80\x8B", "\xC0\xAF", "\xF5\x80\x80\x80", "\xED\xA0\x80", "\xFF", "\xE2\x82"}) {
    for (const bool utf8 : {true, false}) {
      const std::string text = fitted(hostile, 40, utf8);
      EXPECT_NE(text.find('?'), std::string::npos) << text;
      for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << text;
    }
  }
}

TEST(Columns, WithoutUtf8ThereIsOnlyAscii) {
  EXPECT_EQ(fitted("é注x", 3, false), "??x");
}

TEST(Columns, TheLocaleSaysWhetherThereIsUtf8) {
  EXPECT_TRUE(takesUtf8("", "", "de_AT.UTF-8"));
  EXPECT_TRUE(takesUtf8("C.utf8", "", "C"));
  EXPECT_FALSE(takesUtf8("C", "", "de_AT.UTF-8")) << "LC_ALL comes first";
  EXPECT_FALSE(takesUtf8("", "", ""));
}

TEST(SparkLine, TheHighestIsFullAndNothingIsTheGround) {
  const double values[] = {0, 1, 8, -1, 4};
  EXPECT_EQ(sparkLine(values, 5, true), "▁▂█ ▅");
  EXPECT_EQ(sparkLine(values, 2, true), " █") << "the last two, of which four is the highest";
  EXPECT_EQ(sparkLine(values, 5, false), "_.# =");
  EXPECT_EQ(sparkLine({}, 5, true), "");
}

FittedTable example() {
  FittedTable table({{"name", false, 9}, {"rate", true, 5}, {"rare", true, 1}});
  table.add({"a-name-that-is-rather-long-for-a-table", "12", "3"});
  table.add({"b", "1", ""}, TonedLine::Tone::Bad);
  return table;
}

TEST(FittedTable, TakesWhatItNeeds) {
  const auto lines = example().lines(80, true);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].text, "name                                    rate  rare");
  EXPECT_EQ(lines[2].text, "b                                          1");
  EXPECT_EQ(lines[2].tone, TonedLine::Tone::Bad);
}

TEST(FittedTable, FirstTheNameGivesWayThenAColumn) {
  EXPECT_EQ(example().lines(38, true)[1].text, "a-name-that-is-rather-lon…    12     3");
  EXPECT_EQ(example().lines(20, true)[1].text, "a-name-that-i…    12");
}

TEST(FittedTable, IsNeverWider) {
  for (size_t width = 0; width < 60; ++width) {
    for (const TonedLine& line : example().lines(width, true)) EXPECT_LE(columnsOf(line.text), width) << line.text;
  }
}

}  // namespace
}  // namespace outrigger::control::cli
