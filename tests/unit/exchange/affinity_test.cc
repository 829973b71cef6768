#include "proxy/exchange/affinity.h"

#include <gtest/gtest.h>

namespace outrigger::exchange {
namespace {

using policy::HashKey;

class Affinity : public ::testing::Test {
 protected:
  http::FieldList fields(std::initializer_list<std::pair<Bytes, Bytes>> list) {
    http::FieldList made(arena_);
    for (const auto& [name, value] : list) made.add(name, value);
    return made;
  }
  static policy::BalanceSettings by(HashKey key) { return {policy::Balance::Hash, std::move(key)}; }
  static policy::BalanceSettings byCookie() { return by({HashKey::From::Cookie, "sid", {}}); }

  /// The Set-Cookie of an answer of 10.0.0.1 to a request of that affinity.
  Bytes given(std::optional<Duration> ttl, std::optional<policy::Affinity> affinity, uint16_t status = 200) {
    upstream::ClusterSettings upstream;
    upstream.balance = by({HashKey::From::Cookie, "sid", ttl});
    upstream.hashTable = std::make_shared<policy::Maglev>(std::vector<policy::Maglev::Member>{{kOne}, {kTwo}});
    http::ResponseHead head{.status = status, .fields = http::FieldList(arena_)};
    keepSession(upstream, affinity, Address::ipv4({10, 0, 0, 1}, 80), head, arena_);
    return head.fields.value(http::Header::SetCookie);
  }

  const uint64_t kOne = policy::hashOf("10.0.0.1:80");
  const uint64_t kTwo = policy::hashOf("10.0.0.2:80");
  PeerInfo peer_{Address::ipv4({10, 1, 2, 3}, 4000)};
  ChunkPool chunks_;
  Arena arena_{chunks_};
};

TEST_F(Affinity, CookiesAreFoundAmongOthers) {
  const std::vector<std::pair<Bytes, std::optional<Bytes>>> table = {
      {"sid=a", "a"},
      {"x=1; sid=a; y=2", "a"},
      {"x=1;sid=a;y=2", "a"},
      {"  sid=a  ", "a"},
      {"sid=\"a b\"", "a b"},
      {"sid=\"", "\""},
      {"sid=", ""},
      {"sid=a=b", "a=b"},
      {"sid=first; sid=second", "first"},
      {"xsid=a; side=b", std::nullopt},
      {"SID=a", std::nullopt},
      {"sid", std::nullopt},
      {"", std::nullopt},
      {";;;=;", std::nullopt},
  };
  for (const auto& [cookie, value] : table)
    EXPECT_EQ(cookieValue(fields({{"cookie", cookie}}), "sid"), value) << cookie;
  EXPECT_EQ(cookieValue(fields({{"Cookie", "x=1"}, {"cookie", "sid=a"}}), "sid"), "a") << "in a second field";
  EXPECT_EQ(cookieValue(fields({{"set-cookie", "sid=a"}}), "sid"), std::nullopt);
}

TEST_F(Affinity, TheKeyComesFromWhereTheConfigSays) {
  const auto head = fields({{"X-User", "ann"}, {"cookie", "sid=session-7"}});
  EXPECT_EQ(affinityOf(by({HashKey::From::Header, "x-user", {}}), head, peer_)->key, policy::hashOf("ann"));
  EXPECT_EQ(affinityOf(byCookie(), head, peer_)->key, policy::hashOf("session-7"));
  const auto source = affinityOf(by({HashKey::From::Source, "", {}}), head, peer_);
  ASSERT_TRUE(source);
  PeerInfo again{Address::ipv4({10, 1, 2, 3}, 4001)};
  EXPECT_EQ(affinityOf(by({HashKey::From::Source, "", {}}), head, again), source) << "the port is another each time";
  const auto mapped = Address::parse("[::ffff:10.1.2.3]:4002");
  EXPECT_EQ(affinityOf(by({HashKey::From::Source, "", {}}), head, PeerInfo{*mapped}), source);
}

TEST_F(Affinity, WithoutAKeyThereIsNone) {
  const auto head = fields({{"x-empty", ""}});
  EXPECT_FALSE(affinityOf(by({HashKey::From::Header, "x-user", {}}), head, peer_));
  EXPECT_FALSE(affinityOf(by({HashKey::From::Header, "x-empty", {}}), head, peer_));
  EXPECT_FALSE(affinityOf(byCookie(), head, peer_));
  EXPECT_FALSE(affinityOf(by({HashKey::From::Source, "", {}}), head, PeerInfo{Address::unixPath("/run/a")}));
  EXPECT_FALSE(affinityOf({}, head, peer_)) << "not balanced by hash";
}

TEST_F(Affinity, OnlySixteenHexDigitsNameAnEndpoint) {
  const std::vector<std::pair<Bytes, bool>> table = {
      {"sid=0123456789abcdef", true},  {"sid=\"0123456789abcdef\"", true}, {"sid=0123456789ABCDEF", false},
      {"sid=0123456789abcde", false},  {"sid=0123456789abcdef0", false},   {"sid=0x23456789abcdef", false},
      {"sid=-123456789abcdef", false}, {"sid=0123456789abcdeg", false},
  };
  for (const auto& [cookie, names] : table) {
    const auto affinity = affinityOf(byCookie(), fields({{"cookie", cookie}}), peer_);
    ASSERT_TRUE(affinity) << cookie;
    EXPECT_EQ(affinity->namesEndpoint, names) << cookie;
    EXPECT_EQ(affinity->key == 0x0123456789abcdefU, names) << cookie;
  }
}

TEST_F(Affinity, ACallerWithoutACookieGetsOneThatLeadsBack) {
  const Bytes cookie = given(std::nullopt, std::nullopt);
  EXPECT_TRUE(cookie.starts_with("sid=")) << cookie;
  EXPECT_TRUE(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax")) << cookie;
  const Bytes pair = cookie.substr(0, cookie.find(';'));
  EXPECT_EQ(affinityOf(byCookie(), fields({{"cookie", pair}}), peer_), (policy::Affinity{kOne, true}));
}

TEST_F(Affinity, ACookieLivesAsLongAsTheConfigSays) {
  EXPECT_TRUE(given(90s, std::nullopt).ends_with("; Max-Age=90"));
  EXPECT_TRUE(given(1500ms, std::nullopt).ends_with("; Max-Age=2")) << "whole seconds, rounded up";
}

TEST_F(Affinity, ACookieIsSetAnewOnlyWhenItsEndpointIsGoneForGood) {
  EXPECT_EQ(given({}, policy::Affinity{kOne, true}), "");
  EXPECT_EQ(given({}, policy::Affinity{kTwo, true}), "") << "configured, though another has answered";
  EXPECT_NE(given({}, policy::Affinity{0x1234, true}), "");
  EXPECT_EQ(given({}, policy::Affinity{0x1234, false}), "") << "not a value of ours";
}

TEST_F(Affinity, NoSessionBeginsWithAnError) {
  EXPECT_NE(given({}, std::nullopt, 404), "");
  EXPECT_EQ(given({}, std::nullopt, 500), "");
  EXPECT_EQ(given({}, std::nullopt, 503), "");
}

TEST_F(Affinity, OtherKeysSetNoCookie) {
  upstream::ClusterSettings upstream;
  upstream.balance = by({HashKey::From::Header, "x-user", {}});
  http::ResponseHead head{.status = 200, .fields = http::FieldList(arena_)};
  keepSession(upstream, std::nullopt, Address::ipv4({10, 0, 0, 1}, 80), head, arena_);
  EXPECT_TRUE(head.fields.empty());
}

}  // namespace
}  // namespace outrigger::exchange
