#include "control/admin/live_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/admin/html.h"
#include "control/admin/page_assets.h"
#include "control/admin/plain_tables.h"
#include "control/live/watch.h"
#include "tests/support/page_visitor.h"
#include "tests/support/process_world.h"

namespace outrigger::control {
namespace {

using admin::Json;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessWorld;
using ::testing::SizeIs;

/// A reader of events that may lag.
struct FakeFeed final : Feed {
  bool send(Bytes text) override {
    if (lags) return false;
    events.emplace_back(text);
    return true;
  }
  bool open() const override { return !gone; }
  void end() override { gone = true; }
  void onGone(std::function<void()>) override {}

  Json state(size_t i) const {
    const std::string& event = events.at(i);
    const size_t data = event.find("data: ") + 6;
    return Json::parse(event.substr(data, event.find("\n\n") - data));
  }

  std::vector<std::string> events;
  bool lags = false;
  bool gone = false;
};

struct World {
  void pass(int seconds) {
    for (int i = 0; i < seconds * 2; ++i) process.pass(500ms);
  }

  ProcessWorld process;
  control::ProcessView view = process.view();
  admin::Gatherings gatherings{process.loop.turn(), process.hosts};
  live::Watch watch{view, gatherings};
};

TEST(LiveWatch, KeepsItsRingsWhileNobodyLooks) {
  World world;
  world.pass(20);
  EXPECT_GE(world.watch.history().fineAdded(), 19U);
  EXPECT_GE(world.watch.history().coarseAdded(), 1U);
}

class WithWorker : public ::testing::Test {
 protected:
  WithWorker() { world.process.startWorker(); }
  void awaitEvents(const FakeFeed& feed, size_t count) {
    world.process.runUntil([&] { return feed.events.size() >= count; });
  }
  void second() { world.process.pass(1s); }

  World world;
};

TEST_F(WithWorker, WholeFirstThenWhatIsNew) {
  const auto feed = std::make_shared<FakeFeed>();
  EXPECT_EQ(world.watch.follow(feed).first, "retry: 2000\n\n");
  awaitEvents(*feed, 1);
  EXPECT_THAT(feed->events[0], HasSubstr("event: state\nid: "));
  EXPECT_EQ(feed->state(0)["whole"], true);
  EXPECT_TRUE(feed->state(0).contains("config"));
  second();
  awaitEvents(*feed, 2);
  const Json next = feed->state(1);
  EXPECT_EQ(next["whole"], false);
  EXPECT_FALSE(next.contains("config"));
  EXPECT_THAT(next["flows"]["inbound"]["fine"]["p99_ms"], SizeIs(1));
}

TEST_F(WithWorker, WhoLaggedIsToldEverythingAgain) {
  const auto feed = std::make_shared<FakeFeed>();
  const auto other = std::make_shared<FakeFeed>();
  world.watch.follow(feed);
  world.watch.follow(other);
  awaitEvents(*feed, 1);
  awaitEvents(*other, 1);
  feed->lags = true;
  second();
  awaitEvents(*other, 2);
  feed->lags = false;
  second();
  awaitEvents(*other, 3);
  ASSERT_THAT(feed->events, SizeIs(2));
  EXPECT_EQ(feed->state(1)["whole"], true);
  EXPECT_EQ(other->state(2)["whole"], false);
}

TEST_F(WithWorker, WhoHasGoneIsForgotten) {
  const auto feed = std::make_shared<FakeFeed>();
  world.watch.follow(feed);
  awaitEvents(*feed, 1);
  feed->gone = true;
  second();
  EXPECT_EQ(feed.use_count(), 1);
}

// ---- The document

TEST(LivePage, IsSmall) {
  EXPECT_LT(admin::liveHtml().size() + admin::liveCss().size() + admin::liveJs().size(), 60U * 1024);
}

TEST(LivePage, LoadsNothingAndHasNoStyleOrHandlerOfAnElement) {
  for (const Bytes part : {admin::liveHtml(), admin::liveCss(), admin::liveJs()}) {
    for (const char* word : {"https://", "//cdn", "@import", "url(", "innerHTML", "eval(", " style=", " onclick="}) {
      EXPECT_THAT(std::string(part), Not(HasSubstr(word)));
    }
  }
}

TEST(LivePage, MarkupOfAStateIsText) {
  EXPECT_EQ(admin::htmlEscaped("<a href=\"x\">'&\x01"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xef\xbf\xbd");
  std::string out;
  { admin::HtmlTable(out, "<c>", {"<h>"}).row({"<1>", "<2>"}); }
  for (const char* raw : {"<c>", "<h>", "<1>", "<2>"}) EXPECT_THAT(out, Not(HasSubstr(raw)));
}

TEST_F(WithWorker, ThePageHasTheStateAsTables) {
  Json state;
  world.watch.look([&state](const Json& seen) { state = seen; });
  world.process.runUntil([&] { return !state.is_null(); });
  state["header"]["name"] = "<script>alert(1)</script>";
  const Page page = admin::LivePage().make(state);
  EXPECT_THAT(page.body, HasSubstr("&lt;script&gt;alert(1)"));
  EXPECT_THAT(page.body, Not(HasSubstr("<script>alert(1)")));
  EXPECT_THAT(page.body, Not(HasSubstr("@PLAIN@")));
  EXPECT_THAT(page.contentSecurityPolicy, HasSubstr("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page.contentSecurityPolicy, HasSubstr("connect-src 'self'"));
  EXPECT_THAT(page.contentSecurityPolicy, HasSubstr("form-action 'none'; frame-ancestors 'none'"));
  EXPECT_THAT(page.contentSecurityPolicy, Not(HasSubstr("unsafe")));
}

}  // namespace
}  // namespace outrigger::control
