#include "proxy/http/h1/server_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/h1_transcript.h"

namespace outrigger::http::h1 {
namespace {

using outrigger::testing::Cuts;
using outrigger::testing::firstCutThatMatters;
using outrigger::testing::readRequests;
using outrigger::testing::ServerTranscript;

struct Row {
  const char* name;
  std::string bytes;
  std::string events;
};

void expectEvents(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(readRequests(row.bytes), row.events);
    const auto read = [](Bytes bytes, Cuts cuts) { return readRequests(bytes, cuts); };
    EXPECT_EQ(firstCutThatMatters(row.bytes, read, std::equal_to<>()), "");
  }
}

const std::string kDone = "end\nwaiting: for a request\n";

TEST(ServerCodec, ReadsRequestsWithoutContent) {
  expectEvents({
      {"the smallest", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET a / body=none Host=[a]\n" + kDone},
      {"a query", "GET /p/q?x=1&y=?/ HTTP/1.1\r\nhost: a:8080\r\n\r\n",
       "GET a:8080 /p/q?x=1&y=?/ body=none host=[a:8080]\n" + kDone},
      {"an empty line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET a / body=none Host=[a]\n" + kDone},
      {"no space behind colons", "GET / HTTP/1.1\r\nHost:a\r\nX:y\r\n\r\n",
       "GET a / body=none Host=[a] X=[y]\n" + kDone},
      {"white space around values", "GET / HTTP/1.1\r\nHost: \ta \r\nX: \t y z\t \r\nY: \r\nZ:\r\n\r\n",
       "GET a / body=none Host=[a] X=[y z] Y=[] Z=[]\n" + kDone},
      {"octets above 0x7f in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\xff\r\n\r\n",
       "GET a / body=none Host=[a] X=[\xc3\xa9\xff]\n" + kDone},
      {"every octet of a token", "GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n",
       "GET a / body=none Host=[a] !#$%&'*+-.^_`|~09azAZ=[b]\n" + kDone},
      {"a name that only looks like one that counts",
       "GET / HTTP/1.1\r\nHost: a\r\nContent_Length: x\r\nTransfer-Encodings: x\r\n\r\n",
       "GET a / body=none Host=[a] Content_Length=[x] Transfer-Encodings=[x]\n" + kDone},
      {"a field twice", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n",
       "GET a / body=none Host=[a] X=[1] X=[2]\n" + kDone},
      {"a length of zero", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
       "GET a / body=0 Host=[a] Content-Length=[0]\n" + kDone},
      {"another method", "PROPFIND /d HTTP/1.1\r\nHost: a\r\n\r\n", "PROPFIND a /d body=none Host=[a]\n" + kDone},
      {"QUERY", "QUERY /d HTTP/1.1\r\nHost: a\r\n\r\n", "QUERY a /d body=none Host=[a]\n" + kDone},
  });
}

TEST(ServerCodec, KnowsWhetherTheConnectionStays) {
  expectEvents({
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET  / body=none 1.0 close\n" + kDone},
      {"HTTP/1.0 that stays", "GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n",
       "GET a / body=none 1.0 Host=[a] Connection=[Keep-Alive]\n" + kDone},
      {"close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
       "GET a / body=none close Host=[a] Connection=[x, Close]\n" + kDone},
      {"close wins", "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
       "GET a / body=none 1.0 close Host=[a] Connection=[keep-alive] Connection=[close]\n" + kDone},
      {"a word that is not close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed, \"close\"\r\n\r\n",
       "GET a / body=none Host=[a] Connection=[closed, \"close\"]\n" + kDone},
  });
}

TEST(ServerCodec, UnderstandsTargets) {
  expectEvents({
      {"absolute", "GET http://A:8080/p?q HTTP/1.1\r\nHost: a:8080\r\n\r\n",
       "GET A:8080 /p?q body=none absolute Host=[a:8080]\n" + kDone},
      {"absolute without a path", "GET HTTP://a HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET a / body=none absolute Host=[a]\n" + kDone},
      {"absolute with only a query", "GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET a /?q body=none absolute Host=[a]\n" + kDone},
      {"absolute in HTTP/1.0 without Host", "GET http://a/ HTTP/1.0\r\n\r\n",
       "GET a / body=none 1.0 close absolute\n" + kDone},
      {"the asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS a * body=none Host=[a]\n" + kDone},
      {"the asterisk in absolute form", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
       "OPTIONS a * body=none absolute Host=[a]\n" + kDone},
      {"two slashes first", "GET //b/c HTTP/1.1\r\nHost: a\r\n\r\n", "GET a //b/c body=none Host=[a]\n" + kDone},
      {"a target that looks like another", "GET /http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET a /http://b/ body=none Host=[a]\n" + kDone},
      {"dot segments, to be resolved later", "GET /a/../%2E%2e/b HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET a /a/../%2E%2e/b body=none Host=[a]\n" + kDone},
      {"escapes and parameters", "GET /a%2Fb;c=d/%C3%A9?%zz\\ HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET a /a%2Fb;c=d/%C3%A9?%zz\\ body=none Host=[a]\n" + kDone},
      {"IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET [::1]:80 / body=none Host=[[::1]:80]\n" + kDone},
  });
}

TEST(ServerCodec, ReadsBodies) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string head = "POST a / body=chunked Host=[a] Transfer-Encoding=[chunked]\n";
  expectEvents({
      {"by length", post + "Content-Length: 5\r\n\r\nhello",
       "POST a / body=5 Host=[a] Content-Length=[5]\nbody hello\n" + kDone},
      {"leading zeros", post + "Content-Length: 00005\r\n\r\nhello",
       "POST a / body=5 Host=[a] Content-Length=[00005]\nbody hello\n" + kDone},
      {"white space around the length", post + "Content-Length:\t 5  \r\n\r\nhello",
       "POST a / body=5 Host=[a] Content-Length=[5]\nbody hello\n" + kDone},
      {"content that looks like a request", post + "Content-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n",
       "POST a / body=18 Host=[a] Content-Length=[18]\nbody GET / HTTP/1.1\r\n\r\n\n" + kDone},
      {"content on GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
       "GET a / body=2 Host=[a] Content-Length=[2]\nbody hi\n" + kDone},
      {"content in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi",
       "POST  / body=2 1.0 close Content-Length=[2]\nbody hi\n" + kDone},
      {"the longest length", post + "Content-Length: 4611686018427387904\r\n\r\nhi",
       "POST a / body=4611686018427387904 Host=[a] Content-Length=[4611686018427387904]\nbody hi\nwaiting: in a "
       "body\n"},
      {"no chunks", chunked + "0\r\n\r\n", head + kDone},
      {"chunks", chunked + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", head + "body hello world\n" + kDone},
      {"sizes in both cases and with zeros", chunked + "0000a\r\n0123456789\r\nB\r\n0123456789a\r\n000\r\n\r\n",
       head + "body 01234567890123456789a\n" + kDone},
      {"line ends in the content", chunked + "4\r\n\r\n\r\n\r\n0\r\n\r\n", head + "body \r\n\r\n\n" + kDone},
      {"the coding in capitals", post + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n",
       "POST a / body=chunked Host=[a] Transfer-Encoding=[CHUNKED]\n" + kDone},
      {"extensions", chunked + "5;a\r\nhello\r\n1;b=c;d=\"e;\\\"f\\\\ \"\r\n!\r\n0;last\r\n\r\n",
       head + "body hello!\n" + kDone},
      {"trailers", chunked + "1\r\na\r\n0\r\nX-Sum: 1 2 \r\nEmpty:\r\n\r\n",
       head + "body a\nend X-Sum=[1 2] Empty=[]\nwaiting: for a request\n"},
      {"without the final CRLF", chunked + "5\r\nhello\r\n0\r\n", head + "body hello\nwaiting: in a body\n"},
      {"with half of it", chunked + "5\r\nhello\r\n0\r\n\r", head + "body hello\nwaiting: in a body\n"},
      {"a huge chunk begun", chunked + "ffffffffffffffff\r\nhello", head + "body hello\nwaiting: in a body\n"},
      {"cut short", post + "Content-Length: 5\r\n\r\nhell",
       "POST a / body=5 Host=[a] Content-Length=[5]\nbody hell\nwaiting: in a body\n"},
  });
}

TEST(ServerCodec, Expectations) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n";
  expectEvents({
      {"with content", post + "Content-Length: 2\r\n\r\nhi",
       "POST a / body=2 expect Host=[a] Expect=[100-Continue] Content-Length=[2]\nbody hi\n" + kDone},
      {"without content", post + "\r\n", "POST a / body=none Host=[a] Expect=[100-Continue]\n" + kDone},
      {"in HTTP/1.0", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
       "POST  / body=2 1.0 close Expect=[100-continue] Content-Length=[2]\nbody hi\n" + kDone},
  });
}

TEST(ServerCodec, IgnoresOffersOfHttp2) {
  const std::string offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
  const std::string fields = " Connection=[Upgrade, HTTP2-Settings] Upgrade=[h2c] HTTP2-Settings=[AAMAAABk]";
  const std::string second = "GET a /second body=none Host=[a]\n" + kDone;
  const std::string next = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
  expectEvents({
      {"without content", "GET / HTTP/1.1\r\nHost: a\r\n" + offer + "\r\n" + next,
       "GET a / body=none Host=[a]" + fields + "\nend\n" + second},
      {"with a length", "PUT / HTTP/1.1\r\nHost: a\r\n" + offer + "Content-Length: 2\r\n\r\nhi" + next,
       "PUT a / body=2 Host=[a]" + fields + " Content-Length=[2]\nbody hi\nend\n" + second},
      {"with chunks",
       "PUT / HTTP/1.1\r\nHost: a\r\n" + offer + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + next,
       "PUT a / body=chunked Host=[a]" + fields + " Transfer-Encoding=[chunked]\nbody hi\nend\n" + second},
      {"any offer in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
       "GET  / body=none 1.0 close Connection=[upgrade] Upgrade=[websocket]\n" + kDone},
      {"the offer is no option of the connection", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
       "GET a / body=none Host=[a] Upgrade=[websocket]\n" + kDone},
  });
}

TEST(ServerCodec, TellsWhichProtocolIsAskedFor) {
  const auto asks = [](const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n"; };
  const auto heard = [](const std::string& asked, const std::string& fields) {
    return "GET a / body=none" + (asked.empty() ? "" : " upgrade=" + asked) + " Host=[a] " + fields + "\n" + kDone;
  };
  expectEvents({
      {"one", asks("Connection: upgrade\r\nUpgrade: WebSocket"),
       heard("WebSocket", "Connection=[upgrade] Upgrade=[WebSocket]")},
      {"with a version, among options", asks("Connection: keep-alive, Upgrade\r\nUpgrade: tls/1.2"),
       heard("tls/1.2", "Connection=[keep-alive, Upgrade] Upgrade=[tls/1.2]")},
      {"of several the first", asks("Connection: upgrade\r\nUpgrade: a/1, b\r\nUpgrade: c"),
       heard("a/1", "Connection=[upgrade] Upgrade=[a/1, b] Upgrade=[c]")},
      {"never another HTTP", asks("Connection: upgrade\r\nUpgrade: H2C, h2c-14, HTTP/2.0, h2, websocket"),
       heard("websocket", "Connection=[upgrade] Upgrade=[H2C, h2c-14, HTTP/2.0, h2, websocket]")},
      {"not what CONNECT means", asks("Connection: upgrade\r\nUpgrade: connect"),
       heard("", "Connection=[upgrade] Upgrade=[connect]")},
      {"an empty list", asks("Connection: upgrade\r\nUpgrade: ,"), heard("", "Connection=[upgrade] Upgrade=[,]")},
      {"beside content",
       "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\nhi",
       "POST a / body=2 upgrade=tcp Host=[a] Connection=[upgrade] Upgrade=[tcp] Content-Length=[2]\nbody hi\n" + kDone},
  });
}

TEST(ServerCodec, TakesConnectWhereItIsOffered) {
  const HeadLimits limits{.connect = true};
  const auto read = [&](const std::string& head) { return readRequests(head + "\r\n\r\n", {}, limits); };
  const std::string tunnel = "CONNECT db:5432 / body=none upgrade=connect";
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432"), tunnel + " Host=[db:5432]\n" + kDone);
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.1\r\nHost: DB"), tunnel + " Host=[DB]\n" + kDone);
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.0"), "CONNECT db:5432 / body=none 1.0 close upgrade=connect\n" + kDone);
  const std::string refused = "refused: malformed\n";
  EXPECT_EQ(read("CONNECT db HTTP/1.1\r\nHost: db"), refused);
  EXPECT_EQ(read("CONNECT db:0 HTTP/1.1\r\nHost: db:0"), refused);
  EXPECT_EQ(read("CONNECT u@db:5432 HTTP/1.1\r\nHost: db:5432"), refused);
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.1\r\nHost: other:5432"), refused);
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.1"), refused);
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\nContent-Length: 2"), refused);
  EXPECT_EQ(read("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\nTransfer-Encoding: chunked"), refused);
}

TEST(ServerCodec, ReadsOneRequestBehindAnother) {
  expectEvents({
      {"three",
       "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /3 "
       "HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET a /1 body=none Host=[a]\nend\nPOST a /2 body=2 Host=[a] Content-Length=[2]\nbody hi\nend\n"
       "GET a /3 body=none Host=[a]\n" +
           kDone},
      {"behind chunks with trailers",
       "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\nGET /2 "
       "HTTP/1.1\r\nHost: a\r\n\r\n",
       "POST a /1 body=chunked Host=[a] Transfer-Encoding=[chunked]\nbody x\nend A=[b]\nGET a /2 body=none Host=[a]\n" +
           kDone},
      {"an empty line between",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
       "POST a / body=2 Host=[a] Content-Length=[2]\nbody hi\nend\nGET a /2 body=none Host=[a]\n" + kDone},
      {"the length is too short",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi, GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
       "POST a / body=2 Host=[a] Content-Length=[2]\nbody hi\nend\nrefused: malformed\n"},
      {"the second one is malformed", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
       "GET a /1 body=none Host=[a]\nend\nrefused: malformed\n"},
      {"the second one is not complete", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HT",
       "GET a /1 body=none Host=[a]\nend\nwaiting: in a head\n"},
  });
}

class ServerCodecStates : public ::testing::Test {
 protected:
  HeadScratch scratch;
  HeadLimits limits;
  ServerTranscript events;
  ServerCodec codec{scratch, limits, events};
};

TEST_F(ServerCodecStates, UsesNothingBehindARequestUntilNext) {
  const Bytes one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(codec.feed(std::string(one) + std::string(one)).value(), one.size());
  EXPECT_TRUE(codec.requestComplete());
  EXPECT_EQ(codec.feed(one).value(), 0U);
  EXPECT_EQ(events.heads, 1);
  codec.next();
  EXPECT_TRUE(codec.atStart());
  EXPECT_EQ(codec.feed(one).value(), one.size());
  EXPECT_EQ(events.heads, 2);
}

TEST_F(ServerCodecStates, TellsWhereItIs) {
  EXPECT_TRUE(codec.atStart());
  EXPECT_TRUE(codec.inHead());
  EXPECT_EQ(codec.feed("").value(), 0U);
  EXPECT_TRUE(codec.atStart());
  EXPECT_EQ(codec.feed("\r\n").value(), 0U);
  EXPECT_TRUE(codec.atStart()) << "an ignored empty line is no request";
  EXPECT_EQ(codec.feed("\r\nP").value(), 0U);
  EXPECT_FALSE(codec.atStart());
  EXPECT_TRUE(codec.inHead());
  const Bytes head = "\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(codec.feed(head).value(), head.size());
  EXPECT_FALSE(codec.inHead());
  EXPECT_FALSE(codec.requestComplete());
  EXPECT_EQ(codec.feed("hi").value(), 2U);
  EXPECT_TRUE(codec.requestComplete());
}

TEST_F(ServerCodecStates, ReadsAHeadAndTheBeginningOfItsBodyInOneCall) {
  const Bytes bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nhi";
  EXPECT_EQ(codec.feed(bytes).value(), bytes.size());
  EXPECT_EQ(codec.feed("ho").value(), 2U);
  EXPECT_EQ(events.log.text(), "POST a / body=4 Host=[a] Content-Length=[4]\nbody hiho\nend\n");
}

TEST(ServerCodec, TheListOfAHeadHasRoomForMore) {
  struct Adding final : ServerEvents {
    void onRequestHead(RequestHead& head) override {
      for (int i = 0; i < 8; ++i) roomy = roomy && head.fields.add("x-added", "y");
    }
    void onBody(Bytes) override {}
    void onRequestEnd(FieldList) override {}
    bool roomy = true;
  } events;
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 99; ++i) head += "A: b\r\n";
  head += "\r\n";
  HeadScratch scratch;
  const HeadLimits limits;
  ServerCodec codec(scratch, limits, events);
  EXPECT_EQ(codec.feed(head).value(), head.size());
  EXPECT_TRUE(events.roomy);
}

TEST(ServerCodec, LimitsAreExact) {
  const HeadLimits limits{.headBytes = 400, .headFields = 3, .targetBytes = 100};
  const auto verdict = [&](Bytes bytes) {
    std::string log = readRequests(bytes, {}, limits);
    return log.substr(log.rfind('\n', log.size() - 2) + 1);
  };
  const auto ofTarget = [](size_t octets) {
    return "GET /" + std::string(octets - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  EXPECT_EQ(verdict(ofTarget(100)), "waiting: for a request\n");
  EXPECT_EQ(verdict(ofTarget(101)), "refused: uri-too-long\n");
  EXPECT_EQ(verdict(ofTarget(200)), "refused: uri-too-long\n");
  const auto ofHead = [](size_t octets) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    return head + std::string(octets - head.size() - 4, 'a') + "\r\n\r\n";
  };
  EXPECT_EQ(verdict(ofHead(400)), "waiting: for a request\n");
  EXPECT_EQ(verdict(ofHead(402)), "refused: headers-too-large\n");
  const std::string three = "GET / HTTP/1.1\r\nHost: a\r\nB:\r\nC:\r\n";
  EXPECT_EQ(verdict(three + "\r\n"), "waiting: for a request\n");
  EXPECT_EQ(verdict(three + "D:\r\n\r\n"), "refused: headers-too-large\n");
  // The empty line that is ignored does not count, nor does what is behind the head.
  EXPECT_EQ(verdict("\r\n" + ofHead(400) + std::string(500, ' ')), "refused: malformed\n");
  for (const std::string& bytes : {ofTarget(100), ofTarget(101), ofTarget(200), ofHead(400), ofHead(401), ofHead(402),
                                   ofHead(403), three + "D:\r\n\r\n"}) {
    const auto read = [&](Bytes input, Cuts cuts) { return readRequests(input, cuts, limits); };
    EXPECT_EQ(firstCutThatMatters(bytes, read, std::equal_to<>()), "");
  }
}

}  // namespace
}  // namespace outrigger::http::h1
