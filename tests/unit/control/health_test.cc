#include "control/telemetry/health.h"

#include <gtest/gtest.h>

namespace outrigger::control::telemetry {
namespace {

config::Model modelWithListeners() {
  config::Model model;
  model.listen.inbound = Address::loopback(1);
  model.listen.outbound = Address::loopback(2);
  model.listen.telemetry = Address::loopback(3);
  return model;
}

TEST(Readiness, ReadyWhenConfiguredBoundAndNotDraining) {
  const config::Model model = modelWithListeners();
  EXPECT_TRUE(readyBlockers(&model, {{"outbound", {}}, {"telemetry", {}}}, false).empty())
      << "without an app there is no inbound listener to wait for";
}

TEST(Readiness, SaysWhatBlocks) {
  config::Model model = modelWithListeners();
  model.app.emplace();
  using Blockers = std::vector<std::string>;
  EXPECT_EQ(readyBlockers(nullptr, {}, false), Blockers{"no config is in effect"});
  EXPECT_EQ(readyBlockers(&model, {{"outbound", {}}}, true),
            (Blockers{"listener inbound is not open", "listener telemetry is not open", "draining"}));
}

TEST(Readiness, ThePage) {
  const Page good = renderReady({});
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.contentType, "application/json");
  EXPECT_EQ(good.body, "{\"ready\":true,\"blockers\":[]}\n");
  const Page bad = renderReady({"draining", "listener inbound is not open"});
  EXPECT_EQ(bad.status, 503);
  EXPECT_EQ(bad.body, "{\"ready\":false,\"blockers\":[\"draining\",\"listener inbound is not open\"]}\n");
}

TEST(Liveness, LiveWhileEachWorkerComesRound) {
  const Duration fine[] = {0ms, 9999ms};
  EXPECT_EQ(renderLive(fine).status, 200);
  EXPECT_EQ(renderLive(fine).body,
            "{\"live\":true,\"workers\":[{\"worker\":0,\"silent_for_ms\":0},{\"worker\":1,\"silent_for_ms\":9999}]}\n");
  const Duration oneIsStuck[] = {0ms, 10s};
  EXPECT_EQ(renderLive(oneIsStuck).status, 503);
  EXPECT_TRUE(renderLive(oneIsStuck).body.starts_with("{\"live\":false,"));
}

TEST(Liveness, AHeartbeatAheadOfOurClockIsNoSilence) {
  const Duration ahead[] = {-5ms};
  EXPECT_EQ(renderLive(ahead).status, 200);
  EXPECT_EQ(renderLive(ahead).body, "{\"live\":true,\"workers\":[{\"worker\":0,\"silent_for_ms\":0}]}\n");
}

}  // namespace
}  // namespace outrigger::control::telemetry
