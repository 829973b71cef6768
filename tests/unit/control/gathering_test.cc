#include "control/admin/gathering.h"

#include <gtest/gtest.h>

namespace outrigger::control::admin {
namespace {

struct World {
  explicit World(uint32_t workers) {
    gathering = std::make_unique<Gathering>(turn, workers, [this](Gathering& self, Gathering::Result given) {
      EXPECT_EQ(&self, gathering.get());
      ++times;
      result = std::move(given);
      turn.graveyard.bury(std::move(gathering));
    });
  }
  void pass(Duration time) {
    turn.refresh(turn.now + time, turn.wall + time);
    turn.timers.advance(turn.now);
    turn.endTurn();
  }
  std::vector<uint32_t> answered() const {
    std::vector<uint32_t> workers;
    for (const WorkerReport& report : result.reports) workers.push_back(report.worker);
    return workers;
  }

  Turn turn{Instant(1000s), WallTime(), 1};
  std::unique_ptr<Gathering> gathering;
  int times = 0;
  Gathering::Result result;
};

using Numbers = std::vector<uint32_t>;

TEST(Gathering, EndsWhenAllHaveAnswered) {
  World world(3);
  const auto first = world.gathering->place(0);
  const auto second = world.gathering->place(1);
  const auto third = world.gathering->place(2);
  third({});
  first({});
  EXPECT_EQ(world.times, 0);
  second({});
  EXPECT_EQ(world.times, 1);
  EXPECT_EQ(world.answered(), (Numbers{0, 1, 2})) << "in the order of the workers, not of their answers";
  EXPECT_EQ(world.result.silent, Numbers{});
  world.pass(1h);
  first({});
  EXPECT_EQ(world.times, 1);
}

TEST(Gathering, EndsWhenPatienceDoes) {
  World world(3);
  const auto first = world.gathering->place(0);
  const auto second = world.gathering->place(1);
  second({});
  world.pass(1999ms);
  EXPECT_EQ(world.times, 0);
  world.pass(2ms);
  EXPECT_EQ(world.times, 1);
  EXPECT_EQ(world.answered(), Numbers{1});
  EXPECT_EQ(world.result.silent, (Numbers{0, 2}));
  first({});
  EXPECT_EQ(world.times, 1) << "too late";
}

TEST(Gathering, OneWorkerCountsOnce) {
  World world(2);
  const auto first = world.gathering->place(0);
  first({});
  first({});
  EXPECT_EQ(world.times, 0);
}

TEST(Gathering, AnAnswerAfterItsEndIsNobodys) {
  World world(1);
  const auto place = world.gathering->place(0);
  world.gathering.reset();
  place({});
  world.pass(1h);
  EXPECT_EQ(world.times, 0);
}

}  // namespace
}  // namespace outrigger::control::admin
