// What a caller of HTTP/1 gets where an upgrade was granted, by whatever stands behind.
#include <gtest/gtest.h>

#include <array>

#include "proxy/server/h1_downstream.h"
#include "tests/support/recording_transport.h"

namespace outrigger::server {
namespace {

using http::ResponseHead;
using http::Version;

/// Grants what it is asked for at once, and remembers what it is told.
class Granting final : public DownstreamHome, public http::StreamHandler, public http::RequestSink {
 public:
  explicit Granting(Version answers) : answers_(answers) {
    auto transport = std::make_unique<testing::RecordingTransport>();
    transport_ = transport.get();
    connection_ = std::make_unique<H1Downstream>(*this, *this, rules_, std::move(transport));
  }

  void receive(Bytes octets) {
    static_cast<TransportSink&>(*connection_).onBytes(octets);
    turn_.settle();
  }
  void receiveEnd() {
    static_cast<TransportSink&>(*connection_).onEnd();
    turn_.settle();
  }
  const std::string& written() const { return transport_->written; }

  std::string heard;

 private:
  Turn& turn() override { return turn_; }
  http::h1::HeadScratch& scratch() override { return scratch_; }
  TlsAcceptor* tls() override { return nullptr; }
  const Http2Parts* http2() override { return nullptr; }
  void onBecame(DownstreamConnection&, std::unique_ptr<DownstreamConnection>) override {}
  void onClosed(DownstreamConnection&) override { heard += "closed "; }

  http::RequestSink& onRequest(http::RequestHead&, http::ResponseStream& stream) override {
    stream_ = &stream;
    return *this;
  }
  void onBadRequest(const Error&, http::ResponseStream&) override {}
  void onRequestBody(Bytes data) override { heard.append(data).append(" "); }
  void onRequestEnd(http::FieldList) override {
    heard += "end ";
    if (std::exchange(granted_, true)) return stream_->sendEnd({});
    std::array<http::Field, 4> storage;
    ResponseHead head{.status = 101, .fields = http::FieldList(storage), .version = answers_};
    head.upgraded = true;
    head.body = http::BodyFraming::untilClose();
    stream_->sendHead(head);
  }
  void onRequestLost(const Error&, bool) override { heard += "lost "; }
  void onResponseDrained() override {}

  const Version answers_;
  Turn turn_{Instant(1s), WallTime(), 1};
  http::h1::HeadScratch scratch_;
  ServingRules rules_;
  http::ResponseStream* stream_ = nullptr;
  bool granted_ = false;
  testing::RecordingTransport* transport_ = nullptr;
  std::unique_ptr<H1Downstream> connection_;
};

const std::string kAsk =
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: WebSocket\r\nsec-websocket-key: "
    "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const std::string kGranted = "HTTP/1.1 101 Switching Protocols\r\n";
const std::string kOver = "connection: upgrade\r\nupgrade: WebSocket\r\n\r\n";

TEST(H1Upgrade, TheKeyIsAnsweredForAnUpstreamThatHasNotSeenIt) {
  Granting caller(Version::Http2);
  caller.receive(kAsk);
  EXPECT_EQ(caller.written(), kGranted + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" + kOver);
}

TEST(H1Upgrade, ButNotForOneThatHas) {
  Granting caller(Version::Http11);
  caller.receive(kAsk);
  EXPECT_EQ(caller.written(), kGranted + kOver);
}

TEST(H1Upgrade, WhatComesWithTheRequestIsHandedOnBehindItsEnd) {
  Granting caller(Version::Http11);
  caller.receive(kAsk + "early");
  caller.receive("late");
  EXPECT_EQ(caller.heard, "end early late ");
  caller.receiveEnd();
  EXPECT_EQ(caller.heard, "end early late end closed ");
}

}  // namespace
}  // namespace outrigger::server
