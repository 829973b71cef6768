#include "filters/local_rate_limit/local_rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "tests/support/filter_world.h"

namespace outrigger::filters::local_rate_limit {
namespace {

using ::testing::HasSubstr;
using Verdict = exchange::Verdict;
using testing::FilterWorld;
using testing::findingsOf;
using testing::makeFilter;

class Limit {
 public:
  explicit Limit(const std::string& settings) : filter_(makeFilter("local-rate-limit: {" + settings + "}")) {}

  bool sound() const { return filter_ != nullptr; }
  bool passes() { return ask().kind == Verdict::Kind::Continue; }
  int passing(int requests) {
    int passed = 0;
    for (int i = 0; i < requests; ++i) passed += passes() ? 1 : 0;
    return passed;
  }
  std::string retryAfter() {
    const Verdict verdict = ask();
    return verdict.kind == Verdict::Kind::Reply ? std::string(verdict.reply.fields.value(http::Header::RetryAfter))
                                                : "passed";
  }
  Verdict ask() {
    http::RequestHead head;
    return filter_->onRequest(world, head);
  }

  FilterWorld world;

 private:
  std::shared_ptr<const exchange::Filter> filter_;
};

TEST(LocalRateLimit, ABurstPassesAndThenOneInEachInterval) {
  Limit limit("requests: 10");
  ASSERT_TRUE(limit.sound());
  EXPECT_EQ(limit.passing(15), 10) << "the burst is as large as `requests` where nothing is said";
  limit.world.pass(99ms);
  EXPECT_FALSE(limit.passes());
  limit.world.pass(1ms);
  EXPECT_TRUE(limit.passes());
  EXPECT_FALSE(limit.passes());
  limit.world.pass(300ms);
  EXPECT_EQ(limit.passing(10), 3);
}

TEST(LocalRateLimit, ABurstOfOneSpacesRequestsEvenly) {
  Limit limit("requests: 10, burst: 1");
  EXPECT_EQ(limit.passing(3), 1);
  limit.world.pass(100ms);
  EXPECT_EQ(limit.passing(3), 1);
}

TEST(LocalRateLimit, AfterAQuietTimeNoMoreThanTheBurstPasses) {
  Limit limit("requests: 10, per: 1s, burst: 5");
  limit.world.pass(24h);
  EXPECT_EQ(limit.passing(100), 5);
  limit.world.pass(24h);
  EXPECT_EQ(limit.passing(100), 5);
}

TEST(LocalRateLimit, RefusedRequestsCostNothing) {
  Limit limit("requests: 10, burst: 1");
  EXPECT_TRUE(limit.passes());
  EXPECT_EQ(limit.passing(1000), 0);
  limit.world.pass(100ms);
  EXPECT_TRUE(limit.passes());
}

TEST(LocalRateLimit, NeverMoreThanTheRateAndTheBurst) {
  for (const int requests : {1, 3, 7, 100, 999}) {
    Limit limit("requests: " + std::to_string(requests) + ", burst: 4");
    int passed = 0;
    constexpr int kSeconds = 2;
    for (int i = 0; i < kSeconds * 2000; ++i) {
      passed += limit.passes() ? 1 : 0;
      limit.world.pass(500us);
    }
    EXPECT_LE(passed, requests * kSeconds + 4);
    EXPECT_GE(passed, requests * kSeconds + 3 - 1) << "and no less than what is due";
  }
}

TEST(LocalRateLimit, PeriodsOtherThanASecond) {
  Limit limit("requests: 60, per: 1h, burst: 2");
  EXPECT_EQ(limit.passing(5), 2);
  limit.world.pass(59s);
  EXPECT_FALSE(limit.passes());
  limit.world.pass(1s);
  EXPECT_EQ(limit.passing(5), 1);
}

TEST(LocalRateLimit, TheLargestSettingsDoNotOverflow) {
  Limit limit("requests: 1, per: 1h, burst: 1000000");
  limit.world.setNow(Instant(24h * 365 * 10));
  EXPECT_EQ(limit.passing(1'000'010), 1'000'000);
  EXPECT_EQ(limit.retryAfter(), "3600");
}

TEST(LocalRateLimit, AClockThatLagsIsNoWayRound) {
  Limit limit("requests: 10, burst: 1");
  EXPECT_TRUE(limit.passes());
  limit.world.pass(-50ms);
  EXPECT_FALSE(limit.passes());
  limit.world.pass(149ms);
  EXPECT_FALSE(limit.passes());
  limit.world.pass(1ms);
  EXPECT_TRUE(limit.passes());
}

TEST(LocalRateLimit, RefusesWith429AndSaysWhenToComeBack) {
  Limit limit("requests: 1, per: 10s");
  EXPECT_TRUE(limit.passes());
  const Verdict verdict = limit.ask();
  EXPECT_EQ(verdict.kind, Verdict::Kind::Reply);
  EXPECT_EQ(verdict.reply.reason, Reason::RateLimited);
  EXPECT_EQ(verdict.reply.status, 0) << "the status belongs to the reason";
  EXPECT_EQ(limit.retryAfter(), "10");
  limit.world.pass(1ms);
  EXPECT_EQ(limit.retryAfter(), "10") << "rounded up";
  limit.world.pass(999ms);
  EXPECT_EQ(limit.retryAfter(), "9");
  limit.world.pass(8999ms);
  EXPECT_EQ(limit.retryAfter(), "1") << "at least one second";
  limit.world.pass(1ms);
  EXPECT_EQ(limit.retryAfter(), "passed");
}

TEST(LocalRateLimit, ExactOverAllWorkers) {
  constexpr int kWorkers = 4;
  constexpr int kEach = 5000;
  constexpr int kBurst = 7000;
  const auto filter = makeFilter("local-rate-limit: {requests: 1, per: 1h, burst: " + std::to_string(kBurst) + "}");
  ASSERT_NE(filter, nullptr);
  std::atomic<int> passed = 0;
  std::barrier start(kWorkers);
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < kWorkers; ++worker) {
      workers.emplace_back([&] {
        FilterWorld world;
        http::RequestHead head;
        start.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          if (filter->onRequest(world, head).kind == Verdict::Kind::Continue) passed.fetch_add(1);
        }
      });
    }
  }
  EXPECT_EQ(passed, kBurst);
}

TEST(LocalRateLimit, WhatTheLoaderRefuses) {
  struct Row {
    const char* settings;
    const char* finding;
  };
  const Row rows[] = {
      {"requests: 100", ""},
      {"requests: 1000000", ""},
      {"requests: 1000, per: 1ms", ""},
      {"per: 1s", "OR121"},
      {"requests: 0", "OR131"},
      {"requests: none", "OR126"},
      {"requests: 10, per: 0ms", "OR131"},
      {"requests: 10, per: 2h", "OR131"},
      {"requests: 10, burst: 0", "OR131"},
      {"requests: 10, unit: 1s", "OR120"},
      {"requests: 1001, per: 1ms", "OR131"},
  };
  for (const Row& row : rows) {
    const std::string found = findingsOf("local-rate-limit: {" + std::string(row.settings) + "}");
    if (*row.finding == '\0') {
      EXPECT_EQ(found, "") << row.settings;
    } else {
      EXPECT_THAT(found, HasSubstr(row.finding)) << row.settings;
    }
  }
}

}  // namespace
}  // namespace outrigger::filters::local_rate_limit
