#include "control/reloader.h"

#include <gtest/gtest.h>

#include "tests/support/process_world.h"

namespace outrigger::control {
namespace {

const std::string kFirst = "version: 1\nlisten: {outbound: none, admin: none, telemetry: none}\n";
const std::string kSecond = kFirst + "workers: 2\n";

TEST(Reloader, AChangeBeforeTheWatchBeganIsSeenWithinASecond) {
  testing::ProcessWorld world(kFirst);
  world.write(kSecond);
  world.reloader.watch();
  world.pass(1s);
  EXPECT_EQ(world.reloader.state().applied, 1U);
  EXPECT_EQ(world.model->workers, 2U);
}

TEST(Reloader, AFileThatDidNotChangeIsNotCounted) {
  testing::ProcessWorld world(kFirst);
  world.reloader.watch();
  world.pass(1s);
  EXPECT_EQ(world.reloader.state().applied, 0U);
  EXPECT_EQ(world.reloader.state().unchanged, 0U);
}

// Without the watch's word: the poll beside it.
TEST(Reloader, ASilentWatchCostsAtMostTenSeconds) {
  testing::ProcessWorld world(kFirst);
  world.reloader.watch();
  world.pass(1s);
  world.write(kSecond);
  world.pass(10s);
  EXPECT_EQ(world.reloader.state().applied, 1U);
}

// A look comes at the latest 100 ms after the first change, not after the last; the poll would come after 10 s.
TEST(Reloader, AFolderThatIsNeverStillDelaysNothing) {
  testing::ProcessWorld world(kFirst);
  world.reloader.watch();
  world.pass(1s);
  world.write(kSecond);
  const auto begun = std::chrono::steady_clock::now();
  const auto tooLate = [&] { return std::chrono::steady_clock::now() - begun > std::chrono::seconds(5); };
  world.runUntil([&] {
    std::ofstream(world.folder() / "noise") << "more";
    return world.reloader.state().applied > 0 || tooLate();
  });
  EXPECT_EQ(world.reloader.state().applied, 1U);
}

TEST(Reloader, WhatFailedIsTriedAgainOnlyWhenAsked) {
  testing::ProcessWorld world(kFirst);
  world.reloader.watch();
  world.pass(1s);
  world.obstacle = "cannot bind";
  world.write(kSecond);
  world.pass(10s);
  world.pass(10s);
  EXPECT_EQ(world.reloader.state().rejected, 1U) << "the poll does not say it again";
  EXPECT_EQ(world.reloader.reload(), Reloader::Result::Rejected);
  world.obstacle.clear();
  EXPECT_EQ(world.reloader.reload(), Reloader::Result::Applied);
  EXPECT_TRUE(world.reloader.state().lastGood);
  EXPECT_EQ(world.reloader.reload(), Reloader::Result::Unchanged);
}

}  // namespace
}  // namespace outrigger::control
