#include "control/telemetry/telemetry_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

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
  PageVisitor get(Bytes target) { return ask({.target = target}); }
  PageVisitor ask(PageVisitor::Ask what) {
    PageVisitor caller(process.loop.turn(), pages.handler());
    what.host = "sidecar.shop.svc.cluster.local:15190";
    caller.ask(what);
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

// As Prometheus asks since 2.5, and what others have asked.
TEST(TelemetryPages, OpenMetricsForWhoeverAsksForIt) {
  const Bytes open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  const Bytes plain = "text/plain; version=0.0.4; charset=utf-8";
  const std::pair<Bytes, Bytes> rows[] = {
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       open},
      {"application/openmetrics-text", open},
      {"text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.9", plain},
      {"text/plain;q=0.3, application/openmetrics-text;version=1.0.0;q=0.9", open},
      {"application/openmetrics-text;version=0.0.1, text/plain;q=0.1", plain},
      {"*/*", plain},
      {"", plain},
      {"application/json", plain},
  };
  World world;
  for (const auto& [accept, type] : rows) {
    const PageVisitor metrics = world.ask({.target = "/metrics", .accept = accept});
    EXPECT_EQ(metrics.field("content-type"), type) << accept;
    EXPECT_EQ(metrics.field("vary"), "accept, accept-encoding");
    EXPECT_EQ(metrics.body.ends_with("\n# EOF\n"), type == open) << accept;
    EXPECT_EQ(metrics.body.find("# TYPE outrigger_config_reloads counter\n") != std::string::npos, type == open);
  }
}

std::string unpacked(const std::string& packed) {
  z_stream stream{};
  ::inflateInit2(&stream, MAX_WBITS + 16);
  std::string plain(1 << 20, '\0');
  std::string input = packed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  plain.resize(stream.total_out);
  ::inflateEnd(&stream);
  return plain;
}

TEST(TelemetryPages, GzippedForWhoeverTakesThat) {
  World world;
  const std::string plain = world.get("/metrics").body;
  const PageVisitor packed = world.ask({.target = "/metrics", .acceptEncoding = "gzip"});
  EXPECT_EQ(packed.field("content-encoding"), "gzip");
  EXPECT_EQ(packed.field("vary"), "accept, accept-encoding");
  EXPECT_EQ(packed.length, packed.body.size());
  EXPECT_LT(packed.body.size(), plain.size() / 2);
  const std::string text = unpacked(packed.body);
  EXPECT_EQ(text.substr(0, text.find("process_cpu")), plain.substr(0, plain.find("process_cpu")));
  EXPECT_EQ(world.ask({.target = "/metrics", .acceptEncoding = "gzip;q=0"}).field("content-encoding"), "");
  EXPECT_EQ(world.ask({.target = "/ready", .acceptEncoding = "gzip"}).field("content-encoding"), "");
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
