// Dialling by name: the look-up is shared and kept, and the addresses are tried one after the other.
#include "proxy/net/named_dial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/net/socket_address.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/real/name_server.h"

namespace outrigger::net {
namespace {

using real::NameServer;
using real::Socket;
using ::testing::ElementsAre;
using testing::FakeResolver;

class Caller final : public DialSink {
 public:
  Caller(EventLoop& loop, const Address& to) : loop_(loop) {
    const EventLoop::Callback callback(loop);
    dial = loop.dial(to, {}, *this);
    EXPECT_EQ(calls, 0);
  }
  void onConnected(std::unique_ptr<Transport> transport) override {
    ++calls;
    peer = transport->peer().address.text();
    dial.reset();
    loop_.stop();
  }
  void onDialFailed(const Error& failure) override {
    ++calls;
    error = failure;
    dial.reset();
    loop_.stop();
  }

  std::unique_ptr<Dial> dial;
  std::string peer;
  std::optional<Error> error;
  int calls = 0;

 private:
  EventLoop& loop_;
};

class NamedDialTest : public ::testing::Test {
 protected:
  void SetUp() override { loop_.askNamesOf(server_.address()); }
  Address named(const std::string& host) { return Address::named(host, listener_.localAddress().port()); }

  NameServer server_;
  EventLoop loop_{1};
  Socket listener_ = Socket::listenAnywhere();
};

TEST_F(NamedDialTest, TheTransportKnowsTheAddressThatAnswered) {
  server_.has("orders.test", {"127.0.0.1"});
  Caller caller(loop_, named("orders.test"));
  loop_.run();
  EXPECT_EQ(caller.peer, listener_.localAddress().text());
  EXPECT_EQ(caller.calls, 1);
}

TEST_F(NamedDialTest, TheNextAddressAfterAFailure) {
  server_.has("orders.test", {"127.0.0.9", "127.0.0.1"});  // at the first nobody listens
  Caller caller(loop_, named("orders.test"));
  loop_.run();
  EXPECT_EQ(caller.peer, listener_.localAddress().text());
}

// The first address takes no connection and refuses none: its backlog is full.
TEST_F(NamedDialTest, TheNextAddressAfterSilence) {
  const net::FileDescriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress at = toSocketAddress(Address::ipv4({127, 0, 0, 9}, listener_.localAddress().port()));
  ASSERT_EQ(::bind(silent.get(), at.get(), at.size), 0);
  ASSERT_EQ(::listen(silent.get(), 0), 0);
  const Socket inTheWay = Socket::connectTo(Address::ipv4({127, 0, 0, 9}, listener_.localAddress().port()));
  server_.has("orders.test", {"127.0.0.9", "127.0.0.1"});
  Caller caller(loop_, named("orders.test"));
  loop_.run();
  EXPECT_EQ(caller.peer, listener_.localAddress().text());
}

TEST_F(NamedDialTest, NoAddressTakesConnections) {
  server_.has("orders.test", {"127.0.0.9", "127.0.0.8"});
  Caller caller(loop_, named("orders.test"));
  loop_.run();
  EXPECT_STREQ(caller.error.value().detail, "none of the addresses of the name takes connections");
  EXPECT_EQ(caller.error->origin, Origin::Upstream);
  EXPECT_TRUE(caller.error->unsent);
}

TEST_F(NamedDialTest, NoSuchName) {
  Caller caller(loop_, named("missing.test"));
  loop_.run();
  EXPECT_STREQ(caller.error.value().detail, "the name server says that there is no such name");
  Caller again(loop_, named("missing.test"));
  loop_.run();
  EXPECT_TRUE(again.error);
  EXPECT_EQ(server_.asked("missing.test"), 2U) << "A and AAAA; the second answer was kept";
}

TEST_F(NamedDialTest, OneLookUpServesManyDials) {
  server_.has("orders.test", {"127.0.0.1"}, 60);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 5; ++i) callers.push_back(std::make_unique<Caller>(loop_, named("orders.test")));
  callers[2]->dial.reset();
  for (const auto& caller : callers) {
    while (caller->calls == 0 && caller->dial != nullptr) loop_.run();
  }
  Caller later(loop_, named("orders.test"));
  loop_.run();
  EXPECT_EQ(later.peer, listener_.localAddress().text());
  EXPECT_EQ(callers[2]->calls, 0);
  EXPECT_EQ(server_.asked("orders.test"), 2U) << "A and AAAA";
}

// ---- The cache alone, in virtual time

struct Waiter final : NameWaiter {
  void onName(const std::vector<Address>& found) override { addresses = found; }
  void onNoName(const ResolveError& failure) override { error = failure; }
  std::vector<Address> addresses;
  std::optional<ResolveError> error;
};

class NameCacheTest : public ::testing::Test {
 protected:
  /// How many addresses that gives.
  size_t know(const std::string& name) {
    Waiter waiter;
    EXPECT_TRUE(cache_.ask(name, waiter));
    turn_.settle();
    if (!resolver_.asked.empty()) answer();
    turn_.endTurn();
    return waiter.addresses.size();
  }
  void answer() {
    resolver_.asked.front()->sink.onResolved({.places = {{Address::parse("10.0.0.1:0").value()}}, .ttl = ttl_});
  }
  void passes(Duration span) { turn_.refresh(turn_.now + span, turn_.wall + span); }

  FakeResolver resolver_;
  Turn turn_{Instant(1h), WallTime(1h), 1};
  Duration ttl_ = 10s;
  NameCache cache_{turn_, resolver_};
};

TEST_F(NameCacheTest, AnAnswerIsKeptWithinBounds) {
  for (const auto& [ttl, kept] : {std::pair<Duration, Duration>{0s, 1s}, {10s, 10s}, {1h, 60s}}) {
    ttl_ = ttl;
    know("a.test");
    const int before = resolver_.count;
    passes(kept - 1ms);
    EXPECT_EQ(know("a.test"), 1U);
    EXPECT_EQ(resolver_.count, before);
    passes(1ms);
    know("a.test");
    EXPECT_EQ(resolver_.count, before + 1);
    passes(1h);
  }
}

TEST_F(NameCacheTest, AServerThatIsAwayDoesNotTakeBackWhatItSaid) {
  know("a.test");
  passes(1h);
  Waiter waiter;
  cache_.ask("a.test", waiter);
  resolver_.asked.front()->sink.onResolveFailed({ResolveError::Kind::TimedOut, "silence"});
  EXPECT_EQ(waiter.addresses.size(), 1U);
  turn_.endTurn();
  passes(1h);
  Waiter denied;
  cache_.ask("a.test", denied);
  resolver_.asked.front()->sink.onResolveFailed({ResolveError::Kind::NoSuchName, "gone"});
  EXPECT_TRUE(denied.error);
  turn_.endTurn();
}

TEST_F(NameCacheTest, OnlySoManyNames) {
  for (size_t i = 0; i < NameCache::kMostNames + 100; ++i) know("name" + std::to_string(i) + ".test");
  EXPECT_EQ(cache_.size(), NameCache::kMostNames);
}

TEST(InTurnsTest, FamiliesTakeTurns) {
  std::vector<Resolved::Place> places;
  for (const char* text : {"1.1.1.1:0", "2.2.2.2:0", "3.3.3.3:0", "[::1]:0"}) {
    places.push_back({Address::parse(text).value()});
  }
  std::vector<std::string> order;
  for (const Address& address : inTurns(places)) order.push_back(address.hostText());
  EXPECT_THAT(order, ElementsAre("::1", "1.1.1.1", "2.2.2.2", "3.3.3.3"));
}

}  // namespace
}  // namespace outrigger::net
