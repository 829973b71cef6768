// What a server's session makes of frames, and what it says.
#include "proxy/http/h2/server_session.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/h2_transcript.h"

namespace outrigger::http::h2 {
namespace {

using namespace outrigger::testing;
using namespace outrigger::testing::h2;

struct Example {
  const char* name;
  std::string frames;
  std::string says;
};

Lines with(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}
Lines without(Lines lines, const std::string& name) {
  std::erase_if(lines, [&](const auto& line) { return line.first == name; });
  return lines;
}
std::string cut(uint32_t stream, const Lines& lines) {
  const std::string whole = block(lines);
  return frame(kHeaders, kEndStream, stream, Bytes(whole).substr(0, 5)) +
         frame(kContinuation, 0, stream, Bytes(whole).substr(5, 7)) +
         frame(kContinuation, kEndHeaders, stream, Bytes(whole).substr(12));
}

class H2ServerSession : public ::testing::TestWithParam<Example> {};

TEST_P(H2ServerSession, SaysTheSameHoweverTheOctetsArrive) {
  const std::string input = preface() + GetParam().frames;
  EXPECT_EQ(readH2(input), GetParam().says);
  std::vector<size_t> everywhere(input.size());
  std::iota(everywhere.begin(), everywhere.end(), size_t{1});
  EXPECT_EQ(readH2(input, everywhere), GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Examples, H2ServerSession,
    ::testing::Values(
        Example{"Get", get(1, "/x?y", "shop:80"), "1 GET shop:80 /x?y\n1 end\n"},
        Example{"HostInsteadOfAuthority", headers(1, with(without(getLines(), ":authority"), {{"host", "b"}})),
                "1 GET b / host=b\n1 end\n"},
        Example{"HostThatAgrees", headers(1, with(getLines(), {{"host", "A"}})), "1 GET a / host=A\n1 end\n"},
        Example{"HostThatContradicts", headers(1, with(getLines(), {{"host", "b"}})),
                "1 bad: Host contradicts the authority\n1 end\n"},
        Example{"TwoHosts", headers(1, with(getLines(), {{"host", "a"}, {"host", "a"}})),
                "1 bad: more than one Host\n1 end\n"},
        Example{"NoAuthority", headers(1, without(getLines(), ":authority")),
                "1 bad: the authority is not a host name or address\n1 end\n"},
        Example{"Userinfo", get(1, "/", "me@a"), "1 bad: the authority is not a host name or address\n1 end\n"},
        Example{"NoMethod", headers(1, without(getLines(), ":method")), "1 bad: the method is not a word\n1 end\n"},
        Example{"NoScheme", headers(1, without(getLines(), ":scheme")),
                "1 bad: the scheme is neither http nor https\n1 end\n"},
        Example{"NoPath", headers(1, without(getLines(), ":path")),
                "1 bad: the path does not begin with a slash\n1 end\n"},
        Example{"AbsolutePath", get(1, "http://b/"), "1 bad: the path does not begin with a slash\n1 end\n"},
        Example{"SpaceInPath", get(1, "/ HTTP/1.1"), "1 bad: an octet that a target may not hold\n1 end\n"},
        Example{"SpaceInMethod",
                headers(1, {{":method", "GET / HTTP/1.1"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}}),
                "1 bad: the method is not a word\n1 end\n"},
        Example{"AsteriskOfGet", get(1, "*"), "1 bad: the target * belongs to OPTIONS\n1 end\n"},
        Example{"PostStreamed", headers(1, postLines(), false) + data(1, "ab", false) + data(1, "cd"),
                "1 POST a / streamed\n1 end of abcd\n"},
        Example{"PostOfLength", headers(1, postLines({{"content-length", "4"}}), false) + data(1, "abcd"),
                "1 POST a / length 4 content-length=4\n1 end of abcd\n"},
        Example{"TwoLengths", headers(1, postLines({{"content-length", "4"}, {"content-length", "4"}}), false),
                "1 bad: Content-Length is repeated\n"},
        Example{"LengthList", headers(1, postLines({{"content-length", "4, 4"}}), false),
                "1 bad: Content-Length is not a plain decimal number\n"},
        Example{"LengthAndNothing", headers(1, postLines({{"content-length", "4"}})),
                "1 bad: Content-Length announces content, and none comes\n1 end\n"},
        Example{"MoreThanItsLength", headers(1, postLines({{"content-length", "2"}}), false) + data(1, "abc"),
                "1 POST a / length 2 content-length=2\n1 broken: more content than Content-Length says\n"},
        Example{"LessThanItsLength", headers(1, postLines({{"content-length", "5"}}), false) + data(1, "abc"),
                "1 POST a / length 5 content-length=5\n1 broken: less content than Content-Length says\n"},
        Example{"Trailers", headers(1, postLines(), false) + data(1, "a", false) + headers(1, {{"x-sum", "1"}}),
                "1 POST a / streamed\n1 end of a x-sum=1\n"},
        Example{"TrailersThatDoNotEnd", headers(1, postLines(), false) + headers(1, {{"x-sum", "1"}}, false),
                "1 POST a / streamed\n1 broken: trailers that do not end the stream\n"},
        Example{"TrailersWithAPath", headers(1, postLines(), false) + headers(1, {{":path", "/"}}),
                "1 POST a / streamed\n1 broken: a pseudo field that does not belong here\n"},
        Example{"CutIntoContinuations", cut(1, getLines("/a", "shop")), "1 GET shop /a\n1 end\n"},
        Example{"WebSocket",
                headers(1,
                        {{":method", "CONNECT"},
                         {":protocol", "websocket"},
                         {":scheme", "http"},
                         {":path", "/chat"},
                         {":authority", "a"}},
                        false),
                "1 GET a /chat upgrade websocket\n1 end\n"},
        Example{"ProtocolOfGet", headers(1, with(Lines{{":protocol", "websocket"}}, getLines())),
                "1 bad: a protocol is named where there can be none\n1 end\n"},
        Example{"Connect", headers(1, {{":method", "CONNECT"}, {":authority", "db:5432"}}, false),
                "1 bad: CONNECT is not offered here\n"},
        Example{"ConnectWithPath",
                headers(1, {{":method", "CONNECT"}, {":authority", "db:5432"}, {":path", "/"}}, false),
                "1 bad: CONNECT is not offered here\n"},
        Example{"AfterAFlaw", headers(1, with(getLines(), {{"Upper", "x"}})) + get(3),
                "1 bad: a field name that is not a token of lower case\n1 end\n3 GET a /\n3 end\n"}),
    [](const auto& test) { return test.param.name; });

const Read* find(const std::vector<Read>& frames, uint8_t type, uint32_t stream) {
  for (const Read& read : frames) {
    if (read.type == type && read.stream == stream) return &read;
  }
  return nullptr;
}

TEST(H2ServerSessionOut, BeginsWithItsSettingsAndALargeWindow) {
  H2Transcript transcript;
  EXPECT_TRUE(transcript.feed(preface()));
  const auto frames = transcript.frames();
  ASSERT_GE(frames.size(), 3U);
  EXPECT_EQ(frames[0].type, kSettings);
  EXPECT_NE(frames[0].payload.find(number(3, 2) + number(100)), std::string::npos) << "streams";
  EXPECT_NE(frames[0].payload.find(number(4, 2) + number(kStreamWindow)), std::string::npos);
  EXPECT_NE(frames[0].payload.find(number(8, 2) + number(1)), std::string::npos) << "extended CONNECT";
  ASSERT_NE(find(frames, kWindowUpdate, 0), nullptr);
  EXPECT_EQ(numberAt(find(frames, kWindowUpdate, 0)->payload, 0, 4), kConnectionWindow - 65535U);
}

TEST(H2ServerSessionOut, AnAnswerThatIsKnownWholeIsTwoFrames) {
  H2Transcript transcript;
  transcript.feed(preface() + get(1));
  const auto frames = transcript.frames();
  ASSERT_NE(find(frames, kHeaders, 1), nullptr);
  EXPECT_EQ(find(frames, kHeaders, 1)->flags, kEndHeaders);
  ASSERT_NE(find(frames, kData, 1), nullptr);
  EXPECT_EQ(find(frames, kData, 1)->payload, "ok");
  EXPECT_EQ(find(frames, kData, 1)->flags, kEndStream);
  EXPECT_EQ(transcript.open(), 0U);
}

TEST(H2ServerSessionOut, AMalformedRequestIsResetBehindItsAnswer) {
  H2Transcript transcript;
  transcript.feed(preface() + headers(1, {{":method", "GET"}}));
  const auto frames = transcript.frames();
  ASSERT_NE(find(frames, kData, 1), nullptr);
  EXPECT_EQ(find(frames, kData, 1)->flags, 0);
  ASSERT_NE(find(frames, kRstStream, 1), nullptr);
  EXPECT_EQ(find(frames, kRstStream, 1)->payload, number(1));
}

TEST(H2ServerSessionOut, EndsWhatIsNoHttp2) {
  H2Transcript transcript;
  EXPECT_FALSE(transcript.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(transcript.session().over());
}

}  // namespace
}  // namespace outrigger::http::h2
