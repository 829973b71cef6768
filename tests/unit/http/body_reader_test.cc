#include "proxy/http/h1/body_reader.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "proxy/base/rng.h"
#include "proxy/http/h1/head_reader.h"

namespace outrigger::http::h1 {
namespace {

struct Collector final : BodySink {
  void onBody(Bytes data) override {
    EXPECT_FALSE(data.empty());
    text += data;
    ++pieces;
  }
  std::string text;
  int pieces = 0;
};

// A reader whose parser has just read a head that announces chunks.
struct ChunkedBody {
  ChunkedBody() {
    const Bytes head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_TRUE(HeadReader(HTTP_REQUEST).parse(head, scratch, HeadLimits()));
    reader.start(BodyFraming::chunked(), scratch.parser());
  }
  Result<size_t> read(Bytes input) { return reader.read(input, sink); }

  HeadScratch scratch;
  BodyReader reader;
  Collector sink;
};

TEST(BodyReader, NothingFollowsWhereNothingIsAnnounced) {
  Collector sink;
  BodyReader reader;
  EXPECT_TRUE(reader.complete());
  for (const BodyFraming framing : {BodyFraming::none(), BodyFraming::ofLength(0)}) {
    reader.start(framing, llhttp_t{});
    EXPECT_TRUE(reader.complete());
    EXPECT_EQ(reader.read("abc", sink).value(), 0U);
    EXPECT_TRUE(reader.trailers().empty());
    EXPECT_FALSE(reader.endsAtClose());
  }
  EXPECT_EQ(sink.pieces, 0);
}

TEST(BodyReader, ALengthIsReadExactly) {
  Collector sink;
  BodyReader reader;
  reader.start(BodyFraming::ofLength(5), llhttp_t{});
  EXPECT_FALSE(reader.complete());
  EXPECT_EQ(reader.read("hel", sink).value(), 3U);
  EXPECT_EQ(reader.read("", sink).value(), 0U);
  EXPECT_FALSE(reader.complete());
  EXPECT_EQ(reader.read("lo, world", sink).value(), 2U);
  EXPECT_TRUE(reader.complete());
  EXPECT_EQ(sink.text, "hello");
  EXPECT_FALSE(reader.endsAtClose());
}

TEST(BodyReader, UntilCloseTakesEverything) {
  Collector sink;
  BodyReader reader;
  reader.start(BodyFraming::untilClose(), llhttp_t{});
  EXPECT_TRUE(reader.endsAtClose());
  EXPECT_EQ(reader.read("hello", sink).value(), 5U);
  EXPECT_EQ(reader.read("", sink).value(), 0U);
  EXPECT_FALSE(reader.complete());
  EXPECT_EQ(sink.text, "hello");
  EXPECT_EQ(sink.pieces, 1);
}

TEST(BodyReader, ChunksEndBehindTheEmptyLine) {
  ChunkedBody body;
  const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
  EXPECT_EQ(body.read(chunks + "next").value(), chunks.size());
  EXPECT_TRUE(body.reader.complete());
  EXPECT_EQ(body.sink.text, "hello");
  EXPECT_TRUE(body.reader.trailers().empty());
}

TEST(BodyReader, ContentIsHandedOnWithoutACopy) {
  ChunkedBody body;
  struct Inside final : BodySink {
    void onBody(Bytes data) override { inside = data.data() == expected && data.size() == 5; }
    const char* expected = nullptr;
    bool inside = false;
  } sink;
  const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
  sink.expected = chunks.data() + 3;
  EXPECT_TRUE(body.reader.read(chunks, sink));
  EXPECT_TRUE(sink.inside);
}

TEST(BodyReader, TrailersAreWholeHoweverTheyArrive) {
  const std::string chunks = "0\r\nX-One: 1\r\nX-Two:   two words  \r\nX-Three:\r\n\r\n";
  for (size_t step = 1; step <= chunks.size(); ++step) {
    ChunkedBody body;
    for (size_t at = 0; at < chunks.size(); at += step) ASSERT_TRUE(body.read(chunks.substr(at, step))) << step;
    ASSERT_TRUE(body.reader.complete()) << step;
    const FieldList trailers = body.reader.trailers();
    ASSERT_EQ(trailers.size(), 3U) << step;
    EXPECT_EQ(trailers.find("x-one")->value, "1");
    EXPECT_EQ(trailers.find("x-two")->value, "two words");
    EXPECT_EQ(trailers.find("x-three")->value, "");
  }
}

TEST(BodyReader, TrailersHaveLimits) {
  const auto verdict = [](const std::string& trailers) {
    ChunkedBody body;
    const auto used = body.read("0\r\n" + trailers + "\r\n");
    return used && body.reader.complete();
  };
  const auto lines = [](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += "a: b\r\n";
    return text;
  };
  EXPECT_TRUE(verdict(lines(BodyReader::kMostTrailers)));
  EXPECT_FALSE(verdict(lines(BodyReader::kMostTrailers + 1)));
  const size_t most = BodyReader::kMostTrailerBytes;
  EXPECT_TRUE(verdict("a: " + std::string(most - 1, 'b') + "\r\n"));
  EXPECT_FALSE(verdict("a: " + std::string(most, 'b') + "\r\n"));
  EXPECT_TRUE(verdict(std::string(most - 1, 'a') + ": b\r\n"));
  EXPECT_FALSE(verdict(std::string(most + 1, 'a') + ": b\r\n"));
}

TEST(BodyReader, FramingMayNotOutweighContent) {
  ChunkedBody zeros;
  EXPECT_TRUE(zeros.read(std::string(BodyReader::kMostFraming, '0')));
  EXPECT_FALSE(zeros.read("0"));
  // Content makes up for framing, but earns no credit for later.
  ChunkedBody body;
  EXPECT_TRUE(body.read("5000\r\n" + std::string(0x5000, 'x') + "\r\n"));
  EXPECT_TRUE(body.read(std::string(BodyReader::kMostFraming - 2, '0')));
  EXPECT_FALSE(body.read("0"));
}

TEST(BodyReader, ItCanBeUsedAgain) {
  ChunkedBody body;
  ASSERT_TRUE(body.read("1\r\na\r\n0\r\nX: y\r\n\r\n"));
  EXPECT_EQ(body.reader.trailers().size(), 1U);
  const Bytes head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(HeadReader(HTTP_REQUEST).parse(head, body.scratch, HeadLimits()));
  body.reader.start(BodyFraming::chunked(), body.scratch.parser());
  EXPECT_FALSE(body.reader.complete());
  ASSERT_TRUE(body.read("1\r\nb\r\n0\r\n\r\n"));
  EXPECT_TRUE(body.reader.complete());
  EXPECT_TRUE(body.reader.trailers().empty()) << "nothing is left of the body before";
  EXPECT_EQ(body.sink.text, "ab");
  body.reader.start(BodyFraming::none(), body.scratch.parser());
  EXPECT_TRUE(body.reader.trailers().empty());
}

std::string chunk(Bytes content, Rng& rng) {
  char size[40];
  const int zeros = static_cast<int>(rng.below(4));
  std::snprintf(size, sizeof size, rng.chance(0.5) ? "%.*s%zx" : "%.*s%zX", zeros, "0000", content.size());
  const Bytes extensions[] = {"", "", ";a", ";a=b", ";a=\"b \\\" ;c\";d"};
  std::string text = size;
  return text.append(extensions[rng.below(std::size(extensions))]).append("\r\n").append(content).append("\r\n");
}

// Random content in random chunks, in random pieces: what comes out is what went in, and not an octet more is used.
TEST(BodyReader, AgreesWithWhoWroteTheChunks) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Rng rng(seed);
    std::string content;
    std::string wire;
    for (uint64_t n = rng.below(12); n > 0; --n) {
      std::string piece;
      for (uint64_t size = 1 + rng.below(rng.chance(0.2) ? 3000 : 20); size > 0; --size) {
        piece += static_cast<char>(rng.chance(0.2) ? '\r' + static_cast<char>(rng.below(2)) * ('\n' - '\r')
                                                   : rng.below(256));
      }
      content += piece;
      wire += chunk(piece, rng);
    }
    wire += rng.chance(0.5) ? "0\r\n\r\n" : "000;x\r\nA: b\r\n\r\n";
    const std::string behind = "GET / HTTP/1.1\r\n";
    const std::string bytes = wire + behind;
    ChunkedBody body;
    size_t used = 0;
    while (!body.reader.complete()) {
      ASSERT_LT(used, wire.size()) << "seed " << seed;
      const auto step = body.read(Bytes(bytes).substr(used, 1 + rng.below(rng.chance(0.5) ? 4 : 5000)));
      ASSERT_TRUE(step) << "seed " << seed << ": " << step.error().detail;
      used += *step;
    }
    EXPECT_EQ(used, wire.size()) << "seed " << seed;
    EXPECT_EQ(body.sink.text, content) << "seed " << seed;
  }
}

}  // namespace
}  // namespace outrigger::http::h1
