// The ages of requests, and when one counts as slow. What follows from that: ejection_latency_test.cc.
#include "proxy/policy/latency_watch.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "proxy/base/rng.h"
#include "proxy/policy/endpoint_record.h"

namespace outrigger::policy {
namespace {

using Sample = LatencyWatch::Sample;

struct World {
  explicit World(size_t endpoints) : records(endpoints) {
    watch.configure(LatencyTestSettings{});
    for (auto& record : records) all.push_back(&record);
  }

  Sample answer(size_t endpoint, Duration after, Grade grade = Grade::Success) {
    AttemptAge attempt;
    watch.begin(now - after, attempt, records[endpoint]);
    return watch.end(now, attempt, grade);
  }
  /// So many answers of each endpoint that the bar is known: 15 ms.
  void warmUp() {
    for (int i = 0; i < 200; ++i) {
      now += 10ms;
      for (size_t endpoint = 0; endpoint < records.size(); ++endpoint) answer(endpoint, 10ms);
    }
    watch.look(now += 1s, all);
  }

  LatencyWatch watch;
  std::deque<EndpointRecord> records;
  std::vector<EndpointRecord*> all;
  Instant now{Duration(1000s)};
};

TEST(LatencyWatch, TheBarIsHalfMoreThanTheLowerMedian) {
  World w(4);
  EXPECT_FALSE(w.watch.bar());
  const std::vector<Duration> times = {10ms, 20ms, 40ms, 80ms};
  for (int i = 0; i < 200; ++i) {
    w.now += 10ms;
    for (size_t endpoint = 0; endpoint < 4; ++endpoint) w.answer(endpoint, times[endpoint]);
  }
  w.watch.look(w.now, w.all);
  ASSERT_TRUE(w.watch.bar());
  EXPECT_NEAR(seconds(*w.watch.bar()), 0.030, 0.003);
  EXPECT_NEAR(seconds(w.records[3].latency().p99()), 0.080, 0.006);
  w.watch.configure(LatencyTestSettings{.barPercent = 300});
  w.watch.look(w.now, w.all);
  EXPECT_NEAR(seconds(*w.watch.bar()), 0.060, 0.006);
}

TEST(LatencyWatch, ThereIsNoneWhileTooLittleIsKnown) {
  World few(4);
  for (int i = 0; i < 200; ++i) few.answer(0, 10ms);
  few.watch.look(few.now, few.all);
  EXPECT_FALSE(few.watch.bar()) << "one of four";
  for (int i = 0; i < 200; ++i) few.answer(1, 10ms);
  few.watch.look(few.now += 1s, few.all);
  EXPECT_TRUE(few.watch.bar()) << "two of four";
  World lone(1);
  for (int i = 0; i < 200; ++i) lone.answer(0, 10ms);
  lone.watch.look(lone.now, lone.all);
  EXPECT_FALSE(lone.watch.bar()) << "nobody to compare with";
  EXPECT_GT(lone.records[0].latency().p99(), 9ms);
}

TEST(LatencyWatch, AnAnswerIsFastOrSlow) {
  World w(2);
  EXPECT_EQ(w.answer(0, 1s), Sample::None) << "no bar yet";
  w.warmUp();
  EXPECT_EQ(w.answer(0, 10ms), Sample::Fast);
  EXPECT_EQ(w.answer(0, 16ms), Sample::Slow);
}

TEST(LatencyWatch, WhatEndsOtherwiseIsSlowOrSaysNothing) {
  World w(2);
  w.warmUp();
  for (const Grade grade : {Grade::Neutral, Grade::Failure}) {
    EXPECT_EQ(w.answer(0, 1ms, grade), Sample::None);
    EXPECT_EQ(w.answer(0, 100ms, grade), Sample::Slow);
  }
}

TEST(LatencyWatch, AnAgeThatPassesCountsOnceThoughNoAnswerComes) {
  World w(2);
  w.warmUp();
  AttemptAge first;
  AttemptAge second;
  w.watch.begin(w.now, first, w.records[0]);
  w.watch.begin(w.now + 2ms, second, w.records[1]);
  const Instant passes = w.watch.nextPassing();
  EXPECT_EQ(passes, w.now + *w.watch.bar());
  EXPECT_EQ(w.watch.takePassed(passes - 1ns), nullptr);
  EXPECT_EQ(w.watch.takePassed(passes), &w.records[0]);
  EXPECT_EQ(w.watch.takePassed(passes), nullptr);
  EXPECT_EQ(w.watch.nextPassing(), passes + 2ms);
  EXPECT_EQ(w.watch.end(passes + 1ms, first, Grade::Success), Sample::None) << "it has been counted";
  EXPECT_EQ(w.watch.end(passes + 1ms, second, Grade::Success), Sample::Fast);
  EXPECT_EQ(w.watch.nextPassing(), kNever);
}

// What is judged at its end has the age that it had when its answer began.
TEST(LatencyWatch, AnAgeThatIsStoppedGrowsNoMore) {
  World w(2);
  w.warmUp();
  AttemptAge attempt;
  w.watch.begin(w.now, attempt, w.records[0]);
  attempt.stop(w.now + 10ms);
  EXPECT_EQ(w.watch.nextPassing(), kNever);
  EXPECT_EQ(w.watch.end(w.now + 1h, attempt, Grade::Success), Sample::Fast);
  w.watch.begin(w.now, attempt, w.records[0]);
  EXPECT_EQ(w.watch.end(w.now + 16ms, attempt, Grade::Success), Sample::Slow) << "begun anew";
}

TEST(LatencyWatch, WhatBeganBeforeAnEjectionOrWasDroppedSaysNothing) {
  World w(2);
  w.warmUp();
  {
    AttemptAge dies;
    w.watch.begin(w.now, dies, w.records[0]);
  }
  EXPECT_EQ(w.watch.nextPassing(), kNever);
  AttemptAge dropped;
  w.watch.begin(w.now, dropped, w.records[0]);
  dropped.drop();
  EXPECT_EQ(w.watch.nextPassing(), kNever);
  EXPECT_EQ(w.watch.end(w.now + 1s, dropped, Grade::Success), Sample::None);
}

TEST(LatencyWatch, SwitchedOffItWatchesNothing) {
  World w(2);
  w.warmUp();
  w.watch.configure(std::nullopt);
  AttemptAge attempt;
  w.watch.begin(w.now, attempt, w.records[0]);
  EXPECT_EQ(w.watch.nextPassing(), kNever);
  EXPECT_EQ(w.watch.end(w.now + 1s, attempt, Grade::Success), Sample::None);
}

TEST(LatencyScore, RisesByManyAndFallsByLittle) {
  World w(2);
  w.warmUp();
  LatencyScore score;
  w.watch.countFast(score);
  EXPECT_EQ(score.value(), 0);
  EXPECT_EQ(score.answers(), 0U);
  w.watch.countSlow(score);
  const double once = score.value();
  EXPECT_GE(once, 1.6) << "ln of 5 % to 1 %";
  EXPECT_LE(once, 3.0) << "ln of 5 % to 0.25 %";
  for (int i = 0; i < 10; ++i) w.watch.countFast(score);
  EXPECT_LT(score.value(), once);
  EXPECT_GT(score.value(), once - 10 * 0.05);
  EXPECT_EQ(score.slow(), 1U);
  EXPECT_EQ(score.answers(), 11U);
  for (int i = 0; i < 100; ++i) w.watch.countFast(score);
  EXPECT_EQ(score.value(), 0);
  EXPECT_EQ(score.answers(), 0U) << "what lies before a zero counts no more";
  for (int i = 0; i < 100; ++i) w.watch.countSlow(score);
  EXPECT_EQ(score.value(), LatencyScore::kAlarm);
}

// A share of slow answers that all endpoints have is no evidence against one: the more of them, the less each weighs.
TEST(LatencyScore, WhatIsUsualWeighsLess) {
  double before = 100;
  for (const int usual : {0, 4, 8}) {
    World w(2);
    for (int i = 0; i < 2000; ++i) {
      w.now += 1ms;
      for (size_t endpoint = 0; endpoint < 2; ++endpoint) w.answer(endpoint, i % 1000 < usual ? 100ms : 10ms);
    }
    w.watch.look(w.now, w.all);
    LatencyScore score;
    w.watch.countSlow(score);
    EXPECT_LE(score.value(), before) << usual;
    EXPECT_GE(score.value(), 1.6) << usual;
    before = score.value();
  }
}

}  // namespace
}  // namespace outrigger::policy
