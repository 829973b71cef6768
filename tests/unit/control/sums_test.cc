#include "control/telemetry/sums.h"

#include <gtest/gtest.h>

namespace outrigger::control::telemetry {
namespace {

using Endpoints = std::array<int64_t, 5>;  // healthy, ejected, returning

struct World {
  explicit World(size_t workers, size_t maxSeries = 10'000) {
    for (size_t i = 0; i < workers; ++i) {
      shards.push_back(std::make_unique<metrics::Shard>(metrics::Bounds::standard()));
    }
    std::vector<metrics::Shard*> all;
    for (const auto& shard : shards) all.push_back(shard.get());
    registry.emplace(all, maxSeries);
  }
  UpstreamSum upstream(const std::string& name) { return sumUpstreams(*registry).at(name); }

  std::vector<std::unique_ptr<metrics::Shard>> shards;
  std::optional<SeriesRegistry> registry;
};

void setEndpoints(metrics::UpstreamSeries& cells, const Endpoints& counts) {
  for (size_t i = 0; i < counts.size(); ++i) cells.endpoints[i].set(counts[i]);
}

TEST(Sums, CountersAndHistogramsAddUp) {
  World world(2);
  const uint32_t series = world.registry->request({Direction::Outbound, "r", "u"});
  const metrics::Bounds bounds = metrics::Bounds::standard();
  world.shards[0]->requests[series].requests.add(200, Reason::Ok);
  world.shards[0]->requests[series].requests.add(503, Reason::BreakerOpen);
  world.shards[1]->requests[series].requests.add(200, Reason::Ok);
  world.shards[0]->requests[series].duration.observe(1ms, bounds);
  world.shards[1]->requests[series].duration.observe(1ms, bounds);
  world.shards[1]->requests[series].duration.observe(1h, bounds);
  const RequestSum sum = sumRequests(*world.registry).at({Direction::Outbound, "r", "u"});
  EXPECT_EQ(sum.requests.at({200, "ok"}), 2U);
  EXPECT_EQ(sum.requests.at({503, "breaker-open"}), 1U);
  EXPECT_EQ(sum.count(), 3U);
  EXPECT_EQ(sum.duration.buckets[1], 2U);
  EXPECT_EQ(sum.duration.buckets[bounds.size()], 1U) << "above the last bound";
  EXPECT_EQ(Duration(static_cast<int64_t>(sum.duration.nanoseconds)), 1h + 2ms);
}

TEST(Sums, TheNewestTraceOfEachBucket) {
  World world(2);
  const uint32_t series = world.registry->request({Direction::Outbound, "r", "u"});
  const std::string first(32, '1'), second(32, '2'), third(32, '3');
  world.shards[0]->requests[series].exemplars.note(4, first, 1ms, WallTime(2s));
  world.shards[1]->requests[series].exemplars.note(4, second, 2ms, WallTime(3s));
  world.shards[1]->requests[series].exemplars.note(2, third, 3ms, WallTime(1s));
  const auto found = sumRequests(*world.registry).at({Direction::Outbound, "r", "u"}).duration.exemplars;
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].bucket, 2U);
  EXPECT_EQ(found[0].exemplar.value, 3ms);
  EXPECT_EQ(found[1].bucket, 4U);
  EXPECT_EQ(found[1].exemplar.value, 2ms);
}

TEST(Sums, GaugesOfWhatEachWorkerHasAddUp) {
  World world(2);
  const uint32_t series = world.registry->upstream("u");
  for (const auto& shard : world.shards) {
    shard->upstreams[series].inFlight[1].set(3);
    shard->upstreams[series].connectionsActive.set(2);
    shard->worker.downstreamConnections[0].set(5);
  }
  EXPECT_EQ(world.upstream("u").inFlight[1], 6);
  EXPECT_EQ(world.upstream("u").connectionsActive, 4);
  EXPECT_EQ(sumWorkers(*world.registry).downstreamConnections[0], 10);
}

TEST(Sums, TheBreakerIsAsTheWorstWorkerSeesIt) {
  World world(3);
  const uint32_t series = world.registry->upstream("u");
  world.shards[0]->upstreams[series].breakerState.set(1);
  world.shards[1]->upstreams[series].breakerState.set(2);
  EXPECT_EQ(world.upstream("u").breakerState, 2);
}

TEST(Sums, EndpointsAreAsTheWorkerSeesThemThatHasMostOut) {
  struct Row {
    std::vector<Endpoints> workers;
    Endpoints shown;
  };
  const Row rows[] = {
      {{{3, 0, 0}, {3, 0, 0}}, {3, 0, 0}}, {{{3, 0, 0}, {2, 1, 0}}, {2, 1, 0}}, {{{2, 1, 0}, {1, 1, 1}}, {1, 1, 1}},
      {{{1, 2, 0}, {2, 0, 1}}, {1, 2, 0}}, {{{0, 0, 0}, {3, 0, 0}}, {3, 0, 0}},  // the first has no snapshot yet
      {{{3, 0, 0}, {0, 0, 0}}, {3, 0, 0}},
  };
  for (const Row& row : rows) {
    World world(row.workers.size());
    const uint32_t series = world.registry->upstream("u");
    for (size_t i = 0; i < row.workers.size(); ++i) setEndpoints(world.shards[i]->upstreams[series], row.workers[i]);
    EXPECT_EQ(world.upstream("u").endpoints, row.shown);
  }
}

TEST(Sums, WhatIsNamedLikeTheOverflowSharesItsSeries) {
  World world(1);
  const uint32_t named = world.registry->upstream("other");
  EXPECT_NE(named, SeriesRegistry::kOther);
  world.shards[0]->upstreams[named].attempts[0].add(2);
  world.shards[0]->upstreams[SeriesRegistry::kOther].attempts[0].add(3);
  EXPECT_EQ(world.upstream("other").attempts[0], 5U) << "two series of one name would spoil the whole scrape";
}

TEST(Sums, TheOverflowHasNoBreakerAndNoEndpoints) {
  World world(1, 10);  // no room for any upstream
  const uint32_t series = world.registry->upstream("u");
  EXPECT_EQ(series, SeriesRegistry::kOther);
  world.shards[0]->upstreams[series].breakerState.set(2);
  setEndpoints(world.shards[0]->upstreams[series], {1, 2, 3});
  world.shards[0]->upstreams[series].attempts[0].add(1);
  EXPECT_EQ(world.upstream("other").breakerState, 0);
  EXPECT_EQ(world.upstream("other").endpoints, (Endpoints{0, 0, 0}));
  EXPECT_EQ(world.upstream("other").attempts[0], 1U);
}

}  // namespace
}  // namespace outrigger::control::telemetry
