// An endpoint that somebody takes out by hand.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using ByHand = upstream::EndpointSet::ByHand;

class ByHandTest : public ::testing::Test {
 protected:
  void begin() {
    sidecar_ = &world_.sidecar(yaml_);
    ask();
  }
  void ask() {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(sidecar_->get("orders", "/").status, 200);
  }
  ByHand hold(const char* name, std::optional<Duration> time) {
    const auto until = time ? std::optional(world_.loop().now() + *time) : std::nullopt;
    return sidecar_->worker().hold("orders", world_.address(name), until);
  }

  World world_;
  Upstream& a_ = world_.upstream("a").replies(200);
  Upstream& b_ = world_.upstream("b").replies(200);
  const std::string yaml_ = "upstreams: {orders: {endpoints: ['${a}', '${b}'], balance: round-robin}}";
  Sidecar* sidecar_ = nullptr;
};

TEST_F(ByHandTest, GetsNothingUntilItsTimeIsUp) {
  begin();
  EXPECT_EQ(hold("a", 60s), ByHand::Done);
  const size_t before = a_.hits();
  ask();
  EXPECT_EQ(a_.hits(), before);
  EXPECT_EQ(sidecar_->decisions().back().kind, "ejection");
  world_.run(61s);
  ask();
  EXPECT_GT(a_.hits(), before);
}

TEST_F(ByHandTest, IsRestored) {
  begin();
  EXPECT_EQ(hold("a", 60s), ByHand::Done);
  EXPECT_EQ(hold("a", std::nullopt), ByHand::Done);
  const size_t before = a_.hits();
  ask();
  EXPECT_GT(a_.hits(), before);
}

TEST_F(ByHandTest, OneThatNobodyTookOutIsNotRestored) {
  begin();
  const size_t before = sidecar_->decisions().size();
  EXPECT_EQ(hold("a", std::nullopt), ByHand::NotOut);
  EXPECT_EQ(sidecar_->decisions().size(), before);
  EXPECT_EQ(hold("a", 60s), ByHand::Done);
  EXPECT_EQ(hold("a", std::nullopt), ByHand::Done);
  EXPECT_EQ(hold("a", std::nullopt), ByHand::NotOut);
  EXPECT_EQ(sidecar_->decisions().size(), before + 2);
}

TEST_F(ByHandTest, TheLastOneStays) {
  begin();
  EXPECT_EQ(hold("a", 60s), ByHand::Done);
  EXPECT_EQ(hold("b", 60s), ByHand::Last);
  ask();
  EXPECT_EQ(sidecar_->worker().hold("nobody", world_.address("a"), std::nullopt), ByHand::Unknown);
  EXPECT_EQ(hold("c", 60s), ByHand::Unknown);
}

TEST_F(ByHandTest, AReloadDoesNotForgetIt) {
  begin();
  EXPECT_EQ(hold("a", 60s), ByHand::Done);
  EXPECT_EQ(sidecar_->reload(yaml_ + "\nlog: {access: all}"), "");
  const size_t before = a_.hits();
  ask();
  EXPECT_EQ(a_.hits(), before);
}

TEST_F(ByHandTest, OneThatEjectionTookOutComesBack) {
  begin();
  a_.replies(503);
  for (int i = 0; i < 40; ++i) sidecar_->get("orders", "/");
  a_.replies(200);
  const size_t before = a_.hits();
  ask();
  EXPECT_EQ(a_.hits(), before) << "it is ejected";
  EXPECT_EQ(hold("a", std::nullopt), ByHand::Done);
  for (int i = 0; i < 100; ++i) sidecar_->get("orders", "/");
  EXPECT_GT(a_.hits(), before);
}

}  // namespace
}  // namespace outrigger::sim
