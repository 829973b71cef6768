#include "proxy/http/h1/head_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::http::h1 {
namespace {

const HeadLimits kLimits;
const std::string kHead = "GET /a HTTP/1.1\r\nHost: b\r\n\r\n";

TEST(HeadReader, FindsAHeadAndNotWhatIsBehindIt) {
  HeadReader reader(HTTP_REQUEST);
  const std::string bytes = kHead + "\r\n\r\nmore";
  const auto found = reader.find(bytes, kLimits);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->consumed, kHead.size());
  EXPECT_EQ(found->text, kHead);
  EXPECT_EQ(found->text.data(), bytes.data()) << "a view, not a copy";
}

TEST(HeadReader, GoesOnWhereItStopped) {
  HeadReader reader(HTTP_REQUEST);
  for (size_t size = 0; size < kHead.size(); ++size) {
    const std::string soFar = kHead.substr(0, size);  // at another address each time
    const auto found = reader.find(soFar, kLimits);
    ASSERT_TRUE(found) << size;
    EXPECT_EQ(found->consumed, 0U) << size;
    EXPECT_EQ(reader.begun(), size > 0);
  }
  EXPECT_EQ(reader.find(kHead, kLimits)->consumed, kHead.size());
}

TEST(HeadReader, SkipsOneEmptyLineBeforeARequest) {
  HeadReader reader(HTTP_REQUEST);
  EXPECT_EQ(reader.find("\r\n", kLimits)->consumed, 0U);
  EXPECT_FALSE(reader.begun());
  const std::string bytes = "\r\n" + kHead;
  const auto found = reader.find(bytes, kLimits);
  EXPECT_EQ(found->consumed, bytes.size());
  EXPECT_EQ(found->text, kHead);
  reader.reset();
  EXPECT_FALSE(reader.find("\r\n\r\n", kLimits));
}

TEST(HeadReader, AnAnswerBeginsAtOnce) {
  HeadReader reader(HTTP_RESPONSE);
  EXPECT_FALSE(reader.find("\r\nHTTP/1.1 200 OK\r\n\r\n", kLimits));
  reader.reset();
  EXPECT_EQ(reader.find("HTTP/1.1 200 OK\r\n\r\n", kLimits)->consumed, 19U);
  reader.reset();
  EXPECT_FALSE(reader.find("\r\n", kLimits)) << "reset() keeps the kind";
}

TEST(HeadReader, SeesAtOnceThatThisIsNotHttp) {
  for (const Bytes bytes : {Bytes("\x16\x03\x01", 3), Bytes("\0", 1), Bytes("\x80"), Bytes("G\x01"), Bytes("{\"a\":1}"),
                            Bytes(" GET"), Bytes("<html>")}) {
    HeadReader reader(HTTP_REQUEST);
    EXPECT_FALSE(reader.find(bytes, kLimits)) << bytes;
  }
  for (const Bytes bytes : {"", "G", "GET", "GET /", "\r", "M-SEARCH", "SomethingLong"}) {
    HeadReader reader(HTTP_REQUEST);
    EXPECT_TRUE(reader.find(bytes, kLimits)) << bytes;
  }
}

// These are seen while the head is looked for, whatever the parser behind would say.
TEST(HeadReader, SeesLinesThatTwoPartiesCouldReadInTwoWays) {
  for (const Bytes bytes : {Bytes("GET / HTTP/1.1\n"), Bytes("GET / HTTP/1.1\r\nA: b\n"), Bytes("GET / HTTP/1.1\r\n\n"),
                            Bytes("GET / HTTP/1.1\r\nA: b\rC: d\r\n"), Bytes("GET / HTTP/1.1\r\nA: b\r\r\n"),
                            Bytes("GET / HTTP/1.1\r\nA: b\r\n c\r\n"), Bytes("GET / HTTP/1.1\r\n\tA: b\r\n"),
                            Bytes("GET / HTTP/1.1\r\nA: \0\r\n", 23), Bytes("GET / HTTP/1.1\r\nA: \x7f\r\n")}) {
    HeadReader reader(HTTP_REQUEST);
    const auto found = reader.find(bytes, kLimits);
    ASSERT_FALSE(found) << bytes;
    EXPECT_EQ(found.error().reason, Reason::Malformed);
  }
}

Reason reasonFor(Bytes bytes, const HeadLimits& limits) {
  HeadReader reader(HTTP_REQUEST);
  const auto found = reader.find(bytes, limits);
  return found ? Reason::Ok : found.error().reason;
}

TEST(HeadReader, StopsAtItsLimitsWithoutWaitingForTheEnd) {
  const HeadLimits limits{.headBytes = 1000, .headFields = 2, .targetBytes = 300};
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(reasonFor(std::string(200, 'A'), limits), Reason::Ok);
  EXPECT_EQ(reasonFor("GET /" + std::string(400, 'a'), limits), Reason::UriTooLong);
  EXPECT_EQ(reasonFor(line + "A: " + std::string(900, 'a'), limits), Reason::Ok);
  EXPECT_EQ(reasonFor(line + "A: " + std::string(1000, 'a'), limits), Reason::HeadersTooLarge);
  EXPECT_EQ(reasonFor(line + "A:\r\nB:\r\n", limits), Reason::Ok);
  EXPECT_EQ(reasonFor(line + "A:\r\nB:\r\nC:\r\n", limits), Reason::HeadersTooLarge);
  // The smaller limit speaks first.
  const HeadLimits small{.headBytes = 100, .headFields = 2, .targetBytes = 300};
  EXPECT_EQ(reasonFor("GET /" + std::string(400, 'a'), small), Reason::HeadersTooLarge);
}

TEST(HeadReader, ParsesIntoViewsOfTheHead) {
  const std::string text = "PUT /p?q HTTP/1.0\r\nHost:  b \r\nX:\r\nVia: 1.1 c\t\r\n\r\n";
  HeadReader reader(HTTP_REQUEST);
  HeadScratch scratch;
  const auto raw = reader.parse(text, scratch, kLimits);
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->text, text);
  EXPECT_EQ(raw->protocol, "HTTP");
  EXPECT_EQ(raw->url, "/p?q");
  ASSERT_EQ(raw->fields.size(), 3U);
  const Field* field = raw->fields.begin();
  EXPECT_EQ(field[0].id, Header::Host);
  EXPECT_EQ(field[0].value, "b");
  EXPECT_EQ(field[1].name, "X");
  EXPECT_EQ(field[1].value, "");
  EXPECT_EQ(field[2].value, "1.1 c");
  EXPECT_GE(field[2].value.data(), text.data());
  EXPECT_LE(field[2].value.data() + field[2].value.size(), text.data() + text.size());
}

TEST(HeadReader, ParsesAnswers) {
  const std::string text = "HTTP/1.1 418 I'm a Teapot\r\nX: y\r\n\r\n";
  HeadReader reader(HTTP_RESPONSE);
  HeadScratch scratch;
  const auto raw = reader.parse(text, scratch, kLimits);
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->reasonPhrase, "I'm a Teapot");
  EXPECT_EQ(raw->status, 418);
  EXPECT_EQ(raw->fields.size(), 1U);
}

TEST(HeadReader, EveryErrorHasADetail) {
  HeadScratch scratch;
  for (const Bytes text :
       {"PRI * HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nA\r\n\r\n", "FOO / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "X\r\n\r\n", "\r\n", "GET / HTTP/1.1\r\nA: b", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\t\r\n\r\n"}) {
    HeadReader reader(HTTP_REQUEST);
    const auto raw = reader.parse(text, scratch, kLimits);
    ASSERT_FALSE(raw) << text;
    ASSERT_NE(raw.error().detail, nullptr) << text;
    EXPECT_STRNE(raw.error().detail, "") << text;
  }
}

TEST(HeadScratch, GivesAsMuchAsIsAskedFor) {
  HeadScratch scratch;
  EXPECT_EQ(scratch.storage(10).size(), 10U);
  EXPECT_EQ(scratch.storage(100).size(), 100U);
  EXPECT_EQ(scratch.storage(10).size(), 10U);
}

}  // namespace
}  // namespace outrigger::http::h1
