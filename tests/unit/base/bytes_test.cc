#include "proxy/base/bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace outrigger {
namespace {

TEST(Bytes, OnlyAsciiLettersAreFolded) {
  for (int c = 0; c < 256; ++c) {
    const auto octet = static_cast<char>(c);
    const bool upper = c >= 'A' && c <= 'Z';
    EXPECT_EQ(lowerAscii(octet), upper ? static_cast<char>(c + 32) : octet) << c;
  }
}

TEST(Bytes, EqualityWithoutCase) {
  EXPECT_TRUE(equalsIgnoreCase("", ""));
  EXPECT_TRUE(equalsIgnoreCase("Host", "hOST"));
  EXPECT_FALSE(equalsIgnoreCase("host", "hos"));
  EXPECT_FALSE(equalsIgnoreCase("a[", "a{")) << "32 apart, but no letters";
  EXPECT_FALSE(equalsIgnoreCase("\xc4", "\xe4"));
  EXPECT_TRUE(startsWithIgnoreCase("Outrigger-X", "outrigger-"));
  EXPECT_TRUE(startsWithIgnoreCase("a", ""));
  EXPECT_FALSE(startsWithIgnoreCase("out", "outrigger-"));
}

TEST(Bytes, EightOctetsAreLoweredAsOneIs) {
  for (int octet = 0; octet < 256; ++octet) {
    for (size_t place = 0; place < 8; ++place) {
      std::string text =
          "\xff"
          "Zz@[\x7f"
          "A`";
      text[place] = static_cast<char>(octet);
      std::string lowered = text;
      for (char& c : lowered) c = lowerAscii(c);
      EXPECT_EQ(lowerAscii8(load8(text.data())), load8(lowered.data())) << octet << " at " << place;
    }
  }
}

TEST(Bytes, TrimTakesSpacesAndTabsOnly) {
  EXPECT_EQ(trimSpace(" \t a b \t"), "a b");
  EXPECT_EQ(trimSpace("a"), "a");
  EXPECT_EQ(trimSpace(" \t "), "");
  EXPECT_EQ(trimSpace(""), "");
  EXPECT_EQ(trimSpace("\r\na\v"), "\r\na\v");
}

TEST(Bytes, DecimalNumbers) {
  EXPECT_EQ(parseDecimal("0"), 0U);
  EXPECT_EQ(parseDecimal("0042"), 42U);
  EXPECT_EQ(parseDecimal("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parseDecimal("00000000000000000000000000000007"), 7U);
  EXPECT_EQ(parseDecimal("100", 100), 100U);
  for (const Bytes text : {"", " 1", "1 ", "+1", "-1", "-0", "1.0", "1e3", "0x1", "a", "1a", "1,2",
                           "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_EQ(parseDecimal(text), std::nullopt) << text;
  }
  EXPECT_EQ(parseDecimal(Bytes("1\0", 2)), std::nullopt);
  EXPECT_EQ(parseDecimal("101", 100), std::nullopt);
}

std::vector<std::string> elements(Bytes list, size_t most = 100) {
  std::vector<std::string> found;
  forEachListElement(list, [&](Bytes element) {
    found.emplace_back(element);
    return found.size() < most;
  });
  return found;
}

TEST(Bytes, ListElements) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(elements(""), Texts{});
  EXPECT_EQ(elements(" , ,\t,"), Texts{});
  EXPECT_EQ(elements("a"), Texts{"a"});
  EXPECT_EQ(elements(" a ,b,, c d\t"), (Texts{"a", "b", "c d"}));
  EXPECT_EQ(elements(",a,"), Texts{"a"});
  EXPECT_EQ(elements("a,b,c", 2), (Texts{"a", "b"}));
}

TEST(Bytes, AListWalkTellsWhetherItCameToTheEnd) {
  EXPECT_TRUE(forEachListElement("a,b", [](Bytes) { return true; }));
  EXPECT_TRUE(forEachListElement("", [](Bytes) { return false; }));
  EXPECT_FALSE(forEachListElement("a,b", [](Bytes element) { return element != "b"; }));
}

}  // namespace
}  // namespace outrigger
