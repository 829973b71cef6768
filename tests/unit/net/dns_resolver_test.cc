// Names are looked up at a server with a script.
#include "proxy/net/dns_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/net/service_lookup.h"
#include "tests/support/real/name_server.h"

namespace outrigger::net {
namespace {

using real::NameServer;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

/// Stops the loop when the answer is there.
class Asker final : public ResolveSink {
 public:
  explicit Asker(EventLoop& loop) : loop_(loop) {}

  void onResolved(Resolved resolved) override {
    ++calls;
    for (const auto& [address, weight] : resolved.places) {
      places.push_back(address.text() + (weight == 1 ? "" : " x" + std::to_string(weight)));
    }
    ttl = resolved.ttl;
    end();
  }
  void onResolveFailed(const ResolveError& failure) override {
    ++calls;
    error = failure;
    end();
  }

  std::unique_ptr<Resolution> resolution;
  std::vector<std::string> places;
  std::optional<ResolveError> error;
  Duration ttl{};
  int calls = 0;

 private:
  void end() {
    resolution.reset();
    loop_.stop();
  }
  EventLoop& loop_;
};

class DnsResolverTest : public ::testing::Test {
 protected:
  void ask(Asker& asker, const std::string& name, uint16_t port = 80) {
    const EventLoop::Callback callback(loop_);
    asker.resolution = port == 0 ? resolver_->resolveService(name, asker) : resolver_->resolve(name, port, asker);
    EXPECT_EQ(asker.calls, 0) << "never from inside the call";
  }
  Asker lookUp(const std::string& name, uint16_t port = 80) {
    Asker asker(loop_);
    ask(asker, name, port);
    loop_.run();
    EXPECT_EQ(asker.calls, 1);
    return asker;
  }
  ResolveError::Kind failureOf(const std::string& name, uint16_t port = 80) {
    const Asker asker = lookUp(name, port);
    EXPECT_TRUE(asker.places.empty());
    EXPECT_NE(std::string(asker.error.value().detail), "");
    return asker.error->kind;
  }
  void use(DnsOptions options) {
    options.server = server_.address();
    resolver_.emplace(loop_, options);
  }
  void SetUp() override { use({}); }

  NameServer server_;
  EventLoop loop_{1};
  std::optional<DnsResolver> resolver_;
};

TEST_F(DnsResolverTest, AddressesOfBothFamiliesWithTheirTtl) {
  server_.has("orders.shop.test", {"10.0.0.1", "fd00::1", "10.0.0.2", "10.0.0.1"}, 17);
  const Asker asker = lookUp("orders.shop.test", 8080);
  EXPECT_THAT(asker.places, UnorderedElementsAre("10.0.0.1:8080", "10.0.0.2:8080", "[fd00::1]:8080"));
  EXPECT_EQ(asker.ttl, 17s);
}

TEST_F(DnsResolverTest, AnAddressIsItself) {
  EXPECT_THAT(lookUp("192.0.2.1").places, ElementsAre("192.0.2.1:80"));
}

TEST_F(DnsResolverTest, WhatCannotBeHadIsSaid) {
  server_.has("empty.test", {});
  using Kind = ResolveError::Kind;
  EXPECT_EQ(failureOf("missing.test"), Kind::NoSuchName);
  EXPECT_EQ(failureOf("empty.test"), Kind::NoAddresses);
  EXPECT_EQ(failureOf("_http._tcp.missing.test", 0), Kind::NoSuchName);
  EXPECT_EQ(failureOf("_http._tcp.empty.test", 0), Kind::NoSuchName);
  EXPECT_EQ(failureOf("a..test"), Kind::NoSuchName);
}

TEST_F(DnsResolverTest, AServerThatFails) {
  use({.timeout = 50ms, .tries = 1});
  server_.is(NameServer::Mood::Fails);
  EXPECT_EQ(failureOf("orders.test"), ResolveError::Kind::Failed);
}

TEST_F(DnsResolverTest, AServerThatSaysNothingAndThenDoes) {
  use({.timeout = 20ms, .tries = 1});
  server_.has("orders.test", {"10.0.0.1"});
  server_.is(NameServer::Mood::SaysNothing);
  EXPECT_EQ(failureOf("orders.test"), ResolveError::Kind::TimedOut);
  server_.is(NameServer::Mood::Answers);
  use({});
  EXPECT_THAT(lookUp("orders.test").places, ElementsAre("10.0.0.1:80"));
}

TEST_F(DnsResolverTest, TheWholeHasALimit) {
  use({.timeout = 60s, .limit = 20ms});
  server_.is(NameServer::Mood::SaysNothing);
  EXPECT_EQ(failureOf("orders.test"), ResolveError::Kind::TimedOut);
}

TEST_F(DnsResolverTest, ACutOffAnswerIsFetchedByTcp) {
  server_.truncates();
  server_.has("orders.test", {"10.0.0.1"});
  EXPECT_THAT(lookUp("orders.test").places, ElementsAre("10.0.0.1:80"));
  EXPECT_GT(server_.askedByTcp(), 0U);
}

TEST_F(DnsResolverTest, ServicesOfTheLowestPriorityWithTheirWeights) {
  server_.hasServices("_http._tcp.orders.test",
                      {{10, 3, 8081, "a.test"}, {10, 0, 8082, "b.test"}, {20, 1, 8083, "c.test"}}, 60);
  server_.has("a.test", {"10.0.0.1"}, 30);
  server_.has("b.test", {"10.0.0.2"}, 90);
  server_.has("c.test", {"10.0.0.3"}, 90);
  const Asker asker = lookUp("_http._tcp.orders.test", 0);
  EXPECT_THAT(asker.places, ElementsAre("10.0.0.1:8081 x3", "10.0.0.2:8082"));
  EXPECT_EQ(asker.ttl, 30s);
  EXPECT_EQ(server_.asked("c.test"), 0U);
}

TEST_F(DnsResolverTest, AServiceWhoseTargetIsGoneHasTheOthers) {
  server_.hasServices("_http._tcp.orders.test", {{1, 1, 80, "a.test"}, {1, 1, 80, "gone.test"}});
  server_.has("a.test", {"10.0.0.1"});
  EXPECT_THAT(lookUp("_http._tcp.orders.test", 0).places, ElementsAre("10.0.0.1:80"));
  server_.forgets("a.test");
  EXPECT_EQ(failureOf("_http._tcp.orders.test", 0), ResolveError::Kind::NoSuchName);
}

TEST_F(DnsResolverTest, AServiceThatIsDecidedlyNotOffered) {
  server_.hasServices("_http._tcp.orders.test", {{0, 0, 0, ""}});
  EXPECT_EQ(failureOf("_http._tcp.orders.test", 0), ResolveError::Kind::NoAddresses);
}

TEST_F(DnsResolverTest, NoMoreThanSoManyAtOnce) {
  use({.timeout = 60s, .limit = 50ms, .atOnce = 1, .waiting = 1});
  server_.is(NameServer::Mood::SaysNothing);
  Asker first(loop_);
  Asker second(loop_);
  Asker third(loop_);
  ask(first, "a.test");
  ask(second, "b.test");
  ask(third, "c.test");
  loop_.run();
  EXPECT_EQ(third.error.value().kind, ResolveError::Kind::Failed) << "there is no room to wait";
  while (first.calls + second.calls < 2) loop_.run();
  EXPECT_EQ(first.error.value().kind, ResolveError::Kind::TimedOut);
  EXPECT_EQ(second.error.value().kind, ResolveError::Kind::TimedOut);
  EXPECT_EQ(server_.asked("b.test"), 0U) << "waited in line";
}

TEST_F(DnsResolverTest, OneInLineFollowsWhenThereIsRoom) {
  use({.atOnce = 1});
  server_.has("a.test", {"10.0.0.1"});
  server_.has("b.test", {"10.0.0.2"});
  Asker first(loop_);
  Asker second(loop_);
  ask(first, "a.test");
  ask(second, "b.test");
  while (first.calls + second.calls < 2) loop_.run();
  EXPECT_THAT(second.places, ElementsAre("10.0.0.2:80"));
}

TEST_F(DnsResolverTest, WhatIsCancelledIsNotCalled) {
  server_.has("a.test", {"10.0.0.1"});
  Asker cancelled(loop_);
  ask(cancelled, "a.test");
  cancelled.resolution.reset();
  EXPECT_THAT(lookUp("a.test").places, ElementsAre("10.0.0.1:80"));
  EXPECT_EQ(cancelled.calls, 0);
  ask(cancelled, "a.test");
  cancelled.resolution.reset();
  resolver_.reset();
  EXPECT_EQ(cancelled.calls, 0);
}

TEST(SmallestTtlTest, OfWhatIsNoMessage) {
  const std::string garbage(40, '\xff');
  for (size_t size = 0; size <= garbage.size(); ++size) {
    EXPECT_EQ(smallestTtl({reinterpret_cast<const unsigned char*>(garbage.data()), size}), 0s);
  }
}

}  // namespace
}  // namespace outrigger::net
