#include "control/own_addresses.h"

#include <gtest/gtest.h>

namespace outrigger::control {
namespace {

Address address(const char* text) {
  return *Address::parse(text);
}

std::vector<std::string> texts(const std::vector<Address>& addresses) {
  std::vector<std::string> all;
  for (const Address& each : addresses) all.push_back(each.text());
  return all;
}

TEST(OwnAddresses, AWildcardIsReachedAtEveryAddressOfTheMachine) {
  const std::vector<Address> machine{address("127.0.0.1:0"), address("10.0.0.7:0"), address("[fd00::7]:0")};
  EXPECT_EQ(texts(ownAddresses({{"inbound", address("[::]:15106")}}, machine)),
            (std::vector<std::string>{"127.0.0.1:15106", "10.0.0.7:15106", "[fd00::7]:15106"}));
  EXPECT_EQ(texts(ownAddresses({{"inbound", address("0.0.0.0:15106")}}, machine)),
            (std::vector<std::string>{"127.0.0.1:15106", "10.0.0.7:15106"}));
}

TEST(OwnAddresses, OthersAreReachedWhereTheyAre) {
  EXPECT_EQ(texts(ownAddresses({{"admin", address("127.0.0.1:15100")},
                                {"outbound", address("[::ffff:127.0.0.1]:15101")},
                                {"upstream db", address("unix:/run/db.sock")}},
                               {address("10.0.0.7:0")})),
            (std::vector<std::string>{"127.0.0.1:15100", "127.0.0.1:15101"}));
}

}  // namespace
}  // namespace outrigger::control
