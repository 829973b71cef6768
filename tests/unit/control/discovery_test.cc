// What is known of upstreams that are looked up, over changes and reloads; sources are the test's.
#include "control/discovery/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/snapshot_builder.h"

namespace outrigger::control::discovery {
namespace {

using ::testing::ElementsAre;

class DiscoveryTest : public ::testing::Test {
 protected:
  struct FakeSource final : Source {
    FakeSource(DiscoveryTest& test, std::string name) : test(test), name(name) { test.alive_.push_back(name); }
    ~FakeSource() override { std::erase(test.alive_, name); }
    DiscoveryTest& test;
    const std::string name;
  };

  static config::UpstreamModel upstream(const std::string& name, const std::string& dns) {
    config::UpstreamModel model;
    model.name = name;
    model.dns = config::DnsModel{dns, 80};
    return model;
  }
  static config::Model modelOf(std::vector<config::UpstreamModel> upstreams) {
    config::Model model;
    model.upstreams = std::move(upstreams);
    return model;
  }
  static std::vector<Found> at(const char* address) { return {{Address::parse(address).value()}}; }

  std::unique_ptr<Source> make(const config::UpstreamModel& model, SourceEvents& events) {
    events_ = &events;
    return std::make_unique<FakeSource>(*this, model.dns ? model.dns->name : model.kubernetes->service);
  }
  void pass(Duration span) {
    for (const Instant end = turn_.now + span; turn_.now < end;) {
      turn_.refresh(turn_.now + 1ms, turn_.wall + 1ms);
      turn_.timers.advance(turn_.now);
      turn_.endTurn();
    }
  }

  Turn turn_{Instant(1h), WallTime(1h), 1};
  LogWriter writer_;
  Log log_{writer_, false};
  std::vector<std::string> alive_;
  SourceEvents* events_ = nullptr;
  int changes_ = 0;
  Discovery discovery_{turn_, log_,
                       [this](const config::UpstreamModel& model, SourceEvents& events) { return make(model, events); },
                       [this] { ++changes_; }};
};

TEST_F(DiscoveryTest, WhatIsFoundIsToldLaterAndOnceForABurst) {
  const config::Model model = modelOf({upstream("orders", "orders.test"), upstream("users", "users.test")});
  discovery_.follow(model);
  EXPECT_THAT(alive_, ElementsAre("orders.test", "users.test"));
  EXPECT_TRUE(discovery_.foundFor(model).empty());
  events_->onEndpoints("orders", at("10.0.0.1:80"));
  events_->onEndpoints("users", at("10.0.0.2:80"));
  EXPECT_EQ(changes_, 0);
  pass(2ms);
  EXPECT_EQ(changes_, 1);
  for (int i = 0; i < 40; ++i) {
    events_->onEndpoints("orders", at(i % 2 == 0 ? "10.0.0.3:80" : "10.0.0.1:80"));
    pass(1ms);
  }
  pass(60ms);
  EXPECT_EQ(changes_, 2);
  EXPECT_EQ(discovery_.foundFor(model).at("orders"), at("10.0.0.1:80"));
}

TEST_F(DiscoveryTest, AReloadKeepsWhatItDoesNotTouch) {
  const config::Model before = modelOf({upstream("orders", "orders.test"), upstream("users", "users.test")});
  discovery_.follow(before);
  events_->onEndpoints("orders", at("10.0.0.1:80"));
  events_->onEndpoints("users", at("10.0.0.2:80"));
  const config::Model after = modelOf({upstream("orders", "orders.test"), upstream("users", "people.test")});
  EXPECT_EQ(discovery_.foundFor(after).size(), 1U) << "of the new name nothing is known";
  discovery_.follow(after);
  EXPECT_THAT(alive_, ElementsAre("orders.test", "people.test"));
  EXPECT_EQ(discovery_.foundFor(after).at("orders"), at("10.0.0.1:80"));
  discovery_.follow(modelOf({}));
  EXPECT_TRUE(alive_.empty());
  pass(100ms);
}

TEST_F(DiscoveryTest, HowItStands) {
  discovery_.follow(modelOf({upstream("orders", "orders.test")}));
  EXPECT_EQ(discovery_.standings().at("orders").source, "dns orders.test:80");
  EXPECT_FALSE(discovery_.standings().at("orders").knownSince);
  events_->onTrouble("orders", "silence");
  EXPECT_EQ(discovery_.standings().at("orders").trouble, "silence");
  events_->onEndpoints("orders", at("10.0.0.1:80"));
  events_->onConfirmed("orders");
  const Standing standing = discovery_.standings().at("orders");
  EXPECT_EQ(standing.knownSince, turn_.now);
  EXPECT_EQ(standing.trouble, "");
  EXPECT_EQ(standing.applied, 1U);
  EXPECT_EQ(standing.unchanged, 1U);
  EXPECT_EQ(standing.failed, 1U);
}

TEST_F(DiscoveryTest, ASnapshotHasWhatWasFound) {
  config::Model model = modelOf({upstream("orders", "orders.test"), upstream("users", "users.test")});
  model.upstreams[0].sidecarPort = 15106;
  metrics::Shard shard{metrics::Bounds::standard()};
  telemetry::SeriesRegistry registry({&shard}, 1000);
  SnapshotBuilder builder(registry, 1);
  const auto built = builder.build(model, {{"orders", at("10.0.0.1:80")}});
  ASSERT_TRUE(built);
  const upstream::ClusterSettings& orders = *(*built)->clusters.at(0);
  ASSERT_EQ(orders.endpoints.size(), 1U);
  EXPECT_EQ(orders.endpoints[0].address.text(), "10.0.0.1:80");
  EXPECT_EQ(orders.endpoints[0].dial.text(), "10.0.0.1:15106");
  EXPECT_FALSE(orders.awaited);
  EXPECT_TRUE((*built)->clusters.at(1)->awaited);
  const auto rebuilt = builder.rebuild(model, {{"orders", {}}});
  ASSERT_TRUE(rebuilt);
  EXPECT_FALSE((*rebuilt)->clusters.at(0)->awaited) << "it is known that there are none";
}

}  // namespace
}  // namespace outrigger::control::discovery
