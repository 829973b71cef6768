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

}  // namespace
}  // namespace outrigger::control
