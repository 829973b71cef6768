#include "proxy/http/header.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::http {
namespace {

Header at(size_t i) {
  return static_cast<Header>(i);
}

TEST(Header, EveryNameFindsItsValueInAnyCase) {
  for (size_t i = 0; i < kHeaderCount; ++i) {
    if (at(i) == Header::Other || at(i) == Header::OutriggerOther) continue;
    std::string name(headerName(at(i)));
    ASSERT_FALSE(name.empty()) << i;
    EXPECT_EQ(headerOf(name), at(i)) << name;
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(headerOf(name), at(i)) << name;
    name.front() = lowerAscii(name.front());
    EXPECT_EQ(headerOf(name), at(i)) << name;
  }
}

TEST(Header, EveryNameIsWrittenInLowerCase) {
  for (size_t i = 0; i < kHeaderCount; ++i) {
    for (const char c : headerName(at(i))) EXPECT_EQ(c, lowerAscii(c)) << headerName(at(i));
  }
}

TEST(Header, WhatIsOneOctetAwayIsSomethingElse) {
  for (size_t i = 0; i < kHeaderCount; ++i) {
    const std::string name(headerName(at(i)));
    if (name.empty() || name.starts_with("outrigger-")) continue;
    EXPECT_EQ(headerOf(name + "x"), Header::Other) << name;
    EXPECT_NE(headerOf(name.substr(0, name.size() - 1)), at(i)) << name;
    for (size_t k = 0; k < name.size(); ++k) {
      std::string other = name;
      other[k] = static_cast<char>(other[k] ^ 0x20);
      // Letters come back in the other case, a dash becomes a carriage return.
      EXPECT_EQ(headerOf(other), name[k] == '-' || isDigit(name[k]) ? Header::Other : at(i)) << other;
      other[k] = '_';
      EXPECT_EQ(headerOf(other), Header::Other) << other;
    }
  }
}

TEST(Header, UnknownNames) {
  EXPECT_EQ(headerOf(""), Header::Other);
  EXPECT_EQ(headerOf("x"), Header::Other);
  EXPECT_EQ(headerOf(Bytes("host\0", 5)), Header::Other);
  EXPECT_EQ(headerOf(" host"), Header::Other);
  EXPECT_EQ(headerOf("\xe8ost"), Header::Other);
}

TEST(Header, OurPrefixIsKeptForUs) {
  EXPECT_EQ(headerOf("outrigger-"), Header::OutriggerOther);
  EXPECT_EQ(headerOf("Outrigger-New"), Header::OutriggerOther);
  EXPECT_EQ(headerOf("outrigger-reason"), Header::OutriggerReason);
  EXPECT_EQ(headerOf("outrigger"), Header::Other);
  EXPECT_EQ(headerOf("outriggers-x"), Header::Other);
}

TEST(Header, HopByHopFields) {
  for (const Bytes name : {"connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
                           "te", "transfer-encoding", "upgrade", "http2-settings"}) {
    EXPECT_TRUE(isHopByHop(headerOf(name))) << name;
  }
  for (const Bytes name : {"host", "content-length", "trailer", "via", "expect", "cookie", "x-unknown"}) {
    EXPECT_FALSE(isHopByHop(headerOf(name))) << name;
  }
}

TEST(Header, TrailersMayNotFrameRouteOrAuthorise) {
  for (size_t i = 0; i < kHeaderCount; ++i) {
    if (isHopByHop(at(i)) || headerName(at(i)).starts_with("outrigger-")) {
      EXPECT_TRUE(isForbiddenInTrailers(at(i))) << headerName(at(i));
    }
  }
  for (const Bytes name : {"content-length", "host", "authorization", "cookie", "set-cookie", "content-type",
                           "content-encoding", "content-range", "trailer", "expect", "max-forwards", "cache-control",
                           "via", "x-forwarded-for", "x-forwarded-proto", "outrigger-x"}) {
    EXPECT_TRUE(isForbiddenInTrailers(headerOf(name))) << name;
  }
  for (const Bytes name : {"grpc-status", "x-checksum", "server-timing", "date"}) {
    EXPECT_FALSE(isForbiddenInTrailers(headerOf(name))) << name;
  }
}

}  // namespace
}  // namespace outrigger::http
