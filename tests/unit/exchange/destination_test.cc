#include "proxy/exchange/destination.h"

#include <gtest/gtest.h>

namespace outrigger::exchange {
namespace {

std::string asked(Bytes authority, bool tunnel = false, bool absolute = true) {
  http::RequestHead head;
  head.method = tunnel ? http::Method::Connect : http::Method::Get;
  head.authority = authority;
  head.absoluteForm = absolute;
  if (tunnel) head.upgrade = "connect";
  const auto to = destinationOf(head, {}, Direction::Outbound);
  return to ? to->text() : "";
}

TEST(Destination, OfAForwardProxyIsTheTarget) {
  EXPECT_EQ(asked("10.0.0.7:8080"), "10.0.0.7:8080");
  EXPECT_EQ(asked("[fd00::7]:8080"), "[fd00::7]:8080");
  EXPECT_EQ(asked("10.0.0.7"), "10.0.0.7:80") << "plain HTTP";
  EXPECT_EQ(asked("Shop.Example:8080"), "shop.example:8080");
  EXPECT_EQ(asked("shop.example"), "shop.example:80");
  EXPECT_EQ(asked("localhost:8080"), "127.0.0.1:8080") << "known without a look-up";
  EXPECT_EQ(asked("shop.example:443", true), "shop.example:443");
  EXPECT_EQ(asked("shop.example", true), "") << "CONNECT names its port";
  EXPECT_EQ(asked("shop.example", false, false), "") << "Host alone asks for no proxy";
}

TEST(Destination, OfARedirectedConnectionIsWhereItWasGoing) {
  http::RequestHead head;
  head.authority = "shop.example";
  PeerInfo peer;
  peer.destination = Address::ipv4({10, 0, 0, 9}, 8443);
  EXPECT_EQ(destinationOf(head, peer, Direction::Outbound)->text(), "10.0.0.9:8443");
  EXPECT_EQ(destinationOf(head, peer, Direction::Inbound)->text(), "10.0.0.9:8443");
  EXPECT_FALSE(destinationOf(head, {}, Direction::Inbound));
}

}  // namespace
}  // namespace outrigger::exchange
