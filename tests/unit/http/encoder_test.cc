#include "proxy/http/h1/encoder.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "proxy/base/rng.h"
#include "tests/support/h1_transcript.h"
#include "tests/support/recording_transport.h"

namespace outrigger::http::h1 {
namespace {

using outrigger::testing::readAnswer;
using outrigger::testing::readRequests;
using outrigger::testing::RecordingTransport;

class Encoder : public ::testing::Test {
 protected:
  std::string written() {
    turn.settle();
    return std::exchange(transport.written, {});
  }
  RequestHead request(Method method = Method::Get) {
    RequestHead head;
    head.method = method;
    head.methodText = methodName(method);
    head.authority = "a:80";
    head.path = "/p";
    head.fields = FieldList{std::span<Field>(storage)};
    return head;
  }
  ResponseHead response(uint16_t status) {
    ResponseHead head;
    head.status = status;
    head.fields = FieldList{std::span<Field>(storage)};
    return head;
  }

  std::array<Field, 16> storage;
  Turn turn{Instant(1s), WallTime(), 1};
  RecordingTransport transport;
  WriteQueue out{turn, transport};
};

TEST_F(Encoder, RequestHeads) {
  RequestHead head = request();
  writeRequestHead(out, head);
  EXPECT_EQ(written(), "GET /p HTTP/1.1\r\nhost: a:80\r\n\r\n");
  head = request(Method::Post);
  head.query = "?q";
  head.fields.add("X-One", "1");
  head.fields.add("Empty", {});
  head.body = BodyFraming::ofLength(12345678901234567890U);
  head.expectContinue = true;
  const std::array<Field, 2> more{Field{Header::Via, "via", "1.1 x"}, Field{Header::Other, "x-two", "2"}};
  writeRequestHead(out, head, more);
  EXPECT_EQ(written(),
            "POST /p?q HTTP/1.1\r\nhost: a:80\r\nX-One: 1\r\nEmpty: \r\nvia: 1.1 x\r\nx-two: 2\r\n"
            "expect: 100-continue\r\ncontent-length: 12345678901234567890\r\n\r\n");
  head = request(Method::Options);
  head.path = "*";
  head.body = BodyFraming::chunked();
  writeRequestHead(out, head);
  EXPECT_EQ(written(), "OPTIONS * HTTP/1.1\r\nhost: a:80\r\ntransfer-encoding: chunked\r\n\r\n");
}

TEST_F(Encoder, AnOlderPeerIsAnsweredAndAskedInOurVersion) {
  RequestHead head = request();
  head.version = Version::Http10;
  writeRequestHead(out, head);
  EXPECT_EQ(written(), "GET /p HTTP/1.1\r\nhost: a:80\r\n\r\n");
  ResponseHead answer = response(200);
  answer.version = Version::Http10;
  answer.body = BodyFraming::ofLength(0);
  writeResponseHead(out, answer, ConnectionWord::KeepAlive);
  EXPECT_EQ(written(), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
}

TEST_F(Encoder, ResponseHeads) {
  ResponseHead head = response(200);
  head.body = BodyFraming::ofLength(5);
  head.fields.add("X", "y");
  writeResponseHead(out, head, ConnectionWord::None);
  EXPECT_EQ(written(), "HTTP/1.1 200 OK\r\nX: y\r\ncontent-length: 5\r\n\r\n");
  head = response(299);
  head.reasonPhrase = "Fine By Me";
  head.body = BodyFraming::chunked();
  writeResponseHead(out, head, ConnectionWord::Close);
  EXPECT_EQ(written(), "HTTP/1.1 299 Fine By Me\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
  head = response(299);
  head.body = BodyFraming::untilClose();
  writeResponseHead(out, head, ConnectionWord::Close);
  EXPECT_EQ(written(), "HTTP/1.1 299 Status\r\nconnection: close\r\n\r\n");
  writeResponseHead(out, response(204), ConnectionWord::None);
  EXPECT_EQ(written(), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_F(Encoder, NoAnswerIsLeftWithoutAnEnd) {
  writeResponseHead(out, response(200), ConnectionWord::None);
  EXPECT_EQ(written(), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  ResponseHead toHead = response(200);
  toHead.headOnly = true;
  writeResponseHead(out, toHead, ConnectionWord::None);
  EXPECT_EQ(written(), "HTTP/1.1 200 OK\r\n\r\n");
  writeResponseHead(out, response(304), ConnectionWord::None);
  EXPECT_EQ(written(), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST_F(Encoder, InterimAnswersHaveNoFraming) {
  ResponseHead head = response(103);
  head.fields.add("link", "</a>");
  head.body = BodyFraming::ofLength(5);
  writeInterim(out, head);
  EXPECT_EQ(written(), "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
}

TEST_F(Encoder, Chunks) {
  writeChunk(out, "hello");
  writeChunk(out, std::string(26, 'x'));
  writeLastChunk(out, {});
  EXPECT_EQ(written(), "5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
  FieldList trailers{std::span<Field>(storage)};
  trailers.add("grpc-status", "0");
  writeLastChunk(out, trailers);
  EXPECT_EQ(written(), "0\r\ngrpc-status: 0\r\n\r\n");
}

TEST_F(Encoder, AHeadAndItsFirstContentLeaveInOneWrite) {
  ResponseHead head = response(200);
  head.body = BodyFraming::chunked();
  const std::string content(100'000, 'x');
  writeResponseHead(out, head, ConnectionWord::None);
  writeChunk(out, content);
  EXPECT_TRUE(transport.writes.empty());
  turn.settle();
  ASSERT_EQ(transport.writes.size(), 1U);
  EXPECT_EQ(transport.writes.front(), 3U) << "head and size, content, line end";
}

TEST_F(Encoder, LargeHeadsFit) {
  const std::string value(59'000, 'v');
  RequestHead head = request();
  head.fields.add("x", value);
  writeRequestHead(out, head);
  EXPECT_EQ(written(), "GET /p HTTP/1.1\r\nhost: a:80\r\nx: " + value + "\r\n\r\n");
}

// What a peer sent and we wrote again is what the next one reads.
TEST_F(Encoder, WhatWeWriteOurCodecsRead) {
  RequestHead head = request(Method::Post);
  head.query = "?q";
  head.fields.add("X", "y");
  head.body = BodyFraming::chunked();
  writeRequestHead(out, head);
  writeChunk(out, "hello");
  FieldList trailers{std::span<Field>(storage).subspan(8)};
  trailers.add("x-sum", "1");
  writeLastChunk(out, trailers);
  EXPECT_EQ(readRequests(written()),
            "POST a:80 /p?q body=chunked host=[a:80] X=[y] transfer-encoding=[chunked]\nbody hello\nend x-sum=[1]\n"
            "waiting: for a request\n");
  ResponseHead answer = response(200);
  answer.body = BodyFraming::ofLength(5);
  writeInterim(out, response(100));
  writeResponseHead(out, answer, ConnectionWord::None);
  out.copy("hello");
  EXPECT_EQ(readAnswer(Method::Get, written()),
            "interim 100 Continue body=none\n200 OK body=5 content-length=[5]\nbody hello\nend\ndone: reusable\n");
}

TEST_F(Encoder, RandomChunksComeBackWhole) {
  Rng rng(3);
  for (int round = 0; round < 50; ++round) {
    ResponseHead head = response(200);
    head.body = BodyFraming::chunked();
    writeResponseHead(out, head, ConnectionWord::None);
    std::string content;
    for (uint64_t n = 1 + rng.below(20); n > 0; --n) {
      const std::string piece(1 + rng.below(rng.chance(0.3) ? 40'000 : 30), static_cast<char>('a' + rng.below(26)));
      writeChunk(out, piece);
      turn.settle();  // the piece is borrowed until here
      content += piece;
    }
    writeLastChunk(out, {});
    EXPECT_EQ(readAnswer(Method::Get, written()),
              "200 OK body=chunked transfer-encoding=[chunked]\nbody " + content + "\nend\ndone: reusable\n");
  }
}

}  // namespace
}  // namespace outrigger::http::h1
