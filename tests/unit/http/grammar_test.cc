#include "proxy/http/grammar.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::http {
namespace {

TEST(Grammar, Tokens) {
  EXPECT_TRUE(isToken("GET"));
  EXPECT_TRUE(isToken("!#$%&'*+-.^_`|~"));
  EXPECT_FALSE(isToken(""));
  for (const Bytes text : {"a b", " a", "a:", "a\t", "(a)", "a,b", "a/b", "a;b", "a<b", "a=b", "a>b", "a?b", "a@b",
                           "[a]", "a\\b", "{a}", "\"a\"", "a\x7f", "\xc3\xa9"}) {
    EXPECT_FALSE(isToken(text)) << text;
  }
  EXPECT_FALSE(isToken(Bytes("a\0", 2)));
}

TEST(Grammar, SeventySevenOctetsMakeTokens) {
  int count = 0;
  for (int c = 0; c < 256; ++c) count += isTokenOctet(static_cast<char>(c)) ? 1 : 0;
  EXPECT_EQ(count, 10 + 26 + 26 + 15);
}

// At every position of texts of every length about the block size: the last block overlaps the one before.
TEST(Grammar, EveryControlIsFoundAnywhere) {
  for (size_t size = 0; size <= 50; ++size) {
    EXPECT_FALSE(holdsControl(std::string(size, 'a'))) << size;
    for (size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(c);
        const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
        ASSERT_EQ(holdsControl(text), control) << "octet " << c << " at " << at << " of " << size;
      }
    }
  }
}

}  // namespace
}  // namespace outrigger::http
