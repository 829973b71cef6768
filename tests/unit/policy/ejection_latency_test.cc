// Ejection by failure rates and by latency: who is suspected, who goes, when it is the fleet.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "proxy/policy/ejection.h"

namespace outrigger::policy {
namespace {

using State = EndpointRecord::State;
using Kind = EjectionNews::Kind;

struct World {
  explicit World(size_t endpoints, const EjectSettings& settings = {}, uint64_t seed = 1)
      : ejection(settings), rng(seed), records(endpoints) {
    for (auto& record : records) {
      ejection.tune(record);
      all.push_back(&record);
    }
  }

  void hear(Ejection::News fresh) { news.insert(news.end(), fresh.begin(), fresh.end()); }
  void answer(size_t endpoint, Duration after, Grade grade = Grade::Success) {
    AttemptAge attempt;
    ejection.begin(now - after, records[endpoint], attempt);
    hear(ejection.observe(now, records[endpoint], all, grade, attempt, rng));
  }
  /// All answer in 10 ms for so long, 100 times a second each.
  void goWell(Duration span) {
    for (const Instant end = now + span; now < end;) {
      now += 10ms;
      for (size_t endpoint = 0; endpoint < records.size(); ++endpoint) answer(endpoint, 10ms);
    }
  }
  std::optional<EjectionNews> last(Kind kind) const {
    const auto found = std::ranges::find(news.rbegin(), news.rend(), kind, &EjectionNews::kind);
    return found == news.rend() ? std::nullopt : std::optional(*found);
  }
  size_t count(Kind kind) const { return static_cast<size_t>(std::ranges::count(news, kind, &EjectionNews::kind)); }
  void comeBack(size_t endpoint) {
    now = records[endpoint].ejectedUntil();
    EXPECT_TRUE(ejection.refresh(now, records[endpoint]));
  }

  Ejection ejection;
  Rng rng;
  std::deque<EndpointRecord> records;
  std::vector<EndpointRecord*> all;
  std::vector<EjectionNews> news;
  Instant now{Duration(1000s)};
};

TEST(EjectionByErrors, HalfFailingIsNoticedWithoutARun) {
  World w(3);
  w.goWell(1s);
  for (int i = 0; i < 200 && w.news.empty(); ++i) {
    w.now += 10ms;
    w.answer(0, 10ms, i % 2 == 0 ? Grade::Failure : Grade::Success);
    w.answer(1, 10ms);
    w.answer(2, 10ms);
  }
  ASSERT_TRUE(w.last(Kind::Ejected));
  const EjectionNews news = *w.last(Kind::Ejected);
  EXPECT_EQ(news.endpoint, &w.records[0]);
  EXPECT_EQ(news.cause, EjectCause::Errors);
  EXPECT_EQ(w.records[0].cause(), EjectCause::Errors);
  EXPECT_GE(news.rates.mine.failed, 10U);
  EXPECT_LE(news.rates.mine.failed, 40U);
  EXPECT_EQ(news.rates.others.failed, 0U);
  EXPECT_LT(news.rates.chance, 1e-6);
}

TEST(EjectionByErrors, OldFailuresDoNotCountAfterTheReturn) {
  World w(2);
  w.goWell(1s);
  for (int i = 0; i < 400 && w.news.empty(); ++i) w.answer(0, 10ms, i % 2 == 0 ? Grade::Failure : Grade::Success);
  ASSERT_EQ(w.records[0].state(), State::Ejected);
  w.comeBack(0);
  EXPECT_EQ(w.records[0].counts(w.now).total, 0U);
  for (int i = 0; i < 20; ++i) w.answer(0, 10ms);
  ASSERT_EQ(w.records[0].state(), State::Healthy);
  w.answer(0, 10ms, Grade::Failure);
  EXPECT_EQ(w.records[0].state(), State::Healthy);
}

TEST(EjectionByErrors, NoneMeansThatNoRateEjects) {
  World w(2, {.errors = std::nullopt});
  w.goWell(1s);
  for (int i = 0; i < 1000; ++i) w.answer(0, 10ms, i % 2 == 0 ? Grade::Failure : Grade::Success);
  EXPECT_TRUE(w.news.empty());
}

// Where the others fail as well, one failure of an endpoint that returns is no relapse.
TEST(Ejection, ARelapseIsMeasuredByTheOthers) {
  struct Row {
    int oneIn;
    int needed;
  };
  for (const auto& [oneIn, needed] : {Row{0, 1}, Row{20, 2}, Row{10, 3}, Row{2, 7}}) {
    World w(3);
    w.goWell(1s);
    for (int i = 0; i < 50 && w.records[0].state() != State::Ejected; ++i) w.answer(0, 10ms, Grade::Failure);
    w.comeBack(0);
    w.now += 20s;
    for (int i = 0; i < 400; ++i) {
      for (const size_t other : {1U, 2U})
        w.answer(other, 10ms, oneIn > 0 && i % oneIn == 0 ? Grade::Failure : Grade::Success);
    }
    int failures = 0;
    while (w.records[0].state() == State::Returning && failures < 20) {
      w.answer(0, 10ms, Grade::Failure);
      ++failures;
      if (w.records[0].state() == State::Returning) {
        EXPECT_DOUBLE_EQ(w.records[0].share(), 0.1);
      }
    }
    EXPECT_EQ(failures, needed) << "one in " << oneIn;
    EXPECT_TRUE(w.last(Kind::Ejected)->returning);
  }
}

TEST(EjectionByLatency, ATenthOfSlowAnswersSuspectsAndThenEjects) {
  World w(4);
  w.goWell(5s);
  for (int i = 0; i < 2000 && w.records[0].state() == State::Healthy; ++i) {
    w.now += 10ms;
    w.answer(0, i % 10 == 0 ? 500ms : 10ms);
    for (const size_t other : {1U, 2U, 3U}) w.answer(other, 10ms);
    const double score = w.records[0].latency().value();
    EXPECT_EQ(w.records[0].share(), w.records[0].state() == State::Ejected ? 0 : w.records[0].suspected() ? 0.25 : 1);
    if (score >= LatencyScore::kHalf) {
      EXPECT_TRUE(w.records[0].suspected());
    }
  }
  ASSERT_EQ(w.news.size(), 2U);
  EXPECT_EQ(w.news[0].kind, Kind::Suspected);
  EXPECT_EQ(w.news[1].kind, Kind::Ejected);
  EXPECT_EQ(w.news[1].cause, EjectCause::Latency);
  EXPECT_EQ(w.news[1].barPercent, 150U);
  EXPECT_NEAR(seconds(w.news[1].bar), 0.015, 0.002);
  EXPECT_GE(w.news[1].slow, 5U);
  EXPECT_NEAR(static_cast<double>(w.news[1].answers), 10.0 * w.news[1].slow, 10);
}

TEST(EjectionByLatency, RequestsThatAreNeverAnsweredAreSlowAsWell) {
  World w(2);
  w.goWell(5s);
  std::deque<AttemptAge> hanging(20);
  for (AttemptAge& attempt : hanging) w.ejection.begin(w.now += 10ms, w.records[0], attempt);
  while (w.ejection.nextPassing() != kNever) {
    w.now = w.ejection.nextPassing();
    w.hear(w.ejection.advance(w.now, w.all, w.rng));
  }
  EXPECT_EQ(w.records[0].state(), State::Ejected);
  EXPECT_EQ(w.count(Kind::Ejected), 1U);
}

TEST(EjectionByLatency, WhatIsSuspectedGetsItsShareAgainWhenItsScoreFalls) {
  World w(3);
  w.goWell(5s);
  while (!w.records[0].suspected()) w.answer(0, 100ms);
  w.goWell(10s);
  EXPECT_FALSE(w.records[0].suspected());
  EXPECT_EQ(w.records[0].share(), 1);
  EXPECT_EQ(w.count(Kind::Cleared), 1U);
  EXPECT_EQ(w.count(Kind::Ejected), 0U);
}

TEST(EjectionByLatency, WhereOthersAreSlowAsWellItIsTheFleet) {
  for (const size_t endpoints : {2U, 3U, 4U, 10U}) {
    World w(endpoints);
    w.goWell(5s);
    for (int i = 0; i < 1000; ++i) {
      w.now += 10ms;
      for (size_t endpoint = 0; endpoint < endpoints; ++endpoint) w.answer(endpoint, 60ms);
    }
    EXPECT_EQ(w.count(Kind::Ejected), 0U) << endpoints;
    EXPECT_EQ(w.count(Kind::FleetSlow), 1U) << "told once in ten seconds";
    EXPECT_GE(w.last(Kind::FleetSlow)->others, 1U);
    for (const EndpointRecord& record : w.records) {
      EXPECT_FALSE(record.suspected());
      EXPECT_EQ(record.latency().value(), 0);
    }
    EXPECT_GT(*w.ejection.bar(), 60ms) << "and the bar has followed";
  }
}

TEST(EjectionByLatency, TheReturnIsFairAndARelapseQuick) {
  World w(3);
  w.goWell(5s);
  while (w.records[0].state() != State::Ejected) w.answer(0, 100ms);
  w.comeBack(0);
  EXPECT_EQ(w.records[0].latency().value(), 0);
  EXPECT_FALSE(w.records[0].suspected());
  EXPECT_DOUBLE_EQ(w.records[0].share(), 0.1);
  w.answer(0, 100ms);
  EXPECT_EQ(w.records[0].state(), State::Returning) << "one slow answer is no relapse";
  EXPECT_LE(w.records[0].share(), 0.12) << "but no success";
  int slow = 1;
  while (w.records[0].state() == State::Returning && ++slow < 10) w.answer(0, 100ms);
  EXPECT_LE(slow, 5);
  EXPECT_EQ(w.last(Kind::Ejected)->cause, EjectCause::Latency);
  w.comeBack(0);
  for (int i = 0; i < 20; ++i) w.answer(0, 10ms);
  EXPECT_EQ(w.records[0].state(), State::Healthy);
}

TEST(EjectionByLatency, ABreakerThatOpensClearsAllSuspicion) {
  World w(3);
  w.goWell(5s);
  while (!w.records[0].suspected()) w.answer(0, 100ms);
  w.ejection.forgiveRecent(w.now, w.all);
  EXPECT_EQ(w.records[0].share(), 1);
  EXPECT_EQ(w.records[0].latency().value(), 0);
}

TEST(EjectionByLatency, NoneMeansThatNoAnswerIsTooSlow) {
  World w(2, {.latency = std::nullopt});
  w.goWell(5s);
  for (int i = 0; i < 100; ++i) w.answer(0, 1s);
  EXPECT_TRUE(w.news.empty());
  EXPECT_FALSE(w.ejection.bar());
}

TEST(EjectionByLatency, AnEndpointThatHasLeftIsNotJudged) {
  World w(3);
  w.goWell(5s);
  std::deque<AttemptAge> hanging(20);
  for (AttemptAge& attempt : hanging) w.ejection.begin(w.now, w.records[0], attempt);
  w.all.erase(w.all.begin());
  w.hear(w.ejection.advance(w.now + 1s, w.all, w.rng));
  EXPECT_TRUE(w.news.empty());
  EXPECT_EQ(w.records[0].state(), State::Healthy);
}

TEST(Ejection, PanicsBelowHalfOrBelowWhatAnExplicitMaxPercentLeaves) {
  struct Row {
    double maxPercent;
    size_t usable, endpoints;
    bool expected;
  };
  for (const Row& row :
       {Row{50, 5, 10, false}, Row{50, 4, 10, true}, Row{50, 0, 1, true}, Row{50, 1, 2, false}, Row{20, 5, 10, false},
        Row{20, 4, 10, true}, Row{75, 1, 4, false}, Row{75, 0, 4, true}, Row{100, 0, 4, false}}) {
    const Ejection ejection(EjectSettings{.maxPercent = row.maxPercent});
    EXPECT_EQ(ejection.panics(row.usable, row.endpoints), row.expected) << row.maxPercent << " " << row.usable;
  }
  EXPECT_TRUE(Ejection(std::nullopt).panics(1, 3));
  EXPECT_FALSE(Ejection(std::nullopt).panics(2, 3));
}

TEST(Ejection, InAPanicAnEndpointGetsItsRecentSuccess) {
  World w(2, {.consecutive = std::nullopt, .errors = std::nullopt});
  EXPECT_EQ(Ejection::panicShare(w.now, w.records[0]), 1);
  for (int i = 0; i < 100; ++i) w.answer(0, 10ms, i % 4 == 0 ? Grade::Failure : Grade::Success);
  EXPECT_DOUBLE_EQ(Ejection::panicShare(w.now, w.records[0]), 0.75);
  for (int i = 0; i < 100; ++i) w.answer(1, 10ms, Grade::Failure);
  EXPECT_DOUBLE_EQ(Ejection::panicShare(w.now, w.records[1]), 0.05);
}

// Any mix of outcomes and latencies: always one that is used, never more out than allowed, shares as the states say;
// and the same seed decides the same.
std::vector<std::pair<Kind, size_t>> storm(uint64_t seed) {
  Rng dice(seed);
  const size_t endpoints = 1 + dice.below(12);
  const double maxPercent = static_cast<double>(dice.below(101));
  World w(endpoints, {.baseTime = 1s, .maxTime = 8s, .maxPercent = maxPercent}, seed);
  const auto most =
      std::max<size_t>(endpoints >= 2 ? 1 : 0, static_cast<size_t>(static_cast<double>(endpoints) * maxPercent / 100));
  std::vector<double> failing(endpoints);
  std::vector<double> slow(endpoints);
  for (size_t i = 0; i < endpoints; ++i) {
    failing[i] = dice.chance(0.4) ? dice.unit() : 0.001;
    slow[i] = dice.chance(0.4) ? dice.unit() : 0.001;
  }
  for (int step = 0; step < 4000; ++step) {
    w.now += dice.between(0ns, 5ms);
    const size_t which = dice.below(endpoints);
    w.ejection.refresh(w.now, w.records[which]);
    if (w.ejection.nextPassing() <= w.now) w.hear(w.ejection.advance(w.now, w.all, w.rng));
    const Grade grade = dice.chance(0.05)             ? Grade::Neutral
                        : dice.chance(failing[which]) ? Grade::Failure
                                                      : Grade::Success;
    w.answer(which, dice.chance(slow[which]) ? 100ms : dice.between(5ms, 10ms), grade);
    if (dice.chance(0.002)) w.ejection.forgiveRecent(w.now, w.all);
    size_t out = 0;
    for (const EndpointRecord& record : w.records) {
      out += record.state() == State::Ejected ? 1 : 0;
      EXPECT_EQ(record.share() == 0, record.state() == State::Ejected);
      EXPECT_EQ(record.share() == 1, record.state() == State::Healthy && !record.suspected());
      EXPECT_FALSE(record.suspected() && record.state() == State::Ejected);
    }
    EXPECT_LE(out, most) << "seed " << seed;
    EXPECT_LT(out, endpoints) << "seed " << seed;
    if (testing::Test::HasFailure()) break;
  }
  std::vector<std::pair<Kind, size_t>> story;
  for (const EjectionNews& each : w.news) {
    story.emplace_back(each.kind, static_cast<size_t>(std::ranges::find(w.all, each.endpoint) - w.all.begin()));
  }
  return story;
}

TEST(Ejection, KeepsItsBoundsUnderFailuresAndSlowness) {
  size_t ejections = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const auto story = storm(seed);
    ejections += story.size();
    if (seed % 10 == 0) {
      EXPECT_EQ(storm(seed), story) << "seed " << seed;
    }
  }
  EXPECT_GT(ejections, 50U);
}

}  // namespace
}  // namespace outrigger::policy
