#include "proxy/base/address.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger {
namespace {

TEST(Address, ReadsWhatItWrites) {
  for (const Bytes text : {"10.0.0.7:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[::]:0",
                           "[2001:db8::1:2]:443", "[::ffff:1.2.3.4]:80", "unix:/run/app.sock"}) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
    EXPECT_EQ(Address::parse(address->text()), *address);
  }
  EXPECT_EQ(Address::parse("[2001:DB8:0:0:0:0:0:1]:1")->text(), "[2001:db8::1]:1");
  EXPECT_EQ(Address::parse("1.2.3.4:00080")->port(), 80);
}

TEST(Address, SaysWhatIsWrong) {
  struct Row {
    Bytes text, why;
  };
  const Bytes noPort = "the port is missing";
  const Bytes badPort = "the port must be a number from 0 to 65535";
  for (const Row& row : {Row{"", noPort},
                         Row{"10.0.0.7", noPort},
                         Row{"10.0.0.7:", badPort},
                         Row{"10.0.0.7:x", badPort},
                         Row{"10.0.0.7:-1", badPort},
                         Row{"10.0.0.7:65536", badPort},
                         Row{"10.0.0.7: 80", badPort},
                         Row{"localhost:80", "not an IP address"},
                         Row{"10.0.0:80", "not an IP address"},
                         Row{"10.0.0.256:80", "not an IP address"},
                         Row{":80", "not an IP address"},
                         Row{" 10.0.0.7:80", "not an IP address"},
                         Row{"[1.2.3.4]:80", "not an IPv6 address"},
                         Row{"[]:80", "not an IPv6 address"},
                         Row{"[::g]:80", "not an IPv6 address"},
                         Row{"[fe80::1%eth0]:80", "not an IPv6 address"},
                         Row{"[::1]", badPort},
                         Row{"::1:80", "an IPv6 address stands in brackets"},
                         Row{"unix:", "a unix socket needs an absolute path"},
                         Row{"unix:run/app.sock", "a unix socket needs an absolute path"}}) {
    const auto address = Address::parse(row.text);
    ASSERT_FALSE(address) << row.text;
    EXPECT_EQ(address.error(), row.why) << row.text;
  }
}

TEST(Address, ANulByteDoesNotHideWhatIsBehindIt) {
  EXPECT_FALSE(Address::parse(Bytes("10.0.0.7\0x:80", 13)));
  EXPECT_FALSE(Address::parse(Bytes("[::1\0x]:80", 10)));
  EXPECT_FALSE(Address::parse(Bytes("unix:/a\0b", 9)));
}

TEST(Address, UnixPathsEndAt107Bytes) {
  const std::string path = "unix:/" + std::string(106, 'a');
  EXPECT_TRUE(Address::parse(path));
  EXPECT_FALSE(Address::parse(path + "a"));
  EXPECT_EQ(Address::parse(path)->path().size(), 107U);
}

TEST(Address, PartsOfAnAddress) {
  const Address ip = *Address::parse("10.1.2.3:80");
  EXPECT_EQ(ip.family(), Address::Family::Ipv4);
  EXPECT_TRUE(ip.isIp());
  EXPECT_EQ(ip.octets()[0], 10);
  EXPECT_EQ(ip.octets()[3], 3);
  EXPECT_EQ(ip.hostText(), "10.1.2.3");
  EXPECT_EQ(ip.withPort(81).text(), "10.1.2.3:81");
  EXPECT_EQ(ip, Address::ipv4({10, 1, 2, 3}, 80));
  EXPECT_NE(ip, ip.withPort(81));
  EXPECT_EQ(Address::parse("[::1]:80")->hostText(), "::1");
  const Address local = *Address::parse("unix:/run/a");
  EXPECT_FALSE(local.isIp());
  EXPECT_EQ(local.hostText(), "unix");
  EXPECT_EQ(local.path(), "/run/a");
  EXPECT_EQ(local, Address::unixPath("/run/a"));
  EXPECT_EQ(Address().text(), "none");
  EXPECT_EQ(Address().hostText(), "none");
  EXPECT_FALSE(Address().isIp());
}

TEST(Address, MappedAddressesAreSeenThrough) {
  const Address mapped = *Address::parse("[::ffff:10.0.0.7]:80");
  EXPECT_EQ(mapped.unmapped().text(), "10.0.0.7:80");
  for (const Bytes text : {"10.0.0.7:80", "[::1]:80", "[::10.0.0.7]:80", "[2001:db8::ffff:a00:7]:80", "unix:/a"}) {
    const Address other = *Address::parse(text);
    EXPECT_EQ(other.unmapped(), other) << text;
  }
}

TEST(Address, WildcardsAndLoopbacks) {
  for (const Bytes text : {"0.0.0.0:1", "[::]:1"}) {
    EXPECT_TRUE(Address::parse(text)->isWildcard()) << text;
    EXPECT_FALSE(Address::parse(text)->isLoopback()) << text;
  }
  for (const Bytes text : {"127.0.0.1:1", "127.255.0.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix:/a"}) {
    EXPECT_TRUE(Address::parse(text)->isLoopback()) << text;
    EXPECT_FALSE(Address::parse(text)->isWildcard()) << text;
  }
  for (const Bytes text : {"10.0.0.1:1", "128.0.0.1:1", "[::2]:1", "[::ffff:10.0.0.1]:1", "[1::1]:1"}) {
    EXPECT_FALSE(Address::parse(text)->isLoopback()) << text;
    EXPECT_FALSE(Address::parse(text)->isWildcard()) << text;
  }
  EXPECT_FALSE(Address().isWildcard());
  EXPECT_FALSE(Address().isLoopback());
  EXPECT_EQ(Address::loopback(80).text(), "127.0.0.1:80");
}

TEST(AddressTest, ANamedOneIsNoIp) {
  const Address named = Address::named("orders.shop", 8080);
  EXPECT_EQ(named.text(), "orders.shop:8080");
  EXPECT_EQ(named.hostText(), "orders.shop");
  EXPECT_EQ(named.hostName(), "orders.shop");
  EXPECT_FALSE(named.isIp());
  EXPECT_FALSE(named.isLoopback());
  EXPECT_EQ(named.withPort(1), Address::named("orders.shop", 1));
  EXPECT_FALSE(Address::parse("orders.shop:8080")) << "config names no hosts";
  EXPECT_EQ(Address::loopback(1).hostName(), "");
}

}  // namespace
}  // namespace outrigger
