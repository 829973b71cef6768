#include "control/telemetry/telemetry_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/page_visitor.h"
#include "tests/support/process_world.h"

namespace outrigger::control::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PageVisitor;
using testing::ProcessWorld;

struct World {
  explicit World(const std::string& config = "version: 1\nlisten: {outbound: none, admin: none, telemetry: none}\n")
      : process(config), pages(process.view()) {}
  PageVisitor get(Bytes target, Bytes host = "sidecar.shop.svc.cluster.local:15190") {
    PageVisitor caller(process.loop.turn(), pages.handler());
    caller.ask({.target = target, .host = host});
    return caller;
  }
  metrics::WorkerSeries& worker() { return process.shards.front()->worker; }
  void beat() { worker().heartbeat.set(process.loop.turn().now.time_since_epoch().count()); }

  ProcessWorld process;
  TelemetryPages pages;
};

TEST(TelemetryPages, ServesThreePagesAndNothingElse) {
  World world;
  EXPECT_EQ(world.get("/metrics").status, 200);
  EXPECT_EQ(world.get("/ready").status, 200);
  EXPECT_EQ(world.get("/live").status, 200);
  for (const char* target : {"/", "/api/status", "/api/config", "/api/upstreams", "/api/decisions", "/api/reload"}) {
    EXPECT_EQ(world.get(target).status, 404) << target;
  }
}

TEST(TelemetryPages, MetricsInThePrometheusTextFormat) {
  World world;
  const PageVisitor metrics = world.get("/metrics");
  EXPECT_EQ(metrics.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body, HasSubstr("\noutrigger_build_info{version=\"" OUTRIGGER_VERSION "\"} 1\n"));
  const std::string hash = world.process.reloader.state().file.hash.substr(0, 8);
  EXPECT_THAT(metrics.body, HasSubstr("\noutrigger_config_info{hash=\"" + hash + "\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nprocess_resident_memory_bytes "));
}

TEST(TelemetryPages, GaugesOfTheUpstreamsInEffect) {
  World world(
      "version: 1\napp: {port: 8080}\nlisten: {inbound: none, outbound: none, admin: none, telemetry: none}\n"
      "upstreams: {payments: {endpoints: [\"127.0.0.1:9\"]}}\n");
  for (const char* name : {"payments", "app", "gone"}) {
    world.process.shards.front()->upstreams[world.process.registry->upstream(name)].endpoints[0].set(1);
  }
  const std::string text = world.get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("outrigger_endpoints{upstream=\"payments\",state=\"healthy\"} 1"));
  EXPECT_THAT(text, HasSubstr("outrigger_endpoints{upstream=\"app\",state=\"healthy\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("upstream=\"gone\"")));
}

TEST(TelemetryPages, AListenerThatIsNotOpenBlocks) {
  World world("version: 1\nlisten: {outbound: \"127.0.0.1:0\", admin: none, telemetry: none}\n");
  const PageVisitor ready = world.get("/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "{\"ready\":false,\"blockers\":[\"listener outbound is not open\"]}\n");
}

TEST(TelemetryPages, AWorkerThatStandsStillIsNotLive) {
  World world;
  world.beat();
  world.process.pass(9999ms);
  EXPECT_EQ(world.get("/live").status, 200);
  world.process.pass(2ms);
  EXPECT_EQ(world.get("/live").status, 503);
  world.beat();
  EXPECT_EQ(world.get("/live").status, 200);
}

TEST(TelemetryPages, AFreshWorkerHasTimeForItsFirstHeartbeat) {
  World world;
  EXPECT_EQ(world.get("/live").status, 200);
  world.process.pass(10s);
  EXPECT_EQ(world.get("/live").status, 503);
}

TEST(TelemetryPages, ARejectedReloadShows) {
  World world;
  world.process.write("version: 2\n");
  EXPECT_EQ(world.process.reloader.reload(), Reloader::Result::Rejected);
  const std::string text = world.get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("\noutrigger_config_last_reload_successful 0\n"));
  EXPECT_THAT(text, HasSubstr("\noutrigger_config_reloads_total{result=\"rejected\"} 1\n"));
  EXPECT_EQ(world.get("/ready").status, 200) << "the version before it still serves";
}

}  // namespace
}  // namespace outrigger::control::telemetry
