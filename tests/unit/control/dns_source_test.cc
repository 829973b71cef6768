// What a DNS source makes of answers, in virtual time.
#include "control/discovery/dns_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/fake_resolver.h"

namespace outrigger::control::discovery {
namespace {

using ::testing::ElementsAre;
using testing::FakeResolver;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DnsSourceTest : public ::testing::Test, protected SourceEvents {
 protected:
  void follow(const std::string& name, uint16_t port = 80) {
    SourceEvents& events = *this;
    source_ = std::make_unique<DnsSource>(turn_, resolver_, "orders", config::DnsModel{name, port}, events);
    EXPECT_THAT(story_, IsEmpty());
  }
  void answer(const std::vector<std::string>& addresses, Duration ttl = 10s) {
    Resolved resolved{.places = {}, .ttl = ttl};
    for (const std::string& address : addresses) resolved.places.push_back({Address::parse(address).value()});
    ask().onResolved(std::move(resolved));
    turn_.endTurn();
  }
  void fail(ResolveError::Kind kind, const char* detail) {
    ask().onResolveFailed({kind, detail});
    turn_.endTurn();
  }
  ResolveSink& ask() { return resolver_.asked.at(0)->sink; }
  bool asks() const { return !resolver_.asked.empty(); }
  /// How long until it asks again, in steps of 10 ms.
  Duration untilItAsks() {
    const Instant begin = turn_.now;
    while (!asks() && turn_.now < begin + 1h) pass(10ms);
    return turn_.now - begin;
  }
  void pass(Duration span) {
    turn_.refresh(turn_.now + span, turn_.wall + span);
    turn_.timers.advance(turn_.now);
    turn_.settle();
    turn_.endTurn();
  }
  std::vector<std::string> story() { return std::exchange(story_, {}); }

  void onEndpoints(const std::string& upstream, std::vector<Found> endpoints) override {
    std::string line = upstream + " at";
    for (const Found& found : endpoints) line += " " + found.address.text();
    story_.push_back(line);
    found_ = std::move(endpoints);
  }
  void onTrouble(const std::string&, const std::string& why) override { story_.push_back("trouble: " + why); }
  void onConfirmed(const std::string&) override { story_.push_back("confirmed"); }
  void onAdvice(const std::string&, const std::string& advice) override { story_.push_back("advice: " + advice); }

  FakeResolver resolver_;  // what is buried still knows it
  Turn turn_{Instant(1h), WallTime(1h), 1};
  std::vector<std::string> story_;
  std::vector<Found> found_;
  std::unique_ptr<DnsSource> source_;
};

TEST_F(DnsSourceTest, ChangesAreToldAndOrderIsNone) {
  follow("orders.test");
  EXPECT_EQ(resolver_.asked.at(0)->name, "orders.test:80");
  answer({"10.0.0.2:80", "10.0.0.1:80"});
  EXPECT_THAT(story(), ElementsAre("orders at 10.0.0.1:80 10.0.0.2:80"));
  untilItAsks();
  answer({"10.0.0.1:80", "10.0.0.2:80"});
  EXPECT_THAT(story(), ElementsAre("confirmed"));
  untilItAsks();
  answer({"10.0.0.3:80", "10.0.0.1:80"});
  EXPECT_THAT(story(), ElementsAre("orders at 10.0.0.1:80 10.0.0.3:80"));
}

TEST_F(DnsSourceTest, AsksAgainByTtlWithinBounds) {
  follow("orders.test");
  for (const auto& [ttl, least] : {std::pair<Duration, Duration>{0s, 1s}, {20s, 20s}, {24h, 5min}}) {
    answer({"10.0.0.1:80"}, ttl);
    const Duration waited = untilItAsks();
    EXPECT_GE(waited, least);
    EXPECT_LE(waited, least + least / 10 + 10ms);
  }
}

TEST_F(DnsSourceTest, NothingIsForgottenWhileTheServerIsAway) {
  follow("orders.test");
  answer({"10.0.0.1:80"});
  story();
  Duration last{};
  for (int i = 0; i < 8; ++i) {
    untilItAsks();
    fail(ResolveError::Kind::TimedOut, "silence");
    const Duration wait = untilItAsks();
    EXPECT_GE(wait, std::min<Duration>(last, DnsSource::kMostBackoff));
    EXPECT_LE(wait, DnsSource::kMostBackoff * 11 / 10 + 10ms);
    last = wait * 9 / 10;
  }
  EXPECT_THAT(story(), ElementsAre("trouble: orders.test: silence")) << "once";
  answer({"10.0.0.1:80"});
  EXPECT_THAT(story(), ElementsAre("confirmed"));
}

TEST_F(DnsSourceTest, ANameThatVanishesTakesNothingAway) {
  follow("orders.test");
  answer({"10.0.0.1:80"});
  story();
  untilItAsks();
  fail(ResolveError::Kind::NoSuchName, "no such name");
  untilItAsks();
  fail(ResolveError::Kind::NoAddresses, "no addresses");
  EXPECT_THAT(story(), ElementsAre("trouble: orders.test: no such name", "trouble: orders.test: no addresses"));
}

TEST_F(DnsSourceTest, AClusterIpIsPointedOutOnce) {
  follow("orders.shop.svc.cluster.local");
  answer({"10.96.0.7:80"});
  auto told = story();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_THAT(told[0], HasSubstr("headless"));
  untilItAsks();
  answer({"10.96.0.7:80"});
  EXPECT_THAT(story(), ElementsAre("confirmed"));
}

TEST_F(DnsSourceTest, NoAdviceWhereThereIsNothingToSay) {
  follow("orders.example.com");
  answer({"10.96.0.7:80"});
  EXPECT_EQ(story().size(), 1U);
  follow("orders.shop.svc");
  answer({"10.0.0.1:80", "10.0.0.2:80"});
  EXPECT_EQ(story().size(), 1U);
}

TEST_F(DnsSourceTest, ServicesBringPortsAndWeights) {
  follow("_http._tcp.orders.test", 0);
  EXPECT_EQ(resolver_.asked.at(0)->name, "SRV _http._tcp.orders.test");
  ask().onResolved({.places = {{Address::parse("10.0.0.1:81").value(), 50'000},
                               {Address::parse("10.0.0.1:82").value(), 25'000},
                               {Address::parse("10.0.0.2:81").value(), 1}},
                    .ttl = 1s});
  EXPECT_THAT(found_, ElementsAre(Found{Address::parse("10.0.0.1:81").value(), 1000},
                                  Found{Address::parse("10.0.0.1:82").value(), 500},
                                  Found{Address::parse("10.0.0.2:81").value(), 1}));
}

TEST_F(DnsSourceTest, OneThatDiesAsksNoMore) {
  follow("orders.test");
  source_.reset();
  EXPECT_FALSE(asks());
  pass(1h);
  EXPECT_THAT(story_, IsEmpty());
}

}  // namespace
}  // namespace outrigger::control::discovery
