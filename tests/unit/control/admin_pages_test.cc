#include "control/admin/admin_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/page_visitor.h"
#include "tests/support/process_world.h"

namespace outrigger::control::admin {
namespace {

using http::Method;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PageVisitor;
using testing::ProcessWorld;

constexpr const char* kWithActions =
    "version: 1\nlisten: {outbound: none, admin: none, telemetry: none}\nadmin: {actions: true}\n";
constexpr const char* kWithUpstream =
    "version: 1\nlisten: {outbound: none, admin: none, telemetry: none}\n"
    "upstreams: {payments: {endpoints: [\"127.0.0.1:9\", {address: \"127.0.0.1:10\", weight: 2}]}}\n";

struct World {
  explicit World(const std::string& config = kWithActions) : process(config), pages(process.view()) {
    EXPECT_TRUE(process.loaded) << process.reloader.state().lastError;
  }
  PageVisitor visitor() { return PageVisitor(process.loop.turn(), pages.handler()); }
  PageVisitor ask(const PageVisitor::Ask& what) {
    PageVisitor caller = visitor();
    caller.ask(what);
    return caller;
  }
  PageVisitor get(Bytes target) { return ask({.target = target}); }
  PageVisitor act(Bytes target, Bytes body = {}) {
    return ask({.method = Method::Post, .target = target, .actionMark = true, .body = body});
  }

  ProcessWorld process;
  AdminPages pages;
};

// ---- Who is let in

TEST(AdminPages, OnlyAddressesAndLocalhostAreOwnHosts) {
  for (const char* host : {"", "localhost", "LocalHost", "localhost:15100", "127.0.0.1", "127.0.0.1:15100", "10.1.2.3",
                           "[::1]", "[::1]:15100", "[2001:db8::7]"}) {
    EXPECT_TRUE(isOwnHost(host)) << host;
  }
  for (const char* host : {"example.com", "localhost.example.com", "evil.localhost", "127.0.0.1.example.com",
                           "127.0.0.1.nip.io", "1.2.3", "127.1", "0x7f.0.0.1", "2130706433", "::1", "[::1].evil.com",
                           "localhost:0", "localhost:99999", "a b", "[evil]", "unix:/run/x"}) {
    EXPECT_FALSE(isOwnHost(host)) << host;
  }
}

TEST(AdminPages, ARequestUnderAForeignNameGetsNothing) {
  World world;
  for (const char* target : {"/", "/metrics", "/api/status", "/api/drain", "/nowhere"}) {
    const PageVisitor caller =
        world.ask({.method = Method::Post, .target = target, .host = "evil.example", .actionMark = true});
    EXPECT_EQ(caller.status, 403) << target;
    EXPECT_THAT(caller.body, HasSubstr("IP address or localhost"));
    EXPECT_EQ(caller.body.find("evil"), std::string::npos) << "nothing of the request is shown";
  }
  EXPECT_FALSE(world.process.drain.draining());
}

// ---- Reading

TEST(AdminPages, EachLinkOfTheFirstPageLeadsSomewhere) {
  World world;
  PageVisitor index = world.visitor();
  index.get("/");
  world.process.pass(3s);  // the workers are asked
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.field("content-type"), "text/html; charset=utf-8");
  int links = 0;
  for (size_t at = index.body.find("href=\""); at != std::string::npos; at = index.body.find("href=\"", at)) {
    at += 6;
    if (index.body[at] != '/') continue;  // within the page
    PageVisitor caller = world.visitor();
    caller.get(Bytes(index.body).substr(at, index.body.find('"', at) - at));
    if (caller.status == 0) world.process.pass(3s);  // the workers are asked
    EXPECT_EQ(caller.status, 200) << caller.body;
    ++links;
  }
  EXPECT_EQ(links, 9);
}

TEST(AdminPages, StatusIsOfThisProcess) {
  World world;
  const Json status = Json::parse(world.get("/api/status").body);
  EXPECT_EQ(status["pid"], ::getpid());
  EXPECT_EQ(status["version"], OUTRIGGER_VERSION);
  EXPECT_EQ(status["state"], "serving");
  EXPECT_EQ(status["ready"], true);
  EXPECT_EQ(status["workers"].size(), 1U);
}

TEST(AdminPages, ConfigShowsEachValueWithItsOrigin) {
  World world;
  const Json config = Json::parse(world.get("/api/config").body);
  EXPECT_EQ(config["hash"], world.process.reloader.state().file.hash);
  bool seen = false;
  for (const Json& value : config["values"]) {
    if (value["path"] != "admin.actions") continue;
    EXPECT_EQ(value, Json::parse(R"({"path": "admin.actions", "value": "true", "origin": "outrigger.yaml:3"})"));
    seen = true;
  }
  EXPECT_TRUE(seen);
}

TEST(AdminPages, TelemetryIsHereAsWell) {
  World world;
  EXPECT_THAT(world.get("/metrics").body, HasSubstr("outrigger_build_info"));
  EXPECT_EQ(world.get("/ready").status, 200);
  EXPECT_EQ(world.get("/live").status, 200);
}

TEST(AdminPages, UpstreamsAreAskedOfTheWorkers) {
  World world(kWithUpstream);
  world.process.startWorker();
  PageVisitor caller = world.visitor();
  caller.get("/api/upstreams");
  world.process.runUntil([&] { return caller.ended; });
  const Json json = Json::parse(caller.body);
  EXPECT_EQ(json["workers"], 1);
  EXPECT_FALSE(json.contains("silent_workers"));
  ASSERT_EQ(json["upstreams"].size(), 1U);
  EXPECT_EQ(json["upstreams"][0]["name"], "payments");
  EXPECT_EQ(json["upstreams"][0]["breaker"], "closed");
  EXPECT_EQ(json["upstreams"][0]["endpoints"][1]["address"], "127.0.0.1:10");
  EXPECT_EQ(json["upstreams"][0]["endpoints"][1]["weight"], 2);
}

TEST(AdminPages, DecisionsAreAskedOfTheWorkers) {
  World world(kWithUpstream);
  world.process.startWorker();
  PageVisitor caller = world.visitor();
  caller.get("/api/decisions");
  world.process.runUntil([&] { return caller.ended; });
  EXPECT_EQ(Json::parse(caller.body), Json::parse(R"({"workers": 1, "decisions": []})"));
}

TEST(AdminPages, ASilentWorkerDoesNotKeepThePageAway) {
  World world(kWithUpstream);
  world.process.startWorker();
  world.process.hosts.front()->post([](server::Worker&) {});
  PageVisitor caller = world.visitor();
  caller.get("/api/upstreams");
  world.process.pass(2001ms);  // and the mailbox is not looked into
  const Json json = Json::parse(caller.body);
  EXPECT_EQ(json["silent_workers"], Json::parse("[0]"));
  EXPECT_EQ(json["upstreams"], Json::array());
}

TEST(AdminPages, ACallerMayLeaveWhileTheWorkersAreAsked) {
  World world(kWithUpstream);
  world.process.startWorker();
  PageVisitor caller = world.visitor();
  caller.get("/api/upstreams");
  caller.leave();
  PageVisitor next = world.visitor();
  next.get("/api/upstreams");
  world.process.runUntil([&] { return next.ended; });
  EXPECT_EQ(caller.status, 0);
}

// ---- Actions

TEST(AdminPages, ActionsAreOffUnlessTheConfigAllowsThem) {
  World world("version: 1\nlisten: {outbound: none, admin: none, telemetry: none}\n");
  for (const char* target : {"/api/reload", "/api/drain", "/api/log-level"}) {
    const PageVisitor caller = world.act(target, "{\"level\": \"debug\"}");
    EXPECT_EQ(caller.status, 403) << target;
    EXPECT_THAT(caller.body, HasSubstr("admin: {actions: true}"));
  }
  EXPECT_FALSE(world.process.drain.draining());
  EXPECT_TRUE(world.process.levels.empty());
  EXPECT_EQ(world.process.reloader.state().unchanged, 0U);
}

TEST(AdminPages, ActionsNeedTheMark) {
  World world;
  for (const char* target : {"/api/reload", "/api/drain", "/api/log-level"}) {
    const PageVisitor caller = world.ask({.method = Method::Post, .target = target, .body = "{\"level\": \"debug\"}"});
    EXPECT_EQ(caller.status, 403) << target;
    EXPECT_THAT(caller.body, HasSubstr("outrigger-admin: 1"));
    EXPECT_EQ(world.ask({.target = target, .actionMark = true}).status, 405) << target;
  }
  EXPECT_FALSE(world.process.drain.draining());
  EXPECT_TRUE(world.process.levels.empty());
}

TEST(AdminPages, ReloadSaysWhatCameOfIt) {
  World world;
  EXPECT_EQ(Json::parse(world.act("/api/reload").body), Json::parse(R"({"result": "unchanged"})"));
  world.process.write(std::string(kWithActions) + "log: {level: debug}\n");
  EXPECT_EQ(Json::parse(world.act("/api/reload").body), Json::parse(R"({"result": "applied"})"));
  world.process.write(std::string(kWithActions) + "nonsense: 1\n");
  const PageVisitor rejected = world.act("/api/reload");
  EXPECT_EQ(rejected.status, 422);
  const Json json = Json::parse(rejected.body);
  EXPECT_EQ(json["result"], "rejected");
  EXPECT_THAT(json["error"].get<std::string>(), HasSubstr(":4:1 OR120"));
}

TEST(AdminPages, DrainBeginsAndReadinessEnds) {
  World world;
  EXPECT_EQ(Json::parse(world.act("/api/drain").body), Json::parse(R"({"state": "draining"})"));
  EXPECT_TRUE(world.process.drain.draining());
  const PageVisitor ready = world.get("/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(Json::parse(ready.body), Json::parse(R"({"ready": false, "blockers": ["draining"]})"));
  EXPECT_THAT(world.get("/metrics").body, HasSubstr("\noutrigger_draining 1\n"));
  EXPECT_EQ(world.get("/live").status, 200);
  EXPECT_EQ(world.act("/api/drain").status, 200) << "asking again changes nothing";
}

TEST(AdminPages, TheLogLevelIsOneOfFourWords) {
  World world;
  using Level = Log::Level;
  for (const char* body : {"{\"level\": \"debug\"}", "{\"level\": \"info\"}", "{\"level\": \"warn\"}",
                           " {\"level\":\"error\", \"why\": 1} "}) {
    EXPECT_EQ(world.act("/api/log-level", body).status, 200) << body;
  }
  EXPECT_THAT(world.process.levels, ElementsAre(Level::Debug, Level::Info, Level::Warn, Level::Error));
  for (const char* body : {"", "debug", "\"debug\"", "[]", "null", "{}", "{\"level\": 1}", "{\"level\": \"DEBUG\"}",
                           "{\"level\": \"trace\"}", "{\"level\": \"debug\"", "{\"level\": null}", "\xff"}) {
    const PageVisitor caller = world.act("/api/log-level", body);
    EXPECT_EQ(caller.status, 400) << body;
    EXPECT_FALSE(Json::parse(caller.body, nullptr, false).is_discarded()) << body;
  }
  EXPECT_EQ(world.process.levels.size(), 4U);
}

}  // namespace
}  // namespace outrigger::control::admin
