#include "proxy/http/host.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::http {
namespace {

struct Row {
  Bytes text;
  Bytes host;
  uint16_t port = 0;
  bool bracketed = false;
};

TEST(Host, SplitsWhatIsWellFormed) {
  const Row rows[] = {
      {"a", "a"},
      {"Payments", "Payments"},
      {"payments:8080", "payments", 8080},
      {"a.b.example.", "a.b.example."},
      {"a_b-c~d", "a_b-c~d"},
      {"10.0.0.1", "10.0.0.1"},
      {"10.0.0.1:1", "10.0.0.1", 1},
      {"a:65535", "a", 65535},
      {"a:00080", "a", 80},
      {"[::1]", "::1", 0, true},
      {"[::1]:8080", "::1", 8080, true},
      {"[2001:DB8::1:2]", "2001:DB8::1:2", 0, true},
      {"[::ffff:1.2.3.4]:80", "::ffff:1.2.3.4", 80, true},
      {"!$&'()*+,;=", "!$&'()*+,;="},  // odd, but RFC 3986 has it
  };
  for (const Row& row : rows) {
    const auto found = parseHost(row.text);
    ASSERT_TRUE(found) << row.text;
    EXPECT_EQ(found->host, row.host);
    EXPECT_EQ(found->port, row.port) << row.text;
    EXPECT_EQ(found->bracketed, row.bracketed) << row.text;
  }
  EXPECT_TRUE(parseHost(std::string(253, 'a')));
}

TEST(Host, RefusesTheRest) {
  for (const Bytes text : {"",
                           " ",
                           "a b",
                           "a,b c",
                           ":",
                           ":80",
                           "a:",
                           "a:b",
                           "a:0",
                           "a:65536",
                           "a:000080",
                           "a:-1",
                           "a:+1",
                           "a:80:80",
                           "a::80",
                           "::1",
                           "[",
                           "[]",
                           "]",
                           "[a]",
                           "[::1",
                           "::1]",
                           "[::1]80",
                           "[::1]:",
                           "[::1]:x",
                           "[[::1]]",
                           "[1.2.3.4]",
                           "[:::]",
                           "[1:2:3:4:5:6:7:8:9]",
                           "[fe80::1%eth0]",
                           "u@a",
                           "a/b",
                           "a?b",
                           "a#b",
                           "a\\b",
                           "a%62",
                           "a%",
                           "<a>",
                           "\"a\"",
                           "a|b",
                           "{a}",
                           "a^b",
                           "a`b",
                           "\xc3\xa9",
                           "a\tb",
                           "a\r",
                           "a\x7f"}) {
    EXPECT_FALSE(parseHost(text)) << text;
  }
  EXPECT_FALSE(parseHost(Bytes("a\0b", 3)));
  EXPECT_FALSE(parseHost(Bytes("[::1\0]", 6)));
  EXPECT_FALSE(parseHost(std::string(254, 'a')));
  EXPECT_FALSE(parseHost("[" + std::string(200, ':') + "]"));
}

}  // namespace
}  // namespace outrigger::http
