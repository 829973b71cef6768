// Upstreams that are called in the version of the caller, whatever they speak. In virtual time.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

namespace f = testing::h2;

constexpr const char* kAuto = "upstreams: {shop: {endpoints: ['${shop}'], protocol: auto}}";

/// Speaks HTTP/2 by hand to a sidecar.
class H2Caller final : private TransportSink {
 public:
  explicit H2Caller(Sidecar& sidecar) : transport_(sidecar.open(Direction::Outbound)) {
    transport_->attach(*this);
    transport_->write(f::preface());
  }

  uint32_t get() { return ask({{":method", "GET"}}, ""); }
  uint32_t post(const std::string& body) { return ask({{":method", "POST"}}, body); }

  /// The content of a stream that has ended; "none" before.
  std::string body(uint32_t stream) const {
    std::string content;
    for (const f::Read& frame : frames_) {
      if (frame.stream != stream) continue;
      if (frame.type == f::kData) content += frame.payload;
      if (frame.type == f::kRstStream) return "reset";
      if ((frame.type == f::kData || frame.type == f::kHeaders) && (frame.flags & f::kEndStream) != 0) return content;
    }
    return "none";
  }

 private:
  uint32_t ask(f::Lines lines, const std::string& body) {
    const uint32_t stream = std::exchange(next_, next_ + 2);
    for (const auto& line : f::Lines{{":scheme", "http"}, {":path", "/"}, {":authority", "shop"}})
      lines.push_back(line);
    std::string octets = f::headers(stream, lines, body.empty());
    if (!body.empty()) octets += f::data(stream, body);
    transport_->write(octets);
    return stream;
  }
  void onBytes(Bytes data) override {
    input_ += data;
    for (f::Read& frame : f::takeFrames(input_)) frames_.push_back(std::move(frame));
  }
  void onEnd() override {}
  void onLost(const char*) override {}
  void onDrained() override {}

  std::unique_ptr<MemoryTransport> transport_;
  uint32_t next_ = 1;
  std::string input_;
  std::vector<f::Read> frames_;
};

TEST(H2Auto, ACallerOfHttp2ReachesAnUpstreamOfHttp2) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(kAuto);
  H2Caller caller(sidecar);
  const uint32_t get = caller.get();
  const uint32_t post = caller.post("hello");
  world.run(1s);
  EXPECT_EQ(caller.body(get), "ok");
  EXPECT_EQ(caller.body(post), "ok");
  EXPECT_EQ(shop.connectionsAccepted(), 1U);
  ASSERT_EQ(shop.hits(), 2U);
  EXPECT_EQ(shop.requests()[1]->body, "hello");
}

TEST(H2Auto, AnUpstreamOfHttp1IsFoundOutBeforeAnythingIsSentToIt) {
  World world;
  auto& shop = world.upstream("shop");
  auto& sidecar = world.sidecar(kAuto);
  H2Caller caller(sidecar);
  std::vector<uint32_t> streams;
  for (int i = 0; i < 5; ++i) streams.push_back(caller.post("pay"));
  world.run(1s);
  for (const uint32_t stream : streams) EXPECT_EQ(caller.body(stream), "ok");
  EXPECT_EQ(shop.hits(), 5U);  // each of them once
  const size_t connections = shop.connectionsAccepted();
  const uint32_t later = caller.post("pay");
  world.run(1s);
  EXPECT_EQ(caller.body(later), "ok");
  EXPECT_EQ(shop.connectionsAccepted(), connections);  // it is remembered
}

TEST(H2Auto, AnUpstreamThatClosesAtThePrefaceIsTakenForHttp1) {
  World world;
  auto& shop = world.h2Peer("shop").saysOnly("", true);
  shop.saysOnly("x", true);  // an octet that is no frame
  auto& sidecar = world.sidecar(kAuto);
  H2Caller caller(sidecar);
  const uint32_t stream = caller.post("pay");
  world.run(10s);
  EXPECT_NE(caller.body(stream), "none");  // it has been answered: 502
  EXPECT_GE(shop.connectionsAccepted(), 2U);
}

TEST(H2Auto, WhatWasHttp1IsLookedAtAgain) {
  World world;
  auto& before = world.upstream("shop");
  auto& sidecar = world.sidecar(kAuto);
  H2Caller caller(sidecar);
  const uint32_t first = caller.get();
  world.run(1s);
  EXPECT_EQ(caller.body(first), "ok");
  before.down();
  H2Peer after(world.network(), world.address("shop"));
  world.run(6min);
  H2Caller again(sidecar);
  const uint32_t second = again.get();
  world.run(5s);
  EXPECT_EQ(again.body(second), "ok");
  EXPECT_EQ(after.hits(), 1U);
}

TEST(H2Auto, CallersOfBothVersionsGetTheirOwn) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: auto, policy: once}}\npolicies: {once: {retry: {limit: "
      "0}}}");
  H2Caller caller(sidecar);
  const uint32_t stream = caller.get();
  const auto other = sidecar.get("shop", "/");
  world.run(1s);
  EXPECT_EQ(caller.body(stream), "ok");
  EXPECT_EQ(other.status, 502);  // it was called in HTTP/1, which this peer does not speak
  EXPECT_EQ(shop.hits(), 1U);
}

}  // namespace
}  // namespace outrigger::sim
