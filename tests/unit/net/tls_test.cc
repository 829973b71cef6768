// Both ends of TLS on one loop, over a real socket.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "proxy/net/event_loop.h"
#include "proxy/net/signals.h"
#include "proxy/net/tls_engine.h"
#include "tests/support/certificates.h"

namespace outrigger::net {
namespace {

using test::LeafWishes;
using test::TestAuthority;
using Clients = TlsServerSettings::Clients;

constexpr const char* kCart = "spiffe://shop.example/ns/shop/sa/cart";
constexpr const char* kBank = "spiffe://shop.example/ns/shop/sa/bank";

std::shared_ptr<const TlsMaterial> material(TlsMaterial made) {
  return std::make_shared<const TlsMaterial>(std::move(made));
}

/// One end: hears of its handshake, then of its bytes.
class End final : public HandshakeSink, public TransportSink {
 public:
  explicit End(EventLoop& loop) : loop_(loop) {}

  void onSecured(std::unique_ptr<Transport> transport) override {
    this->transport = std::move(transport);
    this->transport->attach(*this);
    story += "<secured>";
    if (!firstWords.empty()) {
      const Bytes text = firstWords;
      this->transport->write(std::span(&text, 1));
      this->transport->shutdown();
    }
    changed();
  }
  void onHandshakeFailed(const Error& error) override {
    story += "<failed: " + std::string(error.detail) + ">";
    changed();
  }
  void onBytes(Bytes data) override {
    received += data;
    if (pausesAt > 0 && received.size() >= pausesAt) transport->pause();
    changed();
  }
  void onEnd() override {
    story += "<end>";
    changed();
  }
  void onLost(const char* why) override {
    story += "<lost: " + std::string(why) + ">";
    changed();
  }
  void onDrained() override {}

  void write(Bytes text) const {
    const EventLoop::Callback callback(loop_);
    transport->write(std::span(&text, 1));
  }

  std::unique_ptr<Handshake> handshake;
  std::unique_ptr<Transport> transport;
  std::string story;
  std::string received;
  size_t pausesAt = 0;
  std::string firstWords;  // said and ended as soon as the handshake is done
  std::function<void()> changed = [] {};

 private:
  EventLoop& loop_;
};

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override { Signals::ignorePipe(); }

  std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> sockets() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    const PeerInfo peer{Address::unixPath("/peer")};
    return {loop_.adopt(FileDescriptor(fds[0]), peer), loop_.adopt(FileDescriptor(fds[1]), peer)};
  }

  /// Both ends shake hands until each has said how that went.
  void shake(const std::shared_ptr<const TlsServerSettings>& server,
             const std::shared_ptr<const TlsClientSettings>& client, DialOptions options = {}) {
    callee_ = std::make_unique<End>(loop_);
    caller_ = std::make_unique<End>(loop_);
    auto [theirs, ours] = sockets();
    options.tls = client;
    callee_->handshake = loop_.accept(std::move(theirs), {}, server, *callee_);
    caller_->handshake = loop_.tls().connect(std::move(ours), "there", options, *caller_);
    // In TLS 1.3 a caller is done before the callee has judged it; what became of that it hears later.
    runUntil([this] { return !callee_->story.empty() && !caller_->story.empty(); });
  }

  void runUntil(const std::function<bool()>& condition) {
    const auto look = [this, &condition] {
      if (condition()) loop_.stop();
    };
    callee_->changed = caller_->changed = look;
    if (!condition()) loop_.run();
    callee_->changed = caller_->changed = [] {};
  }

  std::shared_ptr<const TlsServerSettings> server(Clients clients, const LeafWishes& wishes = {}) {
    return std::make_shared<const TlsServerSettings>(TlsServerSettings{material(authority_.leaf(wishes)), clients});
  }
  std::shared_ptr<const TlsClientSettings> client(std::vector<std::string> identities, const std::string& name = "",
                                                  const LeafWishes& wishes = {}) {
    return std::make_shared<const TlsClientSettings>(
        TlsClientSettings{material(authority_.leaf(wishes)), name, std::move(identities)});
  }

  EventLoop loop_{1};
  TestAuthority authority_{"shop.example"};
  std::unique_ptr<End> callee_;
  std::unique_ptr<End> caller_;
};

TEST_F(TlsTest, BothSidesLearnWhoTheOtherIs) {
  shake(server(Clients::Required), client({kCart}, "", {.names = {std::string("URI:") + kBank}}));
  ASSERT_EQ(callee_->story, "<secured>");
  ASSERT_EQ(caller_->story, "<secured>");
  EXPECT_EQ(callee_->transport->peer().identity, kBank);
  EXPECT_EQ(caller_->transport->peer().identity, kCart);
  EXPECT_TRUE(callee_->transport->peer().secure);
}

TEST_F(TlsTest, BytesGoBothWaysUntilEachSideEnds) {
  shake(server(Clients::Ignored), client({}, "cart.shop"));
  caller_->write("hello");
  runUntil([this] { return callee_->received == "hello"; });
  callee_->write("and you");
  runUntil([this] { return caller_->received == "and you"; });
  caller_->transport->shutdown();
  runUntil([this] { return callee_->story == "<secured><end>"; });
  callee_->write("still here");
  runUntil([this] { return caller_->received == "and youstill here"; });
}

TEST_F(TlsTest, MuchComesWholeAndInOrder) {
  shake(server(Clients::Ignored), client({}, "cart.shop"));
  std::string much;
  for (int i = 0; much.size() < 3'000'000; ++i) much += std::to_string(i) + ",";
  caller_->write(much);
  runUntil([&] { return callee_->received.size() == much.size(); });
  EXPECT_EQ(callee_->received, much);
}

// A caller of TLS 1.3 may speak before the callee has judged it.
TEST_F(TlsTest, WhatComesRightBehindTheHandshakeIsKept) {
  callee_ = std::make_unique<End>(loop_);
  caller_ = std::make_unique<End>(loop_);
  for (int i = 0; caller_->firstWords.size() < 300'000; ++i) caller_->firstWords += std::to_string(i) + ",";
  auto [theirs, ours] = sockets();
  callee_->handshake = loop_.accept(std::move(theirs), {}, server(Clients::Required), *callee_);
  caller_->handshake = loop_.tls().connect(std::move(ours), "there", {.tls = client({kCart})}, *caller_);
  runUntil([this] { return callee_->story == "<secured><end>"; });
  EXPECT_EQ(callee_->received, caller_->firstWords);
}

TEST_F(TlsTest, WhoIsPausedGetsNothingMore) {
  shake(server(Clients::Ignored), client({}, "cart.shop"));
  callee_->pausesAt = 1;
  const std::string much(1'000'000, 'x');
  caller_->write(much);
  runUntil([this] { return !callee_->received.empty(); });
  const size_t before = callee_->received.size();
  EXPECT_LE(before, 64U * 1024);
  callee_->pausesAt = 0;
  {
    const EventLoop::Callback callback(loop_);
    callee_->transport->resume();
  }
  runUntil([&] { return callee_->received.size() == much.size(); });
}

TEST_F(TlsTest, TheProtocolIsAgreedOn) {
  const auto callee = server(Clients::Ignored);
  const auto caller = client({}, "cart.shop");
  shake(callee, caller, {.offersHttp1 = true, .offersHttp2 = true});
  EXPECT_EQ(caller_->transport->peer().alpn, Alpn::Http2);
  EXPECT_EQ(callee_->transport->peer().alpn, Alpn::Http2);
  shake(callee, caller, {.offersHttp1 = true, .offersHttp2 = false});
  EXPECT_EQ(caller_->transport->peer().alpn, Alpn::Http1);
  shake(callee, caller, {.offersHttp1 = false, .offersHttp2 = false});
  EXPECT_EQ(caller_->transport->peer().alpn, Alpn::None);
}

TEST_F(TlsTest, ASecondHandshakeResumesTheFirst) {
  metrics::HandshakeCounters counters;
  loop_.countHandshakesIn(counters);
  const auto callee = server(Clients::Required);
  const auto caller = client({kCart});
  for (int i = 0; i < 3; ++i) {
    shake(callee, caller);
    ASSERT_EQ(callee_->story, "<secured>");
    EXPECT_EQ(callee_->transport->peer().identity, kCart) << "resumed or not";
    callee_->write("x");  // behind what is needed to resume
    runUntil([this] { return caller_->received == "x"; });
  }
  EXPECT_EQ(counters[0][0].value(), 1U) << "full";
  EXPECT_EQ(counters[0][1].value(), 2U) << "resumed";
  shake(server(Clients::Required), caller);
  EXPECT_EQ(callee_->story, "<secured>");
  EXPECT_EQ(counters[0][1].value(), 2U) << "another certificate, another start";
}

TEST_F(TlsTest, StrangersAreRefused) {
  shake(server(Clients::Ignored), client({kBank}));
  EXPECT_EQ(caller_->story, "<failed: the peer has another identity than the upstream may have>");
  shake(server(Clients::Ignored), client({}, "bank.shop"));
  EXPECT_EQ(caller_->story, "<failed: hostname mismatch>");
  shake(server(Clients::Ignored, {.days = -1}), client({kCart}));
  EXPECT_EQ(caller_->story, "<failed: certificate has expired>");
  shake(server(Clients::Ignored, {.names = {"URI:spiffe://shop.example/a", "URI:spiffe://shop.example/b"}}),
        client({}, "cart.shop"));
  EXPECT_NE(caller_->story.find("<failed: "), std::string::npos);
  shake(server(Clients::Ignored, {.extendedKeyUsage = "clientAuth"}), client({kCart}));
  EXPECT_EQ(caller_->story, "<failed: unsuitable certificate purpose>");
}

TEST_F(TlsTest, AnAddressIsComparedWithAddresses) {
  const LeafWishes api{.names = {"DNS:kubernetes.default", "IP:10.96.0.1", "IP:fd00::1"}};
  const auto told = [this](const LeafWishes& wishes, const std::string& name) {
    shake(server(Clients::Ignored, wishes), client({}, name));
    return caller_->story;
  };
  EXPECT_EQ(told(api, "10.96.0.1"), "<secured>");
  EXPECT_EQ(told(api, "fd00::1"), "<secured>");
  EXPECT_EQ(told(api, "fd00:0::0:1"), "<secured>") << "another way to write it";
  EXPECT_EQ(told(api, "kubernetes.default"), "<secured>");
  EXPECT_EQ(told(api, "10.96.0.2"), "<failed: IP address mismatch>");
  EXPECT_EQ(told({.names = {"DNS:10.96.0.1"}}, "10.96.0.1"), "<failed: IP address mismatch>") << "a name is none";
}

TEST_F(TlsTest, StrangersAmongCallersAreRefused) {
  const auto refused = [this](const std::shared_ptr<const TlsClientSettings>& settings) {
    shake(server(Clients::Optional), settings);
    return callee_->story;
  };
  const TestAuthority other("other.example");
  TlsMaterial foreign = other.leaf();
  foreign.trust = authority_.certificate();
  EXPECT_NE(refused(std::make_shared<const TlsClientSettings>(TlsClientSettings{material(foreign), "", {kCart}}))
                .find("<failed: "),
            std::string::npos);
  EXPECT_EQ(refused(client({kCart}, "", {.names = {"URI:spiffe://bank.example/teller"}})),
            "<failed: the peer's authority does not speak for its trust domain>");
  EXPECT_EQ(refused(client({kCart}, "", {.keyUsage = "critical,digitalSignature,keyCertSign"})),
            "<failed: the peer's certificate may sign others>");
  TlsMaterial nobody;
  nobody.trust = authority_.certificate();
  EXPECT_EQ(refused(std::make_shared<const TlsClientSettings>(TlsClientSettings{material(nobody), "", {kCart}})),
            "<secured>")
      << "a certificate is asked for, and need not be shown";
  shake(server(Clients::Required),
        std::make_shared<const TlsClientSettings>(TlsClientSettings{material(nobody), "", {kCart}}));
  EXPECT_NE(callee_->story.find("<failed: "), std::string::npos);
}

TEST_F(TlsTest, AnAuthoritySpeaksForTheDomainThatItNames) {
  const TestAuthority bank("bank.example");
  const LeafWishes teller{.names = {"URI:spiffe://bank.example/teller"}};
  const LeafWishes cart{.names = {std::string("URI:") + kCart}};
  TlsMaterial callee = authority_.leaf();
  callee.trust += bank.certificate();
  const auto settings =
      std::make_shared<const TlsServerSettings>(TlsServerSettings{material(callee), Clients::Required});
  for (const auto& [wishes, story] :
       {std::pair(teller, "<secured>"),
        std::pair(cart, "<failed: the peer's authority does not speak for its trust domain>")}) {
    TlsMaterial caller = bank.leaf(wishes);
    caller.trust = authority_.certificate();
    shake(settings, std::make_shared<const TlsClientSettings>(TlsClientSettings{material(caller), "", {kCart}}));
    EXPECT_EQ(callee_->story, story);
  }
}

TEST_F(TlsTest, AnEndWithoutAWordIsALoss) {
  shake(server(Clients::Ignored), client({}, "cart.shop"));
  caller_->transport->close(Transport::CloseMode::Reset);
  runUntil([this] { return callee_->story.size() > std::string("<secured>").size(); });
  EXPECT_NE(callee_->story.find("<lost: "), std::string::npos) << callee_->story;
}

TEST_F(TlsTest, WhatIsNotTlsIsRefused) {
  callee_ = std::make_unique<End>(loop_);
  caller_ = std::make_unique<End>(loop_);
  auto [theirs, ours] = sockets();
  callee_->handshake =
      loop_.accept(std::move(theirs), Bytes("\x16\x03\x01\x00\x05hello", 10), server(Clients::Ignored), *callee_);
  runUntil([this] { return !callee_->story.empty(); });
  EXPECT_EQ(callee_->story.find("<failed: "), 0U) << callee_->story;
}

TEST_F(TlsTest, TrustThatHasGoneIsFoundOut) {
  shake(server(Clients::Required), client({kCart}));
  ASSERT_EQ(callee_->story, "<secured>");
  EXPECT_TRUE(callee_->transport->stillTrusted(server(Clients::Required)));
  const TestAuthority other;
  EXPECT_FALSE(callee_->transport->stillTrusted(
      std::make_shared<const TlsServerSettings>(TlsServerSettings{material(other.leaf()), Clients::Required})));
}

}  // namespace
}  // namespace outrigger::net
