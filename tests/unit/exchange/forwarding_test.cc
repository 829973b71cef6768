// What the app is told of a verified caller.
#include "proxy/exchange/forwarding.h"

#include <gtest/gtest.h>

#include "proxy/exchange/redaction.h"

namespace outrigger::exchange {
namespace {

class Forwarding : public testing::Test {
 protected:
  // The field that the app sees.
  std::string told(Direction direction, const PeerInfo& peer, Bytes ours) {
    http::RequestHead head;
    head.fields = http::FieldList(arena_);
    addForwardingFields(head, direction, peer, ours, nullptr, arena_, rng_);
    return std::string(head.fields.value(http::Header::XForwardedClientCert));
  }

  ChunkPool chunks_;
  Arena arena_{chunks_};
  Rng rng_{1};
  PeerInfo caller_{.secure = true, .identity = "spiffe://d/cart"};
};

TEST_F(Forwarding, AVerifiedCallerIsNamed) {
  EXPECT_EQ(told(Direction::Inbound, caller_, "spiffe://d/app"), "By=spiffe://d/app;URI=spiffe://d/cart");
  EXPECT_EQ(told(Direction::Inbound, caller_, ""), "URI=spiffe://d/cart");
}

TEST_F(Forwarding, NobodyElseIs) {
  EXPECT_EQ(told(Direction::Inbound, {.secure = true}, "spiffe://d/app"), "");
  EXPECT_EQ(told(Direction::Outbound, caller_, "spiffe://d/app"), "");
}

TEST_F(Forwarding, OnlyWhatLooksLikeAnIdIsRecorded) {
  EXPECT_EQ(recordedId("0f8fad5b-d9cb-469f-a165-70867728950e", arena_), "0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_EQ(recordedId("", arena_), "");
  for (const Bytes id : {Bytes("0f8fad5"), Bytes("order-of-alice@example.com"), Bytes("deadbeefg")}) {
    const std::string shown(recordedId(id, arena_));
    EXPECT_EQ(shown.size(), 17U) << id;
    EXPECT_EQ(shown[0], '~') << id;
    EXPECT_EQ(shown, recordedId(id, arena_)) << "the same on every hop";
  }
  EXPECT_NE(recordedId("alice", arena_), recordedId("bob", arena_));
}

TEST_F(Forwarding, ShapesAreWordsOfTheConfig) {
  Route route;
  EXPECT_EQ(shapeOf(nullptr, "").host, "*");
  EXPECT_EQ(shapeOf(nullptr, "").path, "/*");
  EXPECT_EQ(shapeOf(&route, "orders").host, "orders");
  route.host = ".example.com";
  route.path = "/v1/*";
  EXPECT_EQ(shapeOf(&route, "orders").host, ".example.com");
  EXPECT_EQ(shapeOf(&route, "orders").path, "/v1/*");
}

}  // namespace
}  // namespace outrigger::exchange
