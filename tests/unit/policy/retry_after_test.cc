#include <gtest/gtest.h>

#include <string>

#include "proxy/base/rng.h"
#include "proxy/policy/retry.h"

namespace outrigger::policy {
namespace {

// 1994-11-06T08:49:37Z.
constexpr int64_t kSample = 784'111'777;

WallTime wallAt(int64_t secondsSince1970, Duration fraction = 0ns) {
  return WallTime(std::chrono::seconds(secondsSince1970) + fraction);
}

TEST(RetryAfter, Seconds) {
  EXPECT_EQ(parseRetryAfter("0", wallAt(kSample)), 0s);
  EXPECT_EQ(parseRetryAfter("120", wallAt(kSample)), 120s);
  EXPECT_EQ(parseRetryAfter("007", wallAt(kSample)), 7s);
  EXPECT_EQ(parseRetryAfter("99999999999", wallAt(kSample)), kLongestSetting);
  EXPECT_EQ(parseRetryAfter("99999999999999999999999999999999", wallAt(kSample)), kLongestSetting);
}

TEST(RetryAfter, TheThreeFormsOfADate) {
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parseRetryAfter(text, wallAt(kSample - 100)), 100s) << text;
    EXPECT_EQ(parseRetryAfter(text, wallAt(kSample - 1, 250ms)), 750ms) << text;
    EXPECT_EQ(parseRetryAfter(text, wallAt(kSample)), 0s) << text;
    EXPECT_EQ(parseRetryAfter(text, wallAt(kSample, 1ns)), 0s) << text;
    EXPECT_EQ(parseRetryAfter(text, wallAt(kSample + 1'000'000'000)), 0s) << text;
  }
  EXPECT_EQ(parseRetryAfter("Wed Nov 16 08:49:37 1994", wallAt(kSample)), 240h);
}

TEST(RetryAfter, OddButValidDates) {
  EXPECT_EQ(parseRetryAfter("Thu, 29 Feb 1996 00:00:00 GMT", wallAt(825'552'000 - 5)), 5s);
  EXPECT_EQ(parseRetryAfter("Sat, 31 Dec 2016 23:59:60 GMT", wallAt(1'483'228'799)), 1s) << "a leap second";
  EXPECT_EQ(parseRetryAfter("Fri, 31 Dec 9999 23:59:59 GMT", wallAt(kSample)), kLongestSetting);
  EXPECT_EQ(parseRetryAfter("Thu, 01 Jan 1970 00:00:00 GMT", wallAt(kSample)), 0s);
}

TEST(RetryAfter, TwoDigitsOfAYearMeanAtMostFiftyYearsAhead) {
  constexpr int64_t k2026 = 1'782'864'000;  // 2026-07-01
  EXPECT_EQ(parseRetryAfter("Thursday, 02-Jul-26 00:00:00 GMT", wallAt(k2026)), 24h);
  EXPECT_EQ(parseRetryAfter("Sunday, 06-Nov-94 08:49:37 GMT", wallAt(k2026)), 0s) << "1994, not 2094";
  EXPECT_EQ(parseRetryAfter("Friday, 01-Jan-27 00:00:00 GMT", wallAt(k2026)), 184 * 24h);
  constexpr int64_t k2099 = 4'086'460'800;  // 2099-06-30
  EXPECT_EQ(parseRetryAfter("Friday, 01-Jan-00 00:00:00 GMT", wallAt(k2099)), 185 * 24h) << "2100";
}

TEST(RetryAfter, AnythingElseIsRefused) {
  for (const char* text : {"",
                           " ",
                           "-1",
                           "+1",
                           "1.5",
                           "1s",
                           "0x10",
                           " 5",
                           "5 ",
                           "soon",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           " Sun, 06 Nov 1994 08:49:37 GMT",
                           "sun, 06 nov 1994 08:49:37 gmt",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT",
                           "Sun, 06 Nov 1994 8:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:00 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Wed, 30 Feb 1994 08:49:37 GMT",
                           "Sun, 29 Feb 1995 08:49:37 GMT",
                           "Mon, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 19940 08:49:37 GMT",
                           "Sun, 06 Nov -994 08:49:37 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT",
                           "Sunday, 06-Nov-1994 08:49:37 GMT",
                           "Sunday, 6-Nov-94 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sun Nov  6 08:49:37 94",
                           "Sun Nov  7 08:49:37 94",
                           "Sun, 07 Nov 94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994 GMT",
                           "Sun Nov 006 08:49:37 1994"}) {
    EXPECT_FALSE(parseRetryAfter(text, wallAt(kSample))) << text;
  }
}

TEST(RetryAfter, NoPrefixAndNoChangedOctetOfADateCrashesOrPasses) {
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (size_t size = 0; size < date.size(); ++size) {
    EXPECT_FALSE(parseRetryAfter(Bytes(date).substr(0, size), wallAt(kSample)));
  }
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    std::string changed = date;
    changed[rng.below(changed.size())] = static_cast<char>(rng.below(256));
    const auto delay = parseRetryAfter(changed, wallAt(kSample));
    if (delay) {
      EXPECT_GE(*delay, 0s) << changed;
      EXPECT_LE(*delay, kLongestSetting) << changed;
    }
  }
}

}  // namespace
}  // namespace outrigger::policy
