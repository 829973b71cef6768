#include "proxy/wire/detection.h"

#include <gtest/gtest.h>

#include <string>

#include "proxy/base/rng.h"

namespace outrigger::wire {

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  constexpr const char* kNames[] = {"More", "Tls", "Http1", "Http2", "Tcp"};
  return out << kNames[static_cast<size_t>(verdict)];
}

namespace {

using namespace std::string_literals;

struct Row {
  std::string first;
  Verdict verdict;
};

TEST(Detection, Table) {
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const std::string token31(31, 'M');
  for (const Row& row : std::initializer_list<Row>{
           {"", Verdict::More},
           {"G", Verdict::More},
           {"GET", Verdict::More},
           {"GET ", Verdict::Http1},
           {"GET / HTTP/1.1\r\n", Verdict::Http1},
           {"M-SEARCH * HTTP/1.1", Verdict::Http1},
           {"\r", Verdict::More},
           {"\r\n", Verdict::More},
           {"\r\nGET ", Verdict::Http1},
           {"\r\n\r\nGET ", Verdict::Tcp},
           {"\n", Verdict::Tcp},
           {" GET ", Verdict::Tcp},
           {"get / HTTP/1.1", Verdict::Tcp},
           {"GeT ", Verdict::Tcp},
           {"GET\r\n", Verdict::Tcp},
           {"GET\0 "s, Verdict::Tcp},
           {token31 + "M", Verdict::More},
           {token31 + "M ", Verdict::Http1},
           {token31 + "MM", Verdict::Tcp},
           {"PRI", Verdict::More},
           {"PRI ", Verdict::More},
           {preface.substr(0, 23), Verdict::More},
           {preface, Verdict::Http2},
           {preface + "\0\0\0\4"s, Verdict::Http2},
           {"PRI * HTTP/1.1", Verdict::Http1},
           {preface.substr(0, 23) + "x", Verdict::Http1},
           {"PRO", Verdict::More},
           {"\x16", Verdict::More},
           {"\x16\x03", Verdict::More},
           {"\x16\x03\x01\x02\x00"s, Verdict::More},
           {"\x16\x03\x01\x02\x00\x01"s, Verdict::Tls},
           {"\x16\x03\x03\x40\x00\x01"s, Verdict::Tls},
           {"\x16\x03\x03\x40\x01\x01"s, Verdict::Tcp},
           {"\x16\x03\x01\x00\x03\x01"s, Verdict::Tcp},
           {"\x16\x03\x01\x02\x00\x02"s, Verdict::Tcp},
           {"\x16\x03\x05", Verdict::Tcp},
           {"\x16\x02", Verdict::Tcp},
           {"\x17\x03\x03", Verdict::Tcp},
           {"*1\r\n$4\r\nPING\r\n", Verdict::Tcp},
           {"PING\r\n", Verdict::Tcp},
           {"\0\0\0\x08\x04\xd2\x16\x2f"s, Verdict::Tcp},
           {"SSH-2.0-OpenSSH", Verdict::Tcp},
       }) {
    EXPECT_EQ(detect(row.first), row.verdict) << ::testing::PrintToString(row.first);
  }
}

// Once given, a verdict holds whatever follows; and it is given in time.
TEST(Detection, HoldsForWhateverFollows) {
  Rng rng(7);
  const Bytes beginnings[] = {"",        "GET ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01", "\r\n",
                              "OPTIONS", "*3\r"};
  for (int round = 0; round < 2000; ++round) {
    std::string text(beginnings[rng.below(std::size(beginnings))]);
    text.resize(rng.below(text.size() + 1));
    const bool letters = rng.chance(0.5);
    while (text.size() < 64) text.push_back(static_cast<char>(letters ? 'A' + rng.below(26) : rng.below(256)));
    Verdict verdict = Verdict::More;
    for (size_t size = 0; size <= text.size(); ++size) {
      const Verdict next = detect(Bytes(text).substr(0, size));
      if (verdict != Verdict::More) {
        ASSERT_EQ(next, verdict) << size << " of " << ::testing::PrintToString(text);
      }
      if (size > kMostUndecided) {
        ASSERT_NE(next, Verdict::More) << ::testing::PrintToString(text);
      }
      verdict = next;
    }
  }
}

TEST(Detection, WhatMayBeginRequest) {
  for (const char octet : {'G', 'g', '*', '\r', '\n'}) EXPECT_TRUE(mayBeginRequest(octet));
  for (const char octet : {'\0', ' ', '\x16', '\x80', '{', ':'}) EXPECT_FALSE(mayBeginRequest(octet));
}

}  // namespace
}  // namespace outrigger::wire
