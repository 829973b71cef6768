#include "proxy/wire/proxy_protocol.h"

#include <gtest/gtest.h>

#include "proxy/base/rng.h"

namespace outrigger::wire {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

Address at(const char* text) {
  return *Address::parse(text);
}

std::string v2(char command, char family, const std::string& rest) {
  std::string header = kSignature + command + family;
  header.push_back(static_cast<char>(rest.size() >> 8));
  header.push_back(static_cast<char>(rest.size() & 0xff));
  return header + rest;
}

const std::string kFour = "\x0a\x00\x00\x01\x0a\x00\x00\x02\x04\xd2\x1f\x90"s;

// As one octet after the other brings it: nothing until the last, and then the same.
ReadProxyHeader complete(const std::string& header) {
  for (size_t size = 0; size < header.size(); ++size) {
    const auto early = readProxyHeader(Bytes(header).substr(0, size));
    EXPECT_TRUE(early) << early.error().detail;
    EXPECT_TRUE(early && !*early) << size;
  }
  const auto whole = readProxyHeader(header + "GET / HTTP/1.1\r\n");
  EXPECT_TRUE(whole) << whole.error().detail;
  EXPECT_TRUE(whole && *whole);
  if (!whole || !*whole) return {};
  EXPECT_EQ((*whole)->size, header.size());
  return **whole;
}

TEST(ProxyProtocol, ReadsVersion1) {
  const ProxyHeader four = complete("PROXY TCP4 10.0.0.1 10.0.0.2 1234 8080\r\n").header;
  EXPECT_FALSE(four.local);
  EXPECT_EQ(four.source, at("10.0.0.1:1234"));
  EXPECT_EQ(four.destination, at("10.0.0.2:8080"));
  const ProxyHeader six = complete("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n").header;
  EXPECT_EQ(six.source, at("[2001:db8::1]:65535"));
  EXPECT_TRUE(complete("PROXY UNKNOWN\r\n").header.local);
  EXPECT_TRUE(complete("PROXY UNKNOWN ffff::1 whatever it says\r\n").header.local);
}

TEST(ProxyProtocol, ReadsVersion2) {
  const ProxyHeader four = complete(v2(0x21, 0x11, kFour)).header;
  EXPECT_EQ(four.source, at("10.0.0.1:1234"));
  EXPECT_EQ(four.destination, at("10.0.0.2:8080"));
  const std::string extension = "\x04\x00\x02zz"s;
  EXPECT_EQ(complete(v2(0x21, 0x11, kFour + extension)).header.source, at("10.0.0.1:1234"));
  std::string six(32, '\0');
  six[15] = six[31] = 1;
  EXPECT_EQ(complete(v2(0x21, 0x21, six + "\x04\xd2\x1f\x90"s)).header.source, at("[::1]:1234"));
  std::string paths(216, '\0');
  paths.replace(0, 6, "/run/a");
  EXPECT_EQ(complete(v2(0x21, 0x31, paths)).header.source, at("unix:/run/a"));
  EXPECT_TRUE(complete(v2(0x20, 0x00, "")).header.local);
  EXPECT_TRUE(complete(v2(0x20, 0x11, kFour)).header.local) << "a health check of the sender itself";
  EXPECT_TRUE(complete(v2(0x21, 0x00, "anything")).header.local);
  EXPECT_TRUE(complete(v2(0x20, 0x00, std::string(520, 'x'))).header.local);
}

TEST(ProxyProtocol, VerifiesChecksum) {
  // CRC-32C over the header with the checksum's four octets as zeros.
  const std::string good = v2(0x21, 0x11, kFour + "\x03\x00\x04\xd4\x8b\x05\x55"s);
  EXPECT_TRUE(readProxyHeader(good));
  std::string changed = good;
  changed[17] ^= 1;  // an address
  EXPECT_FALSE(readProxyHeader(changed));
}

TEST(ProxyProtocol, Refuses) {
  for (const std::string& text : {
           "GET / HTTP/1.1\r\n"s,
           "PROXX"s,
           "proxy TCP4 "s,
           "PROXY TCP5 10.0.0.1 10.0.0.2 1 2\r\n"s,
           "PROXY TCP4 10.0.0.1 10.0.0.2 1\r\n"s,
           "PROXY TCP4 10.0.0.1 10.0.0.2 1 2 \r\n"s,
           "PROXY TCP4 10.0.0.1 10.0.0.2 1 2 3\r\n"s,
           "PROXY TCP4  10.0.0.1 10.0.0.2 1 2\r\n"s,
           "PROXY TCP4 10.0.0.1 10.0.0.2 01 2\r\n"s,
           "PROXY TCP4 10.0.0.1 10.0.0.2 1 65536\r\n"s,
           "PROXY TCP4 10.0.0.256 10.0.0.2 1 2\r\n"s,
           "PROXY TCP4 ::1 ::1 1 2\r\n"s,
           "PROXY TCP6 10.0.0.1 10.0.0.2 1 2\r\n"s,
           "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\n"s,
           "PROXY TCP4 10.0.0.1\r10.0.0.2 1 2\r\n"s,
           "PROXY \r\n"s,
           "PROXY UNKNOWN " + std::string(93, 'x'),
           kSignature + "\x11"s,
           kSignature + "\x22"s,
           v2(0x21, 0x12, kFour),
           v2(0x21, 0x41, kFour),
           v2(0x21, 0x11, kFour.substr(1)),
           v2(0x21, 0x21, kFour),
           v2(0x21, 0x11, kFour + "\x04"s),
           v2(0x21, 0x11, kFour + "\x04\x00\x03zz"s),
           v2(0x21, 0x11, kFour + "\x03\x00\x02zz"s),
           kSignature + "\x20\x00\x02\x09"s,
       }) {
    const auto read = readProxyHeader(text);
    ASSERT_FALSE(read) << ::testing::PrintToString(text);
    EXPECT_EQ(read.error().reason, Reason::Malformed);
  }
}

TEST(ProxyProtocol, LongestLine) {
  const std::string line = "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n";
  ASSERT_EQ(line.size(), kLongestProxyLine);
  EXPECT_TRUE(complete(line).header.local);
}

TEST(ProxyProtocol, WhatIsWrittenIsReadBack) {
  const Address sources[] = {at("10.0.0.1:1"), at("[2001:db8::5]:65535"), at("[::ffff:10.0.0.9]:7"), at("unix:/a")};
  for (const Address& source : sources) {
    for (const Address& destination : sources) {
      for (const auto& header : {proxyHeaderV1(source, destination), proxyHeaderV2(source, destination)}) {
        const ProxyHeader read = complete(header).header;
        const bool sameFamily = source.isIp() && source.unmapped().family() == destination.unmapped().family();
        EXPECT_EQ(read.local, !sameFamily) << ::testing::PrintToString(header);
        if (!sameFamily) continue;
        EXPECT_EQ(read.source, source.unmapped());
        EXPECT_EQ(read.destination, destination.unmapped());
      }
    }
  }
  EXPECT_EQ(proxyHeaderV1(at("10.0.0.1:1234"), at("10.0.0.2:8080")), "PROXY TCP4 10.0.0.1 10.0.0.2 1234 8080\r\n");
}

// However it is cut and whatever is changed in it, an answer never changes once it was given, and never comes late.
TEST(ProxyProtocol, AnswersHold) {
  Rng rng(11);
  const std::string seeds[] = {v2(0x21, 0x11, kFour + "\x04\x00\x02zz"s), "PROXY TCP6 2001:db8::1 ::1 65535 0\r\n",
                               v2(0x20, 0, "abc")};
  for (int round = 0; round < 300; ++round) {
    std::string text = seeds[rng.below(std::size(seeds))];
    for (uint64_t i = rng.below(3); i > 0; --i) text[rng.below(text.size())] = static_cast<char>(rng.below(256));
    text.resize(600, 'x');
    std::optional<size_t> size;
    bool refused = false;
    for (size_t n = 0; n <= text.size(); ++n) {
      const auto read = readProxyHeader(Bytes(text).substr(0, n));
      if (refused) {
        ASSERT_FALSE(read);
      }
      if (size) {
        ASSERT_TRUE(read && *read && (*read)->size == *size);
      }
      if (n >= kLongestProxyHeader) {
        ASSERT_TRUE(!read || *read);
      }
      refused = !read;
      if (read && *read) size = (*read)->size;
    }
  }
}

}  // namespace
}  // namespace outrigger::wire
