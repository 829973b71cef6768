// `outrigger tap`: what is asked for, which records are told and how many, and how one reads.
#include <gtest/gtest.h>

#include "control/cli/tap_text.h"
#include "control/tap/tap_feeds.h"

namespace outrigger::control {
namespace {

using server::TapFilter;
using server::Taps;

exchange::AccessRecord recordOf(Bytes upstream, Duration duration = 10ms) {
  exchange::AccessRecord record;
  record.id = "the-id";
  record.method = "GET";
  record.host = "orders";
  record.path = "/x";
  record.route = "all";
  record.upstream = upstream;
  record.status = 503;
  record.attempts = 2;
  record.duration = duration;
  record.protocol = "HTTP/1.1";
  return record;
}

TEST(TapFilter, AllThatIsGivenMustBeSo) {
  EXPECT_TRUE(TapFilter{}.wants(recordOf("orders"), false));
  EXPECT_FALSE(TapFilter{.errors = true}.wants(recordOf("orders"), false));
  EXPECT_TRUE(TapFilter{.errors = true}.wants(recordOf("orders"), true));
  EXPECT_TRUE(TapFilter{.upstream = "orders"}.wants(recordOf("orders"), false));
  EXPECT_FALSE(TapFilter{.upstream = "order"}.wants(recordOf("orders"), false));
  EXPECT_FALSE((TapFilter{.errors = true, .upstream = "orders"}.wants(recordOf("orders"), false)));
  EXPECT_FALSE(TapFilter{.route = "other"}.wants(recordOf("orders"), false));
  EXPECT_FALSE(TapFilter{.slowerThan = 10ms}.wants(recordOf("orders"), false));
  EXPECT_TRUE(TapFilter{.slowerThan = 9ms}.wants(recordOf("orders"), false));
}

TEST(TapFilter, IsReadFromAQuery) {
  const auto filter = tap::readFilter("errors=1&upstream=a%20b&route=r&slower-than=1s500ms");
  ASSERT_TRUE(filter.has_value());
  EXPECT_TRUE(filter->errors);
  EXPECT_EQ(filter->upstream, "a b");
  EXPECT_EQ(filter->route, "r");
  EXPECT_EQ(filter->slowerThan, 1500ms);
  EXPECT_FALSE(tap::readFilter("")->errors);
  const auto wrong = tap::readFilter("slower-than=5");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_TRUE(wrong.error().starts_with("slower-than ")) << wrong.error();
}

TEST(TapFilter, WhatTheConfigDoesNotHaveIsToldWithWhatItHas) {
  config::Model model;
  model.upstreams.emplace_back().name = "orders";
  model.routes.emplace_back().name = "all";
  EXPECT_EQ(tap::findsNothing({}, model), std::nullopt);
  EXPECT_EQ(tap::findsNothing({.upstream = "orders", .route = "all"}, model), std::nullopt);
  EXPECT_EQ(tap::findsNothing({.upstream = "passthrough"}, model), std::nullopt);
  EXPECT_EQ(tap::findsNothing({.upstream = "order"}, model), "the config has no upstream 'order': it has orders");
  EXPECT_EQ(tap::findsNothing({.route = "x"}, model), "the config has no route 'x': it has all");
}

class TapsTest : public ::testing::Test {
 protected:
  Taps::OnTapped into(std::vector<std::string>& seen, uint64_t& leftOut) {
    return [&seen, &leftOut](Bytes record, uint64_t more) {
      if (!record.empty()) seen.emplace_back(record);
      leftOut += more;
    };
  }

  Taps taps_;
  std::vector<std::string> all_, errors_;
  uint64_t allLeftOut_ = 0, errorsLeftOut_ = 0;
};

TEST_F(TapsTest, WhileNobodyTapsNothingIsWanted) {
  EXPECT_FALSE(taps_.want(true));
  taps_.open(1, {.errors = true}, into(errors_, errorsLeftOut_));
  EXPECT_TRUE(taps_.want(true));
  EXPECT_FALSE(taps_.want(false));
  taps_.close(1);
  EXPECT_FALSE(taps_.want(true));
}

TEST_F(TapsTest, EachIsToldWhatItWants) {
  taps_.open(1, {}, into(all_, allLeftOut_));
  taps_.open(2, {.errors = true}, into(errors_, errorsLeftOut_));
  taps_.take(recordOf("orders"), false);
  taps_.take(recordOf("orders"), true);
  EXPECT_EQ(all_.size(), 2U);
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_TRUE(errors_[0].starts_with("{") && errors_[0].ends_with("}")) << errors_[0];
}

TEST_F(TapsTest, ASecondHasRoomForSoManyAndTheOthersAreCounted) {
  taps_.open(1, {}, into(all_, allLeftOut_));
  for (uint32_t i = 0; i < Taps::kMostPerSecond + 7; ++i) taps_.take(recordOf("orders"), false);
  EXPECT_EQ(all_.size(), Taps::kMostPerSecond);
  EXPECT_EQ(allLeftOut_, 0U);
  taps_.onSecond();
  EXPECT_EQ(allLeftOut_, 7U);
  taps_.take(recordOf("orders"), false);
  EXPECT_EQ(all_.size(), Taps::kMostPerSecond + 1);
  taps_.onSecond();
  EXPECT_EQ(allLeftOut_, 7U) << "told once";
}

TEST(TapText, IsOneHarmlessLine) {
  const auto record = nlohmann::ordered_json::parse(
      R"({"time": "2026-01-31T12:00:01.250Z", "id": "the-id", "method": "GET", "host": "orders", "path": "/x)"
      R"(\u001b[2J", "upstream": "orders", "endpoint": "10.0.0.1:80", "status": 503, "reason": "upstream-reset",)"
      R"( "attempts": 2, "duration_ms": 31.2})");
  EXPECT_EQ(cli::tapText(record),
            "12:00:01.250  GET orders/x?[2J -> 503 upstream-reset, 2 attempts, 31 ms  orders 10.0.0.1:80  the-id");
  EXPECT_EQ(cli::tapText(nlohmann::ordered_json::object()).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace outrigger::control
