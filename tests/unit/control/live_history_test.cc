#include "control/live/history.h"

#include <gtest/gtest.h>

#include <cmath>

namespace outrigger::control::live {
namespace {

using telemetry::HistogramSum;

const metrics::Bounds kBounds = metrics::Bounds::standard();

TEST(LiveRing, KeepsTheLastOnes) {
  Ring<int> ring(3);
  EXPECT_EQ(ring.size(), 0U);
  for (int i = 0; i < 5; ++i) ring.add(i);
  ASSERT_EQ(ring.size(), 3U);
  EXPECT_EQ(ring[0], 2);
  EXPECT_EQ(ring[2], 4);
  EXPECT_EQ(ring.last(), 4);
  EXPECT_EQ(ring.added(), 5U);
}

TEST(LiveRing, TellsWhereANumberStands) {
  Ring<int> ring(3);
  EXPECT_EQ(ring.from(0), 0U);
  for (int i = 0; i < 5; ++i) ring.add(i);
  EXPECT_EQ(ring.from(0), 0U) << "the first ones are gone";
  EXPECT_EQ(ring.from(2), 0U);
  EXPECT_EQ(ring.from(4), 2U);
  EXPECT_EQ(ring.from(5), 3U) << "nothing is newer";
  EXPECT_EQ(ring.from(99), 3U);
}

// ---- Points

HistogramSum histogram(std::vector<Duration> times) {
  metrics::Histogram cells;
  for (const Duration time : times) cells.observe(time, kBounds);
  HistogramSum sum;
  sum.add(cells);
  return sum;
}

TEST(LivePoints, NothingEndedIsNothingToSay) {
  FlowCounts now;
  now.inFlight = 3;
  const FlowPoint point = flowPoint({}, now, 1s, kBounds);
  EXPECT_EQ(point.perSecond, 0);
  EXPECT_TRUE(std::isnan(point.success));
  EXPECT_TRUE(std::isnan(point.p99));
  EXPECT_EQ(point.inFlight, 3);
}

TEST(LivePoints, OnlyWhatIsNewCounts) {
  const FlowCounts before{.requests = 100, .failed = 50, .duration = histogram({1h, 1h})};
  FlowCounts after{.requests = 120, .failed = 55, .duration = before.duration};
  const HistogramSum fresh = histogram({1ms, 1ms, 1ms});
  for (size_t i = 0; i < fresh.buckets.size(); ++i) after.duration.buckets[i] += fresh.buckets[i];
  const FlowPoint point = flowPoint(before, after, 2s, kBounds);
  EXPECT_FLOAT_EQ(point.perSecond, 10);
  EXPECT_FLOAT_EQ(point.success, 0.75F);
  EXPECT_LE(point.p99, 1);
  EXPECT_GT(point.p50, 0);
}

TEST(LivePoints, AQuantileLiesInItsBucket) {
  const HistogramSum sum = histogram({1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 1ms, 400ms});
  EXPECT_LE(quantile(sum, 0.5, kBounds), 1);
  EXPECT_GT(quantile(sum, 0.95, kBounds), 200);
  EXPECT_LE(quantile(sum, 0.95, kBounds), 500);
  EXPECT_EQ(quantile(histogram({1h}), 0.5, kBounds), 10'000) << "beyond the last bound: that bound";
}

TEST(LivePoints, ABreakerThatOpenedAndClosedAgainIsSeen) {
  EXPECT_EQ(upstreamPoint({.opened = 1}, {.opened = 2, .breaker = 0}, 1s).breaker, 2);
  EXPECT_EQ(upstreamPoint({.opened = 2}, {.opened = 2, .breaker = 1}, 1s).breaker, 1);
  EXPECT_EQ(upstreamPoint({.opened = 2}, {.opened = 2, .breaker = 0}, 1s).breaker, 0);
}

TEST(LivePoints, ASumThatLagsBehindItselfIsNoGiantLeap) {
  EXPECT_EQ(upstreamPoint({.requests = 5}, {.requests = 4}, 1s).perSecond, 0);
}

// ---- History

Counts counts(uint64_t requests) {
  Counts all;
  all.flows[1].requests = requests;
  all.upstreams.resize(1);
  all.upstreams[0].requests = requests;
  return all;
}

TEST(LiveHistory, APointForEachSecondAndOneForTen) {
  History history(kBounds);
  for (int i = 0; i <= 25; ++i) history.add(Instant(i * 1s), counts(static_cast<uint64_t>(i) * 7));
  EXPECT_EQ(history.fineAdded(), 25U);
  EXPECT_EQ(history.coarseAdded(), 2U);
  EXPECT_FLOAT_EQ(history.flow(Direction::Outbound).fine.last().perSecond, 7);
  EXPECT_FLOAT_EQ(history.flow(Direction::Outbound).coarse.last().perSecond, 7);
  EXPECT_FLOAT_EQ(history.steadyFlow(Direction::Outbound).perSecond, 7);
  EXPECT_EQ(history.upstream(0)->fine.size(), 25U);
  EXPECT_EQ(history.upstream(1), nullptr);
}

TEST(LiveHistory, ALateSecondIsNoBusyOne) {
  History history(kBounds);
  history.add(Instant(0s), counts(0));
  history.add(Instant(4s), counts(40));
  EXPECT_FLOAT_EQ(history.flow(Direction::Outbound).fine.last().perSecond, 10);
}

TEST(LiveHistory, TimeThatStandsStillAddsNothing) {
  History history(kBounds);
  history.add(Instant(1s), counts(0));
  history.add(Instant(1s), counts(5));
  EXPECT_EQ(history.fineAdded(), 0U);
}

TEST(LiveHistory, TheWorstOfTenSecondsCounts) {
  History history(kBounds);
  for (int i = 0; i <= 10; ++i) {
    Counts all = counts(0);
    all.upstreams[0].breaker = i == 4 ? 1 : 0;
    history.add(Instant(i * 1s), all);
  }
  EXPECT_EQ(history.upstream(0)->coarse.last().breaker, 1);
  EXPECT_EQ(history.steadyUpstream(0).breaker, 0) << "now it is closed";
}

TEST(LiveHistory, AnUpstreamThatComesLaterBeginsLater) {
  History history(kBounds);
  history.add(Instant(0s), counts(0));
  history.add(Instant(1s), counts(1));
  Counts two = counts(2);
  two.upstreams.resize(2);
  two.upstreams[1].requests = 9;
  history.add(Instant(2s), two);
  ASSERT_NE(history.upstream(1), nullptr);
  EXPECT_EQ(history.upstream(1)->fine.size(), 1U);
  EXPECT_FLOAT_EQ(history.upstream(1)->fine.last().perSecond, 9);
}

// ---- Counters

struct Cells {
  metrics::Shard first{kBounds};
  metrics::Shard second{kBounds};
  telemetry::SeriesRegistry registry{{&first, &second}, 10'000};
};

TEST(LiveCounts, WorkersAddUpAndRequestsFindTheirUpstream) {
  Cells cells;
  const uint32_t series = cells.registry.request({Direction::Outbound, "r", "u"});
  CountReader reader(cells.registry);
  EXPECT_EQ(reader.read().flows[1].requests, 0U);
  const uint32_t upstream = cells.registry.upstream("u");  // known only after its route
  cells.first.requests[series].requests.add(200, Reason::Ok);
  cells.second.requests[series].requests.add(503, Reason::Ok);
  cells.second.requests[series].requests.add(404, Reason::Ok);
  cells.second.requests[series].requests.add(200, Reason::UpstreamReset);
  cells.second.upstreams[upstream].breakerState.set(2);
  cells.first.upstreams[upstream].inFlight[1].set(2);
  const Counts counts = reader.read();
  EXPECT_EQ(counts.flows[1].requests, 4U);
  EXPECT_EQ(counts.flows[1].failed, 2U) << "the 503 and the cut answer";
  EXPECT_EQ(counts.flows[1].inFlight, 2);
  EXPECT_EQ(counts.flows[0].requests, 0U);
  EXPECT_EQ(counts.upstreams[upstream].requests, 4U);
  EXPECT_EQ(counts.upstreams[upstream].breaker, 2);
}

TEST(LiveCounts, GrpcFailsWith200) {
  Cells cells;
  const uint32_t series = cells.registry.request({Direction::Inbound, "r", "app"});
  for (int i = 0; i < 3; ++i) cells.first.requests[series].requests.add(200, Reason::Ok);
  cells.first.requests[series].grpc.add(0);
  cells.first.requests[series].grpc.add(5);   // not found: the caller's business
  cells.first.requests[series].grpc.add(14);  // unavailable
  EXPECT_EQ(CountReader(cells.registry).read().flows[0].failed, 1U);
}

TEST(LiveCounts, UpstreamsBeyondTheBoundCountInTheirDirectionOnly) {
  Cells cells;
  for (size_t i = 0; i < CountReader::kMostUpstreams + 5; ++i) {
    const std::string name = "u" + std::to_string(i);
    cells.registry.upstream(name);
    const uint32_t series = cells.registry.request({Direction::Outbound, "r", name});
    cells.first.requests[series].requests.add(200, Reason::Ok);
  }
  const Counts counts = CountReader(cells.registry).read();
  EXPECT_EQ(counts.upstreams.size(), CountReader::kMostUpstreams);
  EXPECT_EQ(counts.flows[1].requests, CountReader::kMostUpstreams + 5);
}

}  // namespace
}  // namespace outrigger::control::live
