#include "control/discovery/freshness.h"

#include <gtest/gtest.h>

namespace outrigger::control::discovery {
namespace {

struct Next final : public SourceEvents {
  void onEndpoints(const std::string& upstream, std::vector<Found> endpoints) override {
    story += upstream + "=" + std::to_string(endpoints.size()) + " ";
  }
  void onTrouble(const std::string& upstream, const std::string& why) override { story += upstream + ":" + why + " "; }
  void onConfirmed(const std::string& upstream) override { story += upstream + "! "; }
  std::string story;
};

TEST(Freshness, CountsAndPassesOn) {
  Turn turn(Instant(100s), {}, 1);
  Next next;
  Freshness freshness(turn, next);
  const auto pass = [&](Duration time) { turn.refresh(turn.now + time, turn.wall + time); };
  freshness.begin("a");
  pass(5s);
  EXPECT_EQ(freshness.facts().at("a").age, 5s) << "nothing was found yet";
  freshness.onTrouble("a", "away");
  freshness.onEndpoints("a", {{}, {}});
  freshness.onConfirmed("a");
  pass(60s);
  freshness.onConfirmed("a");
  pass(7s);
  freshness.begin("a");
  const FreshnessFacts facts = freshness.facts().at("a");
  EXPECT_EQ(facts.age, 7s);
  EXPECT_EQ(facts.applied, 1U);
  EXPECT_EQ(facts.unchanged, 1U);
  EXPECT_EQ(facts.failed, 1U);
  EXPECT_EQ(next.story, "a:away a=2 a! a! ");
  freshness.end("a");
  EXPECT_TRUE(freshness.facts().empty());
}

}  // namespace
}  // namespace outrigger::control::discovery
