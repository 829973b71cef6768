#include "proxy/http/h1/client_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/h1_transcript.h"

namespace outrigger::http::h1 {
namespace {

using namespace std::string_view_literals;
using outrigger::testing::Asked;
using outrigger::testing::ClientTranscript;
using outrigger::testing::Cuts;
using outrigger::testing::firstCutThatMatters;
using outrigger::testing::Peer;
using outrigger::testing::readAnswer;
using outrigger::testing::sameAnswer;

struct Row {
  const char* name;
  std::string bytes;
  std::string events;
  Method asked = Method::Get;
};

void expectEvents(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(readAnswer(row.asked, row.bytes), row.events);
    const auto read = [&](Bytes bytes, Cuts cuts) { return readAnswer(row.asked, bytes, cuts); };
    EXPECT_EQ(firstCutThatMatters(row.bytes, read, std::equal_to<>()), "");
  }
}

std::string join(std::initializer_list<Bytes> pieces) {
  std::string text;
  for (const Bytes piece : pieces) text += piece;
  return text;
}
std::string ok(Bytes fields, Bytes body = "") {
  return join({"HTTP/1.1 200 OK\r\n", fields, "\r\n\r\n", body});
}
std::string ofStatus(Bytes line) {
  return join({line, "\r\nContent-Length: 2\r\n\r\nhi"});
}

TEST(ClientCodec, ReadsAnswers) {
  expectEvents({
      {"by length", ok("Content-Length: 2", "hi"), "200 OK body=2 Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"a length of zero", ok("Content-Length: 0"), "200 OK body=0 Content-Length=[0]\nend\ndone: reusable\n"},
      {"chunks", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n"),
       "200 OK body=chunked Transfer-Encoding=[chunked]\nbody hi!\nend\ndone: reusable\n"},
      {"trailers", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\nGrpc-Status: 0\r\nX: y\r\n\r\n"),
       "200 OK body=chunked Transfer-Encoding=[chunked]\nbody hi\nend Grpc-Status=[0] X=[y]\ndone: reusable\n"},
      {"until the end", ok("X: y", "hi"), "200 OK body=until-close close X=[y]\nbody hi\nend\ndone: not reusable\n"},
      {"nothing until the end", ok("X: y"), "200 OK body=until-close close X=[y]\nend\ndone: not reusable\n"},
      {"no phrase", ofStatus("HTTP/1.1 200 "), "200  body=2 Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"no phrase and no space", ofStatus("HTTP/1.1 200"),
       "200  body=2 Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"a phrase with octets above 0x7f", ofStatus("HTTP/1.1 200 D\xe9j\xe0 vu\t!"),
       "200 D\xe9j\xe0 vu\t! body=2 Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"a status without a meaning", ofStatus("HTTP/1.1 599 X"),
       "599 X body=2 Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"an offer to upgrade", ok("Upgrade: h2\r\nConnection: upgrade\r\nContent-Length: 2", "hi"),
       "200 OK body=2 Upgrade=[h2] Connection=[upgrade] Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"close", ok("Connection: close\r\nContent-Length: 2", "hi"),
       "200 OK body=2 close Connection=[close] Content-Length=[2]\nbody hi\nend\ndone: not reusable\n"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
       "200 OK body=2 1.0 close Content-Length=[2]\nbody hi\nend\ndone: not reusable\n"},
      {"HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
       "200 OK body=2 1.0 Connection=[keep-alive] Content-Length=[2]\nbody hi\nend\ndone: reusable\n"},
      {"HTTP/1.0 that says it stays but does not", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhi",
       "200 OK body=until-close 1.0 close Connection=[keep-alive]\nbody hi\nend\ndone: not reusable\n"},
  });
}

TEST(ClientCodec, AnswersWithoutContent) {
  expectEvents({
      {"to HEAD, with a length", ok("Content-Length: 2"),
       "200 OK body=2 head-only Content-Length=[2]\nend\ndone: reusable\n", Method::Head},
      {"to HEAD, with chunks", ok("Transfer-Encoding: chunked"),
       "200 OK body=chunked head-only Transfer-Encoding=[chunked]\nend\ndone: reusable\n", Method::Head},
      {"to HEAD, with neither", ok("X: y"), "200 OK body=none head-only X=[y]\nend\ndone: reusable\n", Method::Head},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", "204 No Content body=none\nend\ndone: reusable\n"},
      {"204 with a length of zero", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
       "204 No Content body=none Content-Length=[0]\nend\ndone: reusable\n"},
      {"304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n",
       "304 Not Modified body=2 head-only Content-Length=[2]\nend\ndone: reusable\n"},
      {"304 with chunks", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
       "304 Not Modified body=chunked head-only Transfer-Encoding=[chunked]\nend\ndone: reusable\n"},
      {"205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
       "205 Reset Content body=0 Content-Length=[0]\nend\ndone: reusable\n"},
  });
}

TEST(ClientCodec, InterimAnswers) {
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  const std::string end = "200 OK body=2 Content-Length=[2]\nbody hi\nend\ndone: reusable\n";
  std::string most;
  std::string mostEvents;
  for (int i = 0; i < 32; ++i) most += "HTTP/1.1 102 Processing\r\n\r\n";
  for (int i = 0; i < 32; ++i) mostEvents += "interim 102 Processing body=none\n";
  expectEvents({
      {"100", "HTTP/1.1 100 Continue\r\n\r\n" + last, "interim 100 Continue body=none\n" + end},
      {"103 and 100", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100\r\n\r\n" + last,
       "interim 103 Early Hints body=none Link=[</a>]\ninterim 100  body=none\n" + end},
      {"an unknown one", "HTTP/1.1 199 X\r\n\r\n" + last, "interim 199 X body=none\n" + end},
      {"32 of them", most + last, mostEvents + end},
      {"33 of them", most + "HTTP/1.1 102 Processing\r\n\r\n" + last, mostEvents + "refused: upstream-malformed\n"},
      {"to HEAD", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
       "interim 100 Continue body=none\n200 OK body=2 head-only Content-Length=[2]\nend\ndone: reusable\n",
       Method::Head},
      {"only one", "HTTP/1.1 100 Continue\r\n\r\n", "interim 100 Continue body=none\ncut short\n"},
      {"with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nhi" + last, "refused: upstream-malformed\n"},
      {"with chunks", "HTTP/1.1 103 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + last,
       "refused: upstream-malformed\n"},
      {"101", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
       "refused: upstream-malformed\n"},
  });
}

TEST(ClientCodec, GoesOverToWhatWasAskedFor) {
  const auto grants = [](const std::string& fields) { return "HTTP/1.1 101 Switching\r\n" + fields + "\r\n\r\n"; };
  const std::string granted = grants("Connection: Upgrade\r\nUpgrade: WebSocket");
  const std::string head = "101 Switching body=until-close close upgraded Connection=[Upgrade] Upgrade=[WebSocket]\n";
  const std::string refused = "refused: upstream-malformed\n";
  const struct {
    const char* what;
    std::string answer;
    std::string events;
    Asked asked = {Method::Get, "websocket"};
  } rows[] = {
      {"granted", granted, head + "end\ndone: not reusable\n"},
      {"and the other protocol in the same octets", granted + "HTTP/1.1 200 OK\r\n\r\n",
       head + "body HTTP/1.1 200 OK\r\n\r\n\nend\ndone: not reusable\n"},
      {"behind an interim answer", "HTTP/1.1 100 Continue\r\n\r\n" + granted,
       "interim 100 Continue body=none\n" + head + "end\ndone: not reusable\n"},
      {"refused with content", ok("Content-Length: 2", "hi"),
       "200 OK body=2 Content-Length=[2]\nbody hi\nend\n"
       "done: reusable\n"},
      {"another protocol", grants("Connection: upgrade\r\nUpgrade: h2c"), refused},
      {"two protocols", grants("Connection: upgrade\r\nUpgrade: websocket, x"), refused},
      {"no protocol", grants("Connection: upgrade"), refused},
      {"no option of the connection", grants("Upgrade: websocket"), refused},
      {"in HTTP/1.0", "HTTP/1.0 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", refused},
      {"with content", grants("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2"), refused},
      {"not asked for", granted, refused, Asked(Method::Get)},
      {"with the key's answer", grants("Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: k"),
       "101 Switching body=until-close close upgraded Connection=[upgrade] Upgrade=[websocket]\nend\n"
       "done: not reusable\n",
       Asked(Method::Get, "websocket", "k")},
      {"with a wrong one", grants("Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: K"), refused,
       Asked(Method::Get, "websocket", "k")},
      {"without one", granted, refused, Asked(Method::Get, "websocket", "k")},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(readAnswer(row.asked, row.answer), row.events) << row.what;
    const auto read = [&](Bytes input, Cuts cuts) { return readAnswer(row.asked, input, cuts); };
    EXPECT_EQ(firstCutThatMatters(row.answer, read, sameAnswer), "") << row.what;
  }
}

TEST(ClientCodec, AnswersCutShort) {
  const std::string chunked = "200 OK body=chunked Transfer-Encoding=[chunked]\n";
  expectEvents({
      {"nothing", "", "cut short\n"},
      {"in the status line", "HTTP/1.1 200", "cut short\n"},
      {"before the empty line", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "cut short\n"},
      {"in the content", ok("Content-Length: 3", "hi"), "200 OK body=3 Content-Length=[3]\nbody hi\ncut short\n"},
      {"before the content", ok("Content-Length: 3"), "200 OK body=3 Content-Length=[3]\ncut short\n"},
      {"before the chunks", ok("Transfer-Encoding: chunked"), chunked + "cut short\n"},
      {"in a chunk", ok("Transfer-Encoding: chunked", "3\r\nhi"), chunked + "body hi\ncut short\n"},
      {"between chunks", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n"), chunked + "body hi\ncut short\n"},
      {"before the last CRLF", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n"), chunked + "body hi\ncut short\n"},
      {"in the trailers", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\nA: b\r\n"),
       chunked + "body hi\ncut short\n"},
  });
}

TEST(ClientCodec, RefusesMalformedHeads) {
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"HTTP/0.9", "hello\r\n\r\n"},
      {"HTTP/0.9 in HTML", "<html>\r\n\r\n</html>"},
      {"HTTP/0.9 said aloud", ofStatus("HTTP/0.9 200 OK")},
      {"HTTP/1.2", ofStatus("HTTP/1.2 200 OK")},
      {"HTTP/2.0", ofStatus("HTTP/2.0 200 OK")},
      {"HTTP/2", ofStatus("HTTP/2 200 OK")},
      {"lower case", ofStatus("http/1.1 200 OK")},
      {"RTSP", ofStatus("RTSP/1.1 200 OK")},
      {"ICE", ofStatus("ICE/1.1 200 OK")},
      {"ICY", ofStatus("ICY 200 OK")},
      {"a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"frames of HTTP/2", join({"\0\0\x06\x04\0\0\0\0\0\0\x03\r\n\r\n"sv})},
      {"two spaces before the status", ofStatus("HTTP/1.1  200 OK")},
      {"a tab before the status", ofStatus("HTTP/1.1\t200 OK")},
      {"no status", ofStatus("HTTP/1.1 OK")},
      {"no status at all", ofStatus("HTTP/1.1")},
      {"two digits", ofStatus("HTTP/1.1 20 OK")},
      {"four digits", ofStatus("HTTP/1.1 2000 OK")},
      {"a zero before", ofStatus("HTTP/1.1 0200 OK")},
      {"a sign", ofStatus("HTTP/1.1 +20 OK")},
      {"a letter", ofStatus("HTTP/1.1 2x0 OK")},
      {"no space behind", ofStatus("HTTP/1.1 200OK")},
      {"status 0", ofStatus("HTTP/1.1 000 OK")},
      {"status 99", ofStatus("HTTP/1.1 099 OK")},
      {"status 600", ofStatus("HTTP/1.1 600 OK")},
      {"status 999", ofStatus("HTTP/1.1 999 OK")},
      {"NUL in the phrase", join({"HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n"sv})},
      {"ESC in the phrase", ofStatus("HTTP/1.1 200 \x1b[31mOK")},
      {"CR in the phrase", ofStatus("HTTP/1.1 200 O\rK")},
      {"DEL in the phrase", ofStatus("HTTP/1.1 200 \x7f")},
      {"LF ends the line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
      {"LF ends a field", "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n"},
      {"LF for the empty line", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n"},
      {"an empty line before", "\r\n" + ofStatus("HTTP/1.1 200 OK")},
      {"a space before", " " + ofStatus("HTTP/1.1 200 OK")},
      {"a folded line", ok("X: y\r\n z\r\nContent-Length: 2", "hi")},
      {"a folded length", ok("Content-Length:\r\n 2", "hi")},
      {"space before the colon", ok("Content-Length : 2", "hi")},
      {"no colon", ok("Content-Length 2", "hi")},
      {"an empty name", ok(": 2", "hi")},
      {"NUL in a value", join({"HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 0\r\n\r\n"sv})},
      {"NUL in a name", join({"HTTP/1.1 200 OK\r\nX\0: y\r\nContent-Length: 0\r\n\r\n"sv})},
      {"CR in a value", ok("X: y\rContent-Length: 2\r\nContent-Length: 0")},
      {"201 fields",
       [] {
         std::string head = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 201; ++i) head += "A: b\r\n";
         return head + "\r\n";
       }()},
      {"61 KiB", ok("A: " + std::string(61 * 1024, 'a'))},
      {"a status line of 9 KiB", ofStatus("HTTP/1.1 200 " + std::string(9 * 1024, 'a'))},
  };
  for (const auto& [name, bytes] : rows) {
    SCOPED_TRACE(name);
    EXPECT_EQ(readAnswer(Method::Get, bytes), "refused: upstream-malformed\n");
    if (bytes.size() > 4096) continue;
    const auto read = [](Bytes input, Cuts cuts) { return readAnswer(Method::Get, input, cuts); };
    EXPECT_EQ(firstCutThatMatters(bytes, read, sameAnswer), "");
  }
}

TEST(ClientCodec, RefusesAmbiguousFraming) {
  const std::string end = "0\r\n\r\n";
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"CL and TE", ok("Content-Length: 5\r\nTransfer-Encoding: chunked", end)},
      {"TE and CL", ok("Transfer-Encoding: chunked\r\nContent-Length: 5", end)},
      {"TE and CL of zero", ok("Transfer-Encoding: chunked\r\nContent-Length: 0", end)},
      {"CL twice", ok("Content-Length: 2\r\nContent-Length: 2", "hi")},
      {"CL twice, different", ok("Content-Length: 2\r\nContent-Length: 0", "hi")},
      {"CL as a list", ok("Content-Length: 2, 2", "hi")},
      {"CL with a sign", ok("Content-Length: +2", "hi")},
      {"CL negative", ok("Content-Length: -1", "hi")},
      {"CL hexadecimal", ok("Content-Length: 0x2", "hi")},
      {"CL empty", ok("Content-Length:", "hi")},
      {"CL of 2^64 + 2", ok("Content-Length: 18446744073709551618", "hi")},
      {"CL of 2^63", ok("Content-Length: 9223372036854775808", "hi")},
      {"TE twice", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", end)},
      {"TE identity", ok("Transfer-Encoding: identity", "hi")},
      {"TE gzip", ok("Transfer-Encoding: gzip", "hi")},
      {"TE gzip, chunked", ok("Transfer-Encoding: gzip, chunked", end)},
      {"TE chunked, gzip", ok("Transfer-Encoding: chunked, gzip", end)},
      {"TE chunked with a parameter", ok("Transfer-Encoding: chunked;q=1", end)},
      {"TE chunked with a tab behind", ok("Transfer-Encoding: chunked\t", "2\r\nhi\r\n" + end)},
      {"TE chunked with a comma behind", ok("Transfer-Encoding: chunked,", end)},
      {"TE empty", ok("Transfer-Encoding:", end)},
      {"TE in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + end},
      {"204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi"},
      {"204 with chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n" + end},
      {"304 with both", "HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"},
  };
  for (const auto& [name, bytes] : rows) {
    SCOPED_TRACE(name);
    EXPECT_EQ(readAnswer(Method::Get, bytes), "refused: upstream-malformed\n");
    const auto read = [](Bytes input, Cuts cuts) { return readAnswer(Method::Get, input, cuts); };
    EXPECT_EQ(firstCutThatMatters(bytes, read, sameAnswer), "");
  }
  EXPECT_EQ(readAnswer(Method::Head, ok("Content-Length: 2\r\nTransfer-Encoding: chunked")),
            "refused: upstream-malformed\n");
}

TEST(ClientCodec, RefusesMalformedChunks) {
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"a space behind the size", "2 \r\nhi\r\n0\r\n\r\n"},
      {"0x", "0x2\r\nhi\r\n0\r\n\r\n"},
      {"no size", "\r\nhi\r\n0\r\n\r\n"},
      {"a negative size", "-2\r\nhi\r\n0\r\n\r\n"},
      {"2^64 + 2", "10000000000000002\r\nhi\r\n0\r\n\r\n"},
      {"LF behind the size", "2\nhi\r\n0\r\n\r\n"},
      {"an empty extension", "2;\r\nhi\r\n0\r\n\r\n"},
      {"not chunked at all", "hello, world"},
  };
  for (const auto& [name, body] : rows) {
    SCOPED_TRACE(name);
    const std::string bytes = ok("Transfer-Encoding: chunked", body);
    EXPECT_EQ(readAnswer(Method::Get, bytes),
              "200 OK body=chunked Transfer-Encoding=[chunked]\nrefused: upstream-malformed\n");
    const auto read = [](Bytes input, Cuts cuts) { return readAnswer(Method::Get, input, cuts); };
    EXPECT_EQ(firstCutThatMatters(bytes, read, std::equal_to<>()), "");
  }
  const std::vector<std::pair<const char*, std::string>> later = {
      {"LF behind the content", "2\r\nhi\n0\r\n\r\n"},
      {"content too long", "2\r\nhi!\r\n0\r\n\r\n"},
      {"LF at the end", "2\r\nhi\r\n0\r\n\n"},
      {"a forbidden trailer", "2\r\nhi\r\n0\r\nContent-Length: 2\r\n\r\n"},
      {"another forbidden trailer", "2\r\nhi\r\n0\r\nSet-Cookie: a=b\r\n\r\n"},
      {"a folded trailer", "2\r\nhi\r\n0\r\nA: b\r\n c\r\n\r\n"},
      {"another answer for trailers", "2\r\nhi\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n"},
  };
  for (const auto& [name, body] : later) {
    SCOPED_TRACE(name);
    const std::string bytes = ok("Transfer-Encoding: chunked", body);
    EXPECT_EQ(readAnswer(Method::Get, bytes),
              "200 OK body=chunked Transfer-Encoding=[chunked]\nbody hi\nrefused: upstream-malformed\n");
    const auto read = [](Bytes input, Cuts cuts) { return readAnswer(Method::Get, input, cuts); };
    EXPECT_EQ(firstCutThatMatters(bytes, read, std::equal_to<>()), "");
  }
}

// An octet behind the end belongs to nothing that was asked for: the next request would get a foreign answer.
TEST(ClientCodec, RefusesOctetsBehindTheEnd) {
  const std::string chunks = "200 OK body=chunked Transfer-Encoding=[chunked]\nbody hi\n";
  const std::string second = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const std::vector<Row> rows = {
      {"behind a length", ok("Content-Length: 2", "hi!"), ""},
      {"a line end behind a length", ok("Content-Length: 2", "hi\r\n"), ""},
      {"an answer behind a length", ok("Content-Length: 2", "hi" + second), ""},
      {"behind a length of zero", ok("Content-Length: 0", "!"), ""},
      {"behind 204", "HTTP/1.1 204 No Content\r\n\r\n!", ""},
      {"behind 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nhi", ""},
      {"content to HEAD", ok("Content-Length: 2", "hi"), "", Method::Head},
      {"chunks to HEAD", ok("Transfer-Encoding: chunked", "0\r\n\r\n"), "", Method::Head},
      {"behind chunks", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n!"), chunks},
      {"a line end behind chunks", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n\r\n"), chunks},
      {"an answer behind chunks", ok("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n" + second), chunks},
      {"an interim answer behind the last", second + "HTTP/1.1 100 Continue\r\n\r\n", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(readAnswer(row.asked, row.bytes), row.events + "refused: upstream-malformed\n");
    const auto read = [&](Bytes bytes, Cuts cuts) { return readAnswer(row.asked, bytes, cuts); };
    EXPECT_EQ(firstCutThatMatters(row.bytes, read, sameAnswer), "");
  }
}

class ClientCodecStates : public ::testing::Test {
 protected:
  HeadScratch scratch;
  ClientTranscript events;
  ClientCodec codec{scratch, events};
};

TEST_F(ClientCodecStates, RefusesWhatNobodyAskedFor) {
  EXPECT_TRUE(codec.idle());
  const auto result = codec.feed("HTTP/1.1 408 Request Timeout\r\n\r\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::UpstreamMalformed);
  EXPECT_EQ(result.error().origin, Origin::Upstream);
  EXPECT_FALSE(result.error().unsent);
  EXPECT_EQ(events.log.text(), "");
}

TEST_F(ClientCodecStates, OneConnectionServesOneRequestAfterAnother) {
  for (const Method asked : {Method::Get, Method::Head, Method::Get}) {
    codec.expect(asked);
    EXPECT_FALSE(codec.idle());
    EXPECT_FALSE(codec.headSeen());
    EXPECT_FALSE(codec.reusable());
    const Bytes head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    EXPECT_EQ(codec.feed(head).value(), head.size());
    if (asked != Method::Head) {
      EXPECT_TRUE(codec.headSeen());
      EXPECT_EQ(codec.feed("hi").value(), 2U);
    }
    EXPECT_TRUE(codec.idle());
    EXPECT_TRUE(codec.reusable());
  }
}

TEST_F(ClientCodecStates, AHeadNotCompleteIsLeftWithTheCaller) {
  codec.expect(Method::Get);
  const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le";
  EXPECT_EQ(codec.feed(bytes).value(), 25U);
  EXPECT_EQ(codec.feed(bytes.substr(25)).value(), 0U);
  EXPECT_FALSE(codec.finishAtClose());
}

TEST_F(ClientCodecStates, EndsWithTheConnectionOnlyWhereTheFramingSaysSo) {
  EXPECT_FALSE(codec.finishAtClose()) << "nothing was awaited";
  codec.expect(Method::Get);
  EXPECT_FALSE(codec.finishAtClose()) << "no head yet";
  ASSERT_TRUE(codec.feed("HTTP/1.1 200 OK\r\n\r\nhi"));
  EXPECT_TRUE(codec.finishAtClose());
  EXPECT_TRUE(codec.idle());
  EXPECT_FALSE(codec.reusable());
  EXPECT_FALSE(codec.finishAtClose()) << "only once";
  EXPECT_EQ(events.log.text(), "200 OK body=until-close close\nbody hi\nend\n");
}

TEST(ClientCodec, WaitsWhileTheConnectionIsOpen) {
  EXPECT_EQ(readAnswer(Method::Get, "HTTP/1.1 200 OK\r\n", {}, Peer::StaysOpen), "waiting: in a head\n");
  EXPECT_EQ(readAnswer(Method::Get, ok("Content-Length: 3", "hi"), {}, Peer::StaysOpen),
            "200 OK body=3 Content-Length=[3]\nbody hi\nwaiting: in a body\n");
  EXPECT_EQ(readAnswer(Method::Get, ok("X: y", "hi"), {}, Peer::StaysOpen),
            "200 OK body=until-close close X=[y]\nbody hi\nwaiting: in a body\n");
}

}  // namespace
}  // namespace outrigger::http::h1
