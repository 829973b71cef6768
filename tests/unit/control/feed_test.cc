#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/page_server.h"
#include "proxy/base/transport.h"
#include "tests/support/page_visitor.h"

namespace outrigger::control {
namespace {

using testing::PageVisitor;

struct World {
  explicit World(PageServer::Limits limits = {}) : server(turn, limits) {
    server.addFeed("/feed", [this](const PageRequest& request, std::shared_ptr<Feed> feed) {
      if (request.query == "no") return std::variant<Page, FeedHead>(Page{.status = 403, .body = "{}"});
      feed->onGone([this] { ++gone; });
      feeds.push_back(std::move(feed));
      return std::variant<Page, FeedHead>(FeedHead{.first = "hello\n"});
    });
  }
  void pass(Duration time) {
    turn.refresh(turn.now + time, turn.wall + time);
    turn.timers.advance(turn.now);
    turn.settle();
    turn.endTurn();
  }

  std::vector<std::shared_ptr<Feed>> feeds;
  int gone = 0;
  Turn turn{Instant(1000s), WallTime(1'800'000'000s), 1};
  PageServer server;
};

TEST(Feed, GoesOnUntilItsMakerEndsIt) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/feed");
  EXPECT_EQ(visitor.status, 200);
  EXPECT_EQ(visitor.field("content-type"), "text/event-stream");
  EXPECT_EQ(visitor.body, "hello\n");
  world.pass(3600s);
  EXPECT_TRUE(world.feeds[0]->send("more\n"));
  EXPECT_FALSE(visitor.ended);
  world.feeds[0]->end();
  world.pass(1ms);
  EXPECT_EQ(visitor.body, "hello\nmore\n");
  EXPECT_TRUE(visitor.ended);
  EXPECT_FALSE(world.feeds[0]->send("late\n"));
  EXPECT_EQ(world.gone, 0);
}

TEST(Feed, ItsReaderMayLeave) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/feed");
  visitor.leave();
  EXPECT_EQ(world.gone, 1);
  EXPECT_FALSE(world.feeds[0]->open());
  EXPECT_FALSE(world.feeds[0]->send("x"));
  world.feeds[0]->end();
}

TEST(Feed, IsRefusedWithAPage) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/feed?no");
  EXPECT_EQ(visitor.status, 403);
  EXPECT_TRUE(visitor.ended);
}

TEST(Feed, HeadGetsItsHeadAlone) {
  World world;
  PageVisitor visitor(world.turn, world.server);
  visitor.ask({.method = http::Method::Head, .target = "/feed"});
  EXPECT_EQ(visitor.status, 200);
  EXPECT_EQ(visitor.body, "");
  EXPECT_TRUE(visitor.ended);
  EXPECT_FALSE(world.feeds[0]->open());
}

TEST(Feed, WhatALaggingReaderMissesIsSkippedAndOneWhoNeverReadsIsCut) {
  World world({.wait = 10s});
  PageVisitor visitor(world.turn, world.server);
  visitor.get("/feed");
  visitor.readerIsStuck = true;
  EXPECT_TRUE(world.feeds[0]->send(std::string(kHighWater + 1, 'x')));
  EXPECT_FALSE(world.feeds[0]->send("skipped"));
  visitor.drain();
  world.pass(20s);
  EXPECT_TRUE(world.feeds[0]->send(std::string(kHighWater + 1, 'x')));
  world.pass(9s);
  EXPECT_FALSE(visitor.aborted);
  world.pass(2s);
  EXPECT_TRUE(visitor.aborted);
  EXPECT_EQ(world.gone, 1);
  EXPECT_EQ(visitor.body.find("skipped"), std::string::npos);
}

TEST(Feed, OnlySoManyAtATime) {
  World world({.feeds = 2});
  PageVisitor first(world.turn, world.server);
  PageVisitor second(world.turn, world.server);
  PageVisitor third(world.turn, world.server);
  first.get("/feed");
  second.get("/feed");
  third.get("/feed");
  EXPECT_EQ(third.status, 503);
  first.leave();
  PageVisitor fourth(world.turn, world.server);
  fourth.get("/feed");
  EXPECT_EQ(fourth.status, 200);
}

TEST(Feed, TheServerMayEndBeforeIt) {
  auto world = std::make_unique<World>();
  auto visitor = std::make_unique<PageVisitor>(world->turn, world->server);
  visitor->get("/feed");
  const std::shared_ptr<Feed> feed = world->feeds[0];
  world.reset();
  EXPECT_FALSE(feed->open());
}

}  // namespace
}  // namespace outrigger::control
