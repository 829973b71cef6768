#include "control/reload_history.h"

#include <gtest/gtest.h>

#include "control/live/live_json.h"
#include "tests/support/process_world.h"

namespace outrigger::control {
namespace {

using Result = ReloadRecord::Result;
using testing::ProcessWorld;

const std::string kBase = "version: 1\nlisten: {outbound: none, admin: none, telemetry: none}\n";

TEST(ReloadHistory, KeepsTheLastTwenty) {
  ReloadHistory history;
  for (int i = 0; i < 25; ++i) history.add({.hash = std::to_string(i)});
  ASSERT_EQ(history.all().size(), ReloadHistory::kMost);
  EXPECT_EQ(history.all().front().hash, "5");
  EXPECT_EQ(history.all().back().hash, "24");
  EXPECT_EQ(history.added(), 25U);
}

TEST(ReloadHistory, ManyChangesAreCounted) {
  ReloadHistory history;
  history.add({.changes = std::vector<config::Change>(ReloadHistory::kMostChanges + 7)});
  EXPECT_EQ(history.all().back().changes.size(), ReloadHistory::kMostChanges);
  EXPECT_EQ(history.all().back().changesLeftOut, 7U);
}

TEST(ReloadHistory, SaysWhatIsNotInEffectYet) {
  ProcessWorld world(kBase);
  world.write(kBase + "workers: 2\nmetrics: {maxSeries: 20000}\nlog: {level: debug}\n");
  ASSERT_EQ(world.reloader.reload(), Reloader::Result::Applied);
  const ReloadRecord& record = world.reloader.state().history.all().back();
  EXPECT_EQ(record.needsRestart, (std::vector<std::string>{"workers", "metrics.maxSeries"}));
  const auto json = live::reloadsJson(world.reloader.state().history).at("reloads")[0];
  EXPECT_EQ(json.at("needs_restart"), (std::vector<std::string>{"workers", "metrics.maxSeries"}));
  world.write(kBase + "workers: 2\nmetrics: {maxSeries: 20000}\n");
  ASSERT_EQ(world.reloader.reload(), Reloader::Result::Applied);
  EXPECT_TRUE(world.reloader.state().history.all().back().needsRestart.empty());
}

TEST(ReloadHistory, AnErrorsPlaceIsItsFileAndLine) {
  EXPECT_EQ(errorPlace("/etc/outrigger/outrigger.yaml:31:5 OR104 no such key\n  x: 1\n"), "outrigger.yaml:31");
  EXPECT_EQ(errorPlace("outrigger.yaml:1:1 OR101 x"), "outrigger.yaml:1");
  EXPECT_EQ(errorPlace("a.yaml:12:3 OR307 nobody uses it\n  x:\na.yaml:19:13 OR201 there is none\n"), "a.yaml:19");
  EXPECT_EQ(errorPlace("a.yaml:12:3 OR307 nobody uses it\n"), "a.yaml:12");
  for (const char* text : {"", "outrigger.yaml cannot be read: no such file", "a:b:c d", "/x/y.yaml: is empty",
                           ":1:1 x", "address 127.0.0.1:80 is taken"}) {
    EXPECT_EQ(errorPlace(text), "") << text;
  }
}

TEST(ReloadHistory, AReloadTellsWhatItChanged) {
  ProcessWorld world(kBase);
  world.write(kBase + "log: {level: debug}\n");
  ASSERT_EQ(world.reloader.reload(), Reloader::Result::Applied);
  const auto& records = world.reloader.state().history.all();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].result, Result::Started);
  EXPECT_EQ(records[1].result, Result::Applied);
  EXPECT_EQ(records[1].hash, world.reloader.state().file.hash);
  ASSERT_EQ(records[1].changes.size(), 1U);
  EXPECT_EQ(records[1].changes[0], (config::Change{"log.level", "info", "debug", "outrigger.yaml:3"}));
}

TEST(ReloadHistory, ARejectedOneTellsWhy) {
  ProcessWorld world(kBase);
  world.write(kBase + "nonsense: 1\n");
  ASSERT_EQ(world.reloader.reload(), Reloader::Result::Rejected);
  const ReloadRecord& record = world.reloader.state().history.all().back();
  EXPECT_EQ(record.result, Result::Rejected);
  EXPECT_EQ(errorPlace(record.error), "outrigger.yaml:3");
  EXPECT_TRUE(record.changes.empty());
}

TEST(ReloadHistory, LooksThatFindNothingNewAreNotKept) {
  ProcessWorld world(kBase);
  for (int i = 0; i < 3; ++i) world.reloader.reload();
  EXPECT_EQ(world.reloader.state().history.all().size(), 1U);
}

}  // namespace
}  // namespace outrigger::control
