// What is read; what is refused, and with which proposal, stands in rows_values.cc.
#include "config/quantity.h"

#include <gtest/gtest.h>

#include "proxy/base/rng.h"

namespace outrigger::config {
namespace {

TEST(Quantity, Durations) {
  struct Case {
    const char* text;
    Duration value;
  };
  const Case cases[] = {{"1h", 1h},          {"250ms", 250ms},
                        {"1s500ms", 1500ms}, {"0s", 0s},
                        {"90m", 90min},      {"1h2m3s4ms", 1h + 2min + 3s + 4ms},
                        {"1h4ms", 1h + 4ms}, {"8760h", kLongestSetting}};
  for (const Case& c : cases) {
    const auto value = readDuration(c.text);
    ASSERT_TRUE(value) << c.text << ": " << value.error().what;
    EXPECT_EQ(*value, c.value) << c.text;
  }
  for (const char* text : {"", "5", "s", "5x", "1m1h", "1s1s", "1.5s", "-1s", "+1s", " 1s", "1s ", "01s", "1S", "1s5",
                           "8761h", "99999999999999999999h", "1 s", "8760h1ms"}) {
    EXPECT_FALSE(readDuration(text)) << text;
  }
}

TEST(Quantity, Sizes) {
  struct Case {
    const char* text;
    uint64_t value;
  };
  const Case cases[] = {{"0B", 0}, {"512B", 512}, {"64KiB", 65536}, {"10MiB", 10U << 20}, {"2GiB", 2ULL << 30}};
  for (const Case& c : cases) {
    const auto value = readSize(c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(*value, c.value) << c.text;
  }
  for (const char* text :
       {"", "64", "KiB", "64KB", "64kib", "1.5MiB", "-1B", "064KiB", "64KiB1B", "64 KiB", "99999999999GiB"}) {
    EXPECT_FALSE(readSize(text)) << text;
  }
}

TEST(Quantity, Integers) {
  EXPECT_EQ(readInteger("0").value(), 0U);
  EXPECT_EQ(readInteger("1000").value(), 1000U);
  EXPECT_EQ(readInteger("18446744073709551615").value(), UINT64_MAX);
  for (const char* text :
       {"", "00", "007", "0x10", "+1", "-1", "1_000", "1,000", "1e3", "1.0", " 1", "18446744073709551616"}) {
    EXPECT_FALSE(readInteger(text)) << text;
  }
}

TEST(Quantity, Percents) {
  EXPECT_EQ(readPercent("0").value(), 0);
  EXPECT_EQ(readPercent("2.5").value(), 2.5);
  EXPECT_EQ(readPercent("100").value(), 100);
  EXPECT_EQ(readPercent("99.999").value(), 99.999);
  EXPECT_EQ(readPercent("0.01").value(), 0.01);
  for (const char* text :
       {"", ".5", "5.", "5%", "-1", "1e1", "100.1", "101", "nan", "inf", "05", "1.2.3", "1000000000"}) {
    EXPECT_FALSE(readPercent(text)) << text;
  }
}

TEST(Quantity, Addresses) {
  for (const char* text : {"10.0.0.7:8080", "[::1]:8080", "unix:/run/app.sock"}) {
    EXPECT_EQ(readAddress(text, AddressUse::Call).value().text(), text);
  }
  EXPECT_TRUE(readAddress("0.0.0.0:0", AddressUse::Listen));
  EXPECT_TRUE(readAddress("[::]:15106", AddressUse::Listen));
  for (const char* text : {"0.0.0.0:80", "[::]:80", "[::ffff:0.0.0.0]:80", "10.0.0.1:0", "a:80", "10.0.0.1", ""}) {
    EXPECT_FALSE(readAddress(text, AddressUse::Call)) << text;
  }
}

TEST(Quantity, TextsAreReadAsTheValueTheyWereMadeFrom) {
  Rng rng(7);
  for (int i = 0; i < 2000; ++i) {
    const Duration duration = std::chrono::milliseconds(rng.below(static_cast<uint64_t>(kLongestSetting / 1ms) + 1));
    EXPECT_EQ(readDuration(durationText(duration)).value(), duration);
    const uint64_t octets = rng.below(1ULL << 40) << rng.below(8);
    EXPECT_EQ(readSize(sizeText(octets)).value(), octets);
  }
  EXPECT_EQ(durationText(0s), "0s");
  EXPECT_EQ(durationText(1h + 30s), "1h30s");
  EXPECT_EQ(sizeText(0), "0B");
  EXPECT_EQ(sizeText(1536), "1536B");
  EXPECT_EQ(sizeText(65536), "64KiB");
}

TEST(Quantity, EveryProposalIsReadable) {
  for (const char* text : {"5", "1500", "1.5s", "5sec", "2d", "100us", "x", "-1s", "0.5ms", "1e9s", "5 min", ""}) {
    EXPECT_TRUE(readDuration(readDuration(text).error().tryText)) << text;
  }
  for (const char* text : {"64", "64KB", "1.5m", "x", "", "5 gib", "0.1b"}) {
    EXPECT_TRUE(readSize(readSize(text).error().tryText)) << text;
  }
}

}  // namespace
}  // namespace outrigger::config
