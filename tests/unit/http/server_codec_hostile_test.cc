// Requests that must not pass: one row for each trick. What is refused while the head is read never reaches the events;
// what is refused in a body has handed up no more than what stands in the table.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/h1_transcript.h"

namespace outrigger::http::h1 {
namespace {

using namespace std::string_view_literals;
using outrigger::testing::Cuts;
using outrigger::testing::firstCutThatMatters;
using outrigger::testing::readRequests;

struct Row {
  const char* name;
  std::string bytes;
  const char* verdict = "malformed";
};

std::string join(std::initializer_list<Bytes> pieces) {
  std::string text;
  for (const Bytes piece : pieces) text += piece;
  return text;
}

// A request that is well formed but for `line`.
std::string start(Bytes line) {
  return join({line, "\r\nHost: a\r\n\r\n"});
}
std::string get(Bytes fields) {
  return join({"GET / HTTP/1.1\r\nHost: a\r\n", fields, "\r\n\r\n"});
}
std::string target(Bytes text) {
  return join({"GET ", text, " HTTP/1.1\r\nHost: a\r\n\r\n"});
}
std::string host(Bytes value) {
  return join({"GET / HTTP/1.1\r\nHost:", value, "\r\n\r\n"});
}
std::string post(Bytes fields, Bytes body = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n") {
  return join({"POST / HTTP/1.1\r\nHost: a\r\n", fields, "\r\n\r\n", body});
}
std::string length(Bytes value) {
  return post(join({"Content-Length:", value}), "hello");
}
std::string coding(Bytes value) {
  return post(join({"Transfer-Encoding:", value}));
}

void expectRefused(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(readRequests(row.bytes), std::string("refused: ") + row.verdict + "\n");
    const auto read = [](Bytes bytes, Cuts cuts) { return readRequests(bytes, cuts); };
    EXPECT_EQ(firstCutThatMatters(row.bytes, read, std::equal_to<>()), "");
  }
}

TEST(HostileRequest, FramingSaidTwice) {
  expectRefused({
      {"CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked")},
      {"TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4")},
      {"CL of zero beside TE", post("Content-Length: 0\r\nTransfer-Encoding: chunked")},
      {"TE.TE, both chunked", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")},
      {"TE.TE, the second unknown", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x")},
      {"TE.TE, the first unknown", post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked")},
      {"TE.TE, the second empty", post("Transfer-Encoding: chunked\r\nTransfer-Encoding:")},
      {"TE.TE in two cases", post("Transfer-Encoding: chunked\r\ntransfer-encoding: cow")},
      {"TE.TE, other fields between", post("Transfer-Encoding: chunked\r\nA: b\r\nTransfer-encoding: identity")},
      {"CL twice, the same", post("Content-Length: 5\r\nContent-Length: 5", "hello")},
      {"CL twice, different", post("Content-Length: 5\r\nContent-Length: 6", "hello")},
      {"CL twice, one empty", post("Content-Length: 5\r\nContent-Length:", "hello")},
      {"CL twice in two cases", post("Content-Length: 0\r\ncontent-length: 45")},
      {"TE in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"TE and CL in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {"content on TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"},
      {"chunks on TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
  });
}

TEST(HostileRequest, ContentLengthThatIsNotPlainDecimal) {
  expectRefused({
      {"plus", length(" +5")},
      {"minus", length(" -5")},
      {"minus zero", length(" -0")},
      {"empty", length("")},
      {"only a space", length(" ")},
      {"a list of the same", length(" 5, 5")},
      {"a list without space", length(" 5,5")},
      {"a list of different", length(" 5, 6")},
      {"a comma behind", length(" 5,")},
      {"a comma before", length(" ,5")},
      {"two words", length(" 5 5")},
      {"a tab in between", length(" 5\t5")},
      {"hexadecimal", length(" 0x5")},
      {"hexadecimal digits", length(" a")},
      {"a fraction", length(" 5.0")},
      {"an exponent", length(" 5e0")},
      {"letters behind", length(" 5abc")},
      {"a quoted number", length(" \"5\"")},
      {"a semicolon", length(" 5;a=b")},
      {"a NUL behind", length(" 5\0"sv)},
      {"a NUL before", length("\0005"sv)},
      {"a vertical tab", length(" \v5")},
      {"a form feed", length(" 5\f")},
      {"a no-break space", length(" \xc2\xa0"
                                  "5")},
      {"fullwidth digit", length(" \xef\xbc\x95")},
      {"2^62 + 1", length(" 4611686018427387905")},
      {"2^63", length(" 9223372036854775808")},
      {"2^64 - 1", length(" 18446744073709551615")},
      {"2^64", length(" 18446744073709551616")},
      {"2^64 + 5", length(" 18446744073709551621")},
      {"30 digits", length(" 100000000000000000000000000005")},
      {"a tab behind", length(" 5\t")},  // legal white space, refused by llhttp
  });
}

TEST(HostileRequest, TransferEncodingThatIsNotExactlyChunked) {
  expectRefused({
      {"identity", coding(" identity")},
      {"gzip alone", coding(" gzip")},
      {"gzip, chunked", coding(" gzip, chunked")},
      {"chunked, gzip", coding(" chunked, gzip")},
      {"chunked, chunked", coding(" chunked, chunked")},
      {"chunked, identity", coding(" chunked, identity")},
      {"identity, chunked", coding(" identity, chunked")},
      {"a comma before", coding(" , chunked")},
      {"a comma behind", coding(" chunked,")},
      {"empty", coding("")},
      {"only spaces", coding("   ")},
      {"quoted", coding(" \"chunked\"")},
      {"single quotes", coding(" 'chunked'")},
      {"a parameter", coding(" chunked;q=1")},
      {"an x before", coding(" xchunked")},
      {"an x behind", coding(" chunkedx")},
      {"a dash", coding(" chunked-")},
      {"cut short", coding(" chunke")},
      {"two words", coding(" chunked x")},
      {"a word before", coding(" x chunked")},
      {"a tab behind", coding(" chunked\t")},
      {"a space and a tab behind", coding(" chunked \t")},
      {"a vertical tab before", coding(" \vchunked")},
      {"a vertical tab behind", coding(" chunked\v")},
      {"a NUL before", coding(" \0chunked"sv)},
      {"a NUL behind", coding(" chunked\0"sv)},
      {"a NUL within", coding(" chun\0ked"sv)},
      {"a bare CR behind", coding(" chunked\rX: y")},
      {"a bare CR before", coding("\rchunked")},
      {"0x7f behind", coding(" chunked\x7f")},
      {"0xa0 before", coding("\xa0"
                             "chunked")},
      {"a long s", coding(" chunked\xc5\xbf")},
      {"a dotless i within the name", post("Transfer-Encod\xc4\xb1ng: chunked")},
      {"folded onto the next line", coding("\r\n chunked")},
      {"folded with a tab", coding("\r\n\tchunked")},
      {"folded behind the value", coding(" chunked\r\n , identity")},
      {"a space before the colon", post("Transfer-Encoding : chunked")},
      {"a tab before the colon", post("Transfer-Encoding\t: chunked")},
      {"a NUL before the colon", post("Transfer-Encoding\0: chunked"sv)},
      {"a CR before the colon", post("Transfer-Encoding\r: chunked")},
      {"0xff before the colon", post("Transfer-Encoding\xff: chunked")},
      {"a vertical tab before the name", post("\vTransfer-Encoding: chunked")},
      {"a space before the name", post("A: b\r\n Transfer-Encoding: chunked")},
      {"behind a bare LF", post("A: b\nTransfer-Encoding: chunked")},
      {"behind a bare CR", post("A: b\rTransfer-Encoding: chunked")},
      {"behind LF CR", post("A: b\n\rTransfer-Encoding: chunked")},
      {"behind CR CR LF", post("A: b\r\r\nTransfer-Encoding: chunked")},
      {"no colon", post("Transfer-Encoding chunked")},
      {"an equals sign for the colon", post("Transfer-Encoding=chunked")},
  });
}

TEST(HostileRequest, LinesOfTheHead) {
  expectRefused({
      {"the line ends with LF", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"a field ends with LF", get("A: b\nC: d")},
      {"the empty line is LF", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"all lines end with LF", "GET / HTTP/1.1\nHost: a\n\n"},
      {"two CR", get("A: b\r")},
      {"CR inside of a value", get("A: b\rc")},
      {"CR inside of a name", get("A\rB: c")},
      {"CR for an end of line",
       "GET / HTTP/1.1\rHost: a\r\r"
       "\r\n\r\n"},
      {"NUL in a name", get("A\0B: c"sv)},
      {"NUL in a value", get("A: b\0c"sv)},
      {"NUL at the end of a value", get("A: b\0"sv)},
      {"NUL for a field line", get("\0"sv)},
      {"NUL in the method", start("GE\0T / HTTP/1.1"sv)},
      {"NUL before the method", start("\0GET / HTTP/1.1"sv)},
      {"NUL in the target", target("/a\0b"sv)},
      {"NUL in the version", start("GET / HTTP/1.1\0"sv)},
      {"NUL in the Host", host(" a\0b"sv)},
      {"SOH in a value", get("A: \x01")},
      {"ESC in a value", get("A: \x1b[31m")},
      {"backspace in a value", get("A: b\b")},
      {"DEL in a value", get("A: b\x7f")},
      {"vertical tab in a value", get("A: b\vc")},
      {"form feed for an end of line", get("A: b\fC: d")},
      {"a folded line", get("A: b\r\n c")},
      {"a folded line with a tab", get("A: b\r\n\tc")},
      {"a folded line of spaces", get("A: b\r\n  ")},
      {"a folded line behind an empty value", get("A:\r\n b")},
      {"a fold behind the request line", "GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n"},
      {"space before the colon", get("A : b")},
      {"tab before the colon", get("A\t: b")},
      {"space inside of a name", get("A B: c")},
      {"no colon", get("AB")},
      {"an empty name", get(": b")},
      {"only a colon", get(":")},
      {"a space for a name", get(" : b")},
      {"brackets in a name", get("A[0]: b")},
      {"parentheses in a name", get("A(b): c")},
      {"a slash in a name", get("A/B: c")},
      {"at sign in a name", get("A@B: c")},
      {"quotes in a name", get("\"A\": c")},
      {"a comma in a name", get("A,B: c")},
      {"a semicolon in a name", get("A;B: c")},
      {"an octet above 0x7f in a name", get("A\xe9: c")},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a bare LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a bare CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a mark of byte order first", "\xef\xbb\xbfGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
  });
}

TEST(HostileRequest, RequestLines) {
  expectRefused({
      {"two spaces behind the method", start("GET  / HTTP/1.1")},
      {"two spaces behind the target", start("GET /  HTTP/1.1")},
      {"a tab behind the method", start("GET\t/ HTTP/1.1")},
      {"a tab behind the target", start("GET /\tHTTP/1.1")},
      {"a space in the target", start("GET /a b HTTP/1.1")},
      {"a version inside of the target", start("GET / HTTP/1.1 HTTP/1.1")},
      {"no target", start("GET HTTP/1.1")},
      {"an empty target", start("GET  HTTP/1.1")},
      {"only a method", start("GET"), "unsupported"},
      {"a method and a space", start("GET ")},
      {"method in lower case", start("get / HTTP/1.1"), "unsupported"},
      {"an unknown method", start("FOO / HTTP/1.1"), "unsupported"},
      {"a method with a suffix", start("GETS / HTTP/1.1"), "unsupported"},
      {"a method behind a comma", start("GET,POST / HTTP/1.1")},
      {"a method in quotes", start("\"GET\" / HTTP/1.1")},
      {"a method of RTSP", start("DESCRIBE / HTTP/1.1")},
      {"CONNECT", start("CONNECT a:443 HTTP/1.1"), "unsupported"},
      {"CONNECT to a path", start("CONNECT / HTTP/1.1"), "unsupported"},
      {"HTTP/0.9", "GET /\r\n\r\n", "unsupported-version"},
      {"HTTP/0.9 said aloud", start("GET / HTTP/0.9"), "unsupported-version"},
      {"HTTP/1.2", start("GET / HTTP/1.2"), "unsupported-version"},
      {"HTTP/1.10", start("GET / HTTP/1.10")},
      {"HTTP/01.1", start("GET / HTTP/01.1")},
      {"HTTP/2", start("GET / HTTP/2")},
      {"HTTP/2.0", start("GET / HTTP/2.0"), "unsupported-version"},
      {"HTTP/3.0", start("GET / HTTP/3.0"), "unsupported-version"},
      {"HTTP/1", start("GET / HTTP/1")},
      {"HTTP/1.", start("GET / HTTP/1.")},
      {"HTTP/.1", start("GET / HTTP/.1")},
      {"HTTP/1,1", start("GET / HTTP/1,1")},
      {"HTTP/ 1.1", start("GET / HTTP/ 1.1")},
      {"HTTP /1.1", start("GET / HTTP /1.1")},
      {"HTTP/1.1x", start("GET / HTTP/1.1x")},
      {"a space behind the version", start("GET / HTTP/1.1 ")},
      {"http/1.1", start("GET / http/1.1")},
      {"HTTPS/1.1", start("GET / HTTPS/1.1")},
      {"HTP/1.1", start("GET / HTP/1.1")},
      {"RTSP", start("OPTIONS * RTSP/1.0"), "unsupported-version"},
      {"RTSP/1.1", start("GET / RTSP/1.1"), "unsupported-version"},
      {"ICE", start("SOURCE / ICE/1.1"), "unsupported-version"},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "unsupported-version"},
      {"a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n"sv.data()},
      {"an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "unsupported"},
  });
}

TEST(HostileRequest, Hosts) {
  expectRefused({
      {"none", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
      {"twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"twice the same", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"twice in two cases", "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nhOST: a\r\n\r\n"},
      {"twice in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
      {"folded", "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n"},
      {"empty", host("")},
      {"empty in HTTP/1.0", "GET / HTTP/1.0\r\nHost: \r\n\r\n"},
      {"two words", host(" a b")},
      {"a list", host(" a, b")},
      {"userinfo", host(" u@a")},
      {"userinfo with a password", host(" u:p@a")},
      {"a path", host(" a/b")},
      {"a query", host(" a?b")},
      {"a fragment", host(" a#b")},
      {"a backslash", host(" a\\b")},
      {"a scheme", host(" http://a")},
      {"a tab within", host(" a\tb")},
      {"quotes", host(" \"a\"")},
      {"angle brackets", host(" <a>")},
      {"an escape", host(" %61")},
      {"an escaped NUL", host(" a%00b")},
      {"an octet above 0x7f", host(" \xc3\xa9")},
      {"a port that is no number", host(" a:http")},
      {"a port too large", host(" a:65536")},
      {"port 0", host(" a:0")},
      {"a negative port", host(" a:-1")},
      {"an empty port", host(" a:")},
      {"two ports", host(" a:80:80")},
      {"a port with a space", host(" a: 80")},
      {"only a port", host(" :80")},
      {"IPv6 without brackets", host(" ::1")},
      {"IPv6 not closed", host(" [::1")},
      {"IPv6 with something behind", host(" [::1]a")},
      {"IPv6 of nothing", host(" []")},
      {"IPv6 that is none", host(" [::::]")},
      {"IPv6 with a zone", host(" [fe80::1%25eth0]")},
      {"IPv4 in brackets", host(" [1.2.3.4]")},
      {"254 octets", host(" " + std::string(254, 'a'))},
  });
}

TEST(HostileRequest, Targets) {
  expectRefused({
      {"Host contradicts the target", target("http://b/")},
      {"Host has another port", target("http://a:80/")},
      {"no authority", target("http:///")},
      {"no authority, a query", target("http://?x")},
      {"userinfo", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"userinfo that looks like a host", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n"},
      {"a backslash before the userinfo", target("http://a\\@b/")},
      {"https", target("https://a/")},
      {"ftp", target("ftp://a/")},
      {"one slash", target("http:/a/")},
      {"no slash", target("http:a")},
      {"file", target("file:///etc/passwd")},
      {"the authority form", target("a:80")},
      {"the asterisk with GET", target("*")},
      {"asterisk and more", start("OPTIONS */ HTTP/1.1")},
      {"asterisk and query", start("OPTIONS *?a HTTP/1.1")},
      {"a relative path", target("a/b")},
      {"a dot", target(".")},
      {"a query alone", target("?a")},
      {"a fragment", target("/a#b")},
      {"a fragment in the query", target("/a?b#c")},
      {"a fragment alone", target("#")},
      {"a tab", target("/a\tb")},
      {"DEL", target("/a\x7f")},
      {"an octet above 0x7f", target("/\xc3\xa9")},
      {"an octet above 0x7f in the query", target("/?\xff")},
      {"a backslash", target("/a\\..\\b")},
      {"an escape cut short", target("/a%2")},
      {"an escape of nothing", target("/a%")},
      {"an escape that is none", target("/%zz")},
      {"an escaped NUL", target("/a%00.png")},
      {"dots behind an escaped slash", target("/v1/x%2f..%2fadmin")},
      {"dots before an escaped slash", target("/v1/..%2Fadmin")},
      {"dots and an escaped backslash", target("/v1/..%5cadmin")},
      {"escaped dots and an escaped slash", target("/v1/%2e%2e%2fadmin")},
      {"dots with a parameter", target("/v1/..;/admin")},
      {"escaped dots with a parameter", target("/v1/%2e.;x=y/admin")},
      {"dots with a parameter behind an escaped slash", target("/v1%2f..;a/b")},
  });
}

TEST(HostileRequest, ThingsNotOffered) {
  expectRefused({
      {"upgrade to what is no protocol", get("Connection: upgrade\r\nUpgrade: web socket")},
      {"upgrade to an empty version", get("Connection: upgrade\r\nUpgrade: websocket/")},
      {"upgrade to two versions", get("Connection: upgrade\r\nUpgrade: a/1/2")},
      {"upgrade to something odd behind a protocol", get("Connection: upgrade\r\nUpgrade: a, \"b\"")},
      {"another expectation", post("Expect: 200-ok\r\nContent-Length: 5", "hello")},
      {"two expectations", post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5", "hello")},
      {"a list of expectations", post("Expect: 100-continue, x\r\nContent-Length: 5", "hello")},
  });
}

TEST(HostileRequest, MoreThanTheLimits) {
  const std::string many = [] {
    std::string fields = "A: b";
    for (int i = 0; i < 99; ++i) fields += "\r\nA: b";
    return fields;
  }();
  const auto read = [](Bytes bytes, Cuts cuts) { return readRequests(bytes, cuts); };
  EXPECT_EQ(readRequests(get(many)), "refused: headers-too-large\n");
  EXPECT_EQ(firstCutThatMatters(get(many), read, std::equal_to<>()), "");
  EXPECT_EQ(readRequests(target("/" + std::string(8 * 1024, 'a'))), "refused: uri-too-long\n");
  EXPECT_EQ(readRequests("GET /" + std::string(9 * 1024, 'a')), "refused: uri-too-long\n");
  EXPECT_EQ(readRequests(get("A: " + std::string(60 * 1024, 'a'))), "refused: headers-too-large\n");
  EXPECT_EQ(readRequests("GET / HTTP/1.1\r\nA: " + std::string(60 * 1024, 'a')), "refused: headers-too-large\n");
  EXPECT_EQ(readRequests(std::string(100, 'A')), "waiting: in a head\n");
  EXPECT_EQ(readRequests(std::string(9 * 1024, 'A')), "refused: uri-too-long\n");
  EXPECT_EQ(readRequests(std::string(9 * 1024, '\r')), "refused: uri-too-long\n");
}

struct BodyRow {
  const char* name;
  std::string bytes;
  std::string before = "";  // what has been handed up when it is noticed
};

void expectRefusedBody(const std::vector<BodyRow>& rows) {
  const std::string head = "POST a / body=chunked Host=[a] Transfer-Encoding=[chunked]\n";
  for (const BodyRow& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string bytes = post("Transfer-Encoding: chunked", row.bytes);
    const std::string body = row.before.empty() ? "" : "body " + row.before + "\n";
    EXPECT_EQ(readRequests(bytes), head + body + "refused: malformed\n");
    const auto read = [](Bytes input, Cuts cuts) { return readRequests(input, cuts); };
    EXPECT_EQ(firstCutThatMatters(bytes, read, std::equal_to<>()), "");
  }
}

TEST(HostileRequest, ChunkSizes) {
  expectRefusedBody({
      {"empty", "\r\nhello\r\n0\r\n\r\n"},
      {"a letter behind f", "g\r\nhello\r\n0\r\n\r\n"},
      {"0x", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"plus", "+5\r\nhello\r\n0\r\n\r\n"},
      {"minus", "-5\r\nhello\r\n0\r\n\r\n"},
      {"minus zero", "-0\r\n\r\n"},
      {"a space before", " 5\r\nhello\r\n0\r\n\r\n"},
      {"a tab before", "\t5\r\nhello\r\n0\r\n\r\n"},
      {"a space behind", "5 \r\nhello\r\n0\r\n\r\n"},
      {"a tab behind", "5\t\r\nhello\r\n0\r\n\r\n"},
      {"a space within", "1 0\r\n0123456789abcdef\r\n0\r\n\r\n"},
      {"an underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"},
      {"a dot", "5.0\r\nhello\r\n0\r\n\r\n"},
      {"a comma", "5,5\r\nhello\r\n0\r\n\r\n"},
      {"a quoted number", "\"5\"\r\nhello\r\n0\r\n\r\n"},
      {"an h behind", "5h\r\nhello\r\n0\r\n\r\n"},
      {"a NUL before", join({"\0005\r\nhello\r\n0\r\n\r\n"sv})},
      {"a NUL behind", join({"5\0\r\nhello\r\n0\r\n\r\n"sv})},
      {"a fullwidth digit", "\xef\xbc\x95\r\nhello\r\n0\r\n\r\n"},
      {"2^64", "10000000000000000\r\nhello\r\n0\r\n\r\n"},
      {"2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"2^65", "20000000000000000\r\n"},
      {"20 digits", "fffffffffffffffffffff\r\n"},
      {"20,000 zeros before", std::string(20'000, '0') + "5\r\nhello\r\n0\r\n\r\n"},
  });
}

TEST(HostileRequest, ChunkLines) {
  expectRefusedBody({
      {"LF behind the size", "5\nhello\r\n0\r\n\r\n"},
      {"CR behind the size", "5\rhello\r\n0\r\n\r\n"},
      {"LF behind the content", "5\r\nhello\n0\r\n\r\n", "hello"},
      {"CR behind the content", "5\r\nhello\r0\r\n\r\n", "hello"},
      {"nothing behind the content", "5\r\nhello0\r\n\r\n", "hello"},
      {"content too long", "5\r\nhello!\r\n0\r\n\r\n", "hello"},
      {"content too short", "6\r\nhello\r\n0\r\n\r\n", "hello\r"},
      {"an empty line between chunks", "5\r\nhello\r\n\r\n0\r\n\r\n", "hello"},
      {"two spaces behind the content", "5\r\nhello  0\r\n\r\n", "hello"},
      {"LF behind the last chunk", "0\n\r\n"},
      {"CR behind the last chunk", "0\r\r\n\r\n"},
      {"LF at the end", "0\r\n\n"},
      {"CR CR LF at the end", "0\r\n\r\r\n"},
      {"a chunk behind the last one", "0\r\n5\r\nhello\r\n0\r\n\r\n"},
      {"a request for the final CRLF", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a request for the size", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
  });
}

TEST(HostileRequest, ChunkExtensions) {
  expectRefusedBody({
      {"nothing behind the semicolon", "5;\r\nhello\r\n0\r\n\r\n"},
      {"an empty name", "5;=a\r\nhello\r\n0\r\n\r\n"},
      {"two semicolons", "5;;a\r\nhello\r\n0\r\n\r\n"},
      {"a semicolon behind", "5;a;\r\nhello\r\n0\r\n\r\n"},
      {"an empty value", "5;a=\r\nhello\r\n0\r\n\r\n"},
      {"an empty value before another", "5;a=;b\r\nhello\r\n0\r\n\r\n"},
      {"space behind the semicolon", "5; a\r\nhello\r\n0\r\n\r\n"},
      {"space before the semicolon", "5 ;a\r\nhello\r\n0\r\n\r\n"},
      {"LF within", "5;a\nhello\r\n0\r\n\r\n"},
      {"LF within a value", "5;a=b\nhello\r\n0\r\n\r\n"},
      {"CR within", "5;a\rb\r\nhello\r\n0\r\n\r\n"},
      {"a quoted line end", "5;a=\"\r\nhello\"\r\n0\r\n\r\n"},
      {"a quoted LF", "5;a=\"\nhello\"\r\n0\r\n\r\n"},
      {"an escaped LF", "5;a=\"\\\nhello\"\r\n0\r\n\r\n"},
      {"something behind a quoted value", "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n"},
      {"a quote that is not closed", "5;a=\"b\r\nhello\r\n0\r\n\r\n"},
      {"NUL within", join({"5;a\0b\r\nhello\r\n0\r\n\r\n"sv})},
      {"NUL within a quoted value", join({"5;a=\"\0\"\r\nhello\r\n0\r\n\r\n"sv})},
      {"an octet above 0x7f", "5;\xff\r\nhello\r\n0\r\n\r\n"},
      {"a colon for the semicolon", "5:a\r\nhello\r\n0\r\n\r\n"},
      {"20,000 octets", "5;" + std::string(20'000, 'a') + "\r\nhello\r\n0\r\n\r\n"},
  });
}

TEST(HostileRequest, Trailers) {
  const auto trailer = [](Bytes line) { return join({"5\r\nhello\r\n0\r\n", line, "\r\n\r\n"}); };
  std::string many;
  for (int i = 0; i < 65; ++i) many += "A: b\r\n";
  expectRefusedBody({
      {"Content-Length", trailer("Content-Length: 5"), "hello"},
      {"Transfer-Encoding", trailer("transfer-encoding: chunked"), "hello"},
      {"Host", trailer("Host: b"), "hello"},
      {"Authorization", trailer("Authorization: x"), "hello"},
      {"Cookie", trailer("Cookie: x"), "hello"},
      {"Connection", trailer("Connection: close"), "hello"},
      {"Upgrade", trailer("Upgrade: h2c"), "hello"},
      {"Content-Type", trailer("Content-Type: text/html"), "hello"},
      {"X-Forwarded-For", trailer("X-Forwarded-For: 1.2.3.4"), "hello"},
      {"our own name", trailer("Outrigger-Anything: 1"), "hello"},
      {"behind a good one", trailer("A: b\r\nTrailer: c"), "hello"},
      {"folded", trailer("A: b\r\n c"), "hello"},
      {"folded behind an empty value", trailer("A:\r\n c"), "hello"},
      {"a space first", trailer(" A: b"), "hello"},
      {"space before the colon", trailer("A : b"), "hello"},
      {"no colon", trailer("A"), "hello"},
      {"an empty name", trailer(": b"), "hello"},
      {"a bare LF", trailer("A: b\nC: d"), "hello"},
      {"a bare CR", trailer("A: b\rC: d"), "hello"},
      {"NUL in a name", trailer("A\0: b"sv), "hello"},
      {"NUL in a value", trailer("A: b\0"sv), "hello"},
      {"ESC in a value", trailer("A: \x1b"), "hello"},
      {"too many", trailer(many), "hello"},
      {"a value too long", trailer("A: " + std::string(8193, 'a')), "hello"},
      {"a name too long", trailer(std::string(8193, 'a') + ": b"), "hello"},
      {"20,000 spaces before a value", trailer("A:" + std::string(20'000, ' ') + "b"), "hello"},
  });
}

TEST(HostileRequest, FarMoreFramingThanContent) {
  std::string chunks;
  for (int i = 0; i < 200; ++i) chunks += "1;" + std::string(200, 'x') + "\r\na\r\n";
  const std::string log = readRequests(post("Transfer-Encoding: chunked", chunks + "0\r\n\r\n"));
  EXPECT_TRUE(log.ends_with("refused: malformed\n")) << log;

  std::string smallest;
  for (int i = 0; i < 20'000; ++i) smallest += "1\r\na\r\n";
  const std::string fine = readRequests(post("Transfer-Encoding: chunked", smallest + "0\r\n\r\n"));
  EXPECT_TRUE(fine.ends_with("end\nwaiting: for a request\n"));
}

}  // namespace
}  // namespace outrigger::http::h1
