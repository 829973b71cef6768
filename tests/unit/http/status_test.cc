#include "proxy/http/status.h"

#include <gtest/gtest.h>

#include "proxy/http/grammar.h"

namespace outrigger::http {
namespace {

TEST(Status, Phrases) {
  EXPECT_EQ(reasonPhrase(100), "Continue");
  EXPECT_EQ(reasonPhrase(200), "OK");
  EXPECT_EQ(reasonPhrase(404), "Not Found");
  EXPECT_EQ(reasonPhrase(413), "Content Too Large");
  EXPECT_EQ(reasonPhrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reasonPhrase(503), "Service Unavailable");
  EXPECT_EQ(reasonPhrase(511), "Network Authentication Required");
}

// Every status that the contract can answer with has a phrase of its own.
TEST(Status, OurOwnAnswersHavePhrases) {
  for (const int status : {200, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 408,
                           413, 414, 417, 429, 431, 500, 501, 502, 503, 504, 505, 508}) {
    EXPECT_NE(reasonPhrase(static_cast<uint16_t>(status)), "Status") << status;
  }
}

TEST(Status, UnknownCodesHaveAPhraseToo) {
  for (const int status : {0, 99, 101, 104, 299, 306, 419, 499, 599, 600, 999, 65535}) {
    EXPECT_EQ(reasonPhrase(static_cast<uint16_t>(status)), "Status") << status;
  }
}

TEST(Status, NoPhraseBreaksItsLine) {
  for (uint16_t status = 0; status < 1000; ++status) {
    EXPECT_FALSE(reasonPhrase(status).empty());
    EXPECT_FALSE(holdsControl(reasonPhrase(status)));
    EXPECT_LE(reasonPhrase(status).size(), 64U);
  }
}

}  // namespace
}  // namespace outrigger::http
