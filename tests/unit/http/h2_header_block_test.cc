// Header blocks: what is taken, what is refused and why.
#include "proxy/http/h2/header_block.h"

#include <gtest/gtest.h>

#include <array>

namespace outrigger::http::h2 {
namespace {

using Kind = HeaderBlock::Kind;
using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr HeadLimits kLimits{.headBytes = 400, .headFields = 5, .targetBytes = 40};

HeaderBlock collect(Kind kind, const Lines& lines) {
  HeaderBlock block;
  block.begin(kind, kLimits);
  for (const auto& [name, value] : lines) EXPECT_TRUE(block.add(name, value));
  return block;
}

Lines withRequestLine(Lines more) {
  Lines lines{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}};
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

TEST(H2HeaderBlock, KeepsPseudoFieldsApartAndAllTextsInOneRun) {
  HeaderBlock block = collect(Kind::Request, withRequestLine({{"accept", "*/*"}, {"x-empty", ""}}));
  ASSERT_FALSE(block.flaw());
  EXPECT_EQ(block.value(Pseudo::Method), "GET");
  EXPECT_EQ(block.value(Pseudo::Path), "/");
  EXPECT_FALSE(block.has(Pseudo::Protocol));
  std::array<Field, 8> storage;
  const FieldList fields = block.fields(storage);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields.value(Header::Other), "*/*");
  EXPECT_EQ(fields.begin()[1].name, "x-empty");
  for (const Field& field : fields) {
    EXPECT_GE(field.name.data(), block.text().data());
    EXPECT_LE(field.value.data() + field.value.size(), block.text().data() + block.text().size());
  }
}

TEST(H2HeaderBlock, JoinsCookieCrumbs) {
  HeaderBlock block =
      collect(Kind::Request, withRequestLine({{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"cookie", "c=3"}}));
  ASSERT_FALSE(block.flaw());
  std::array<Field, 8> storage;
  const FieldList fields = block.fields(storage);
  EXPECT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields.value(Header::Cookie), "a=1; b=2; c=3");
}

struct Refusal {
  const char* name;
  Kind kind;
  Lines lines;
  Reason reason;
};

class H2HeaderBlockRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(H2HeaderBlockRefuses, WithItsReason) {
  const HeaderBlock block = collect(GetParam().kind, GetParam().lines);
  ASSERT_TRUE(block.flaw());
  EXPECT_EQ(block.flaw()->reason, GetParam().reason) << block.flaw()->detail;
}

const std::string kLong(401, 'x');

INSTANTIATE_TEST_SUITE_P(
    All, H2HeaderBlockRefuses,
    ::testing::Values(
        Refusal{"UnknownPseudo", Kind::Request, {{":nonsense", "1"}}, Reason::Malformed},
        Refusal{"UpperCaseName", Kind::Request, withRequestLine({{"X-Up", "1"}}), Reason::Malformed},
        Refusal{"EmptyName", Kind::Request, withRequestLine({{"", "1"}}), Reason::Malformed},
        Refusal{"SpaceInName", Kind::Request, withRequestLine({{"a b", "1"}}), Reason::Malformed},
        Refusal{"ColonInName", Kind::Request, withRequestLine({{"a:b", "1"}}), Reason::Malformed},
        Refusal{"LineEndInName", Kind::Request, withRequestLine({{"a\r\nb", "1"}}), Reason::Malformed},
        Refusal{"CrInValue", Kind::Request, withRequestLine({{"a", "x\ry"}}), Reason::Malformed},
        Refusal{"LfInValue", Kind::Request, withRequestLine({{"a", "x\ny: z"}}), Reason::Malformed},
        Refusal{"NulInValue", Kind::Request, withRequestLine({{"a", std::string("x\0y", 3)}}), Reason::Malformed},
        Refusal{"SpaceBeforeValue", Kind::Request, withRequestLine({{"a", " x"}}), Reason::Malformed},
        Refusal{"TabBehindValue", Kind::Request, withRequestLine({{"a", "x\t"}}), Reason::Malformed},
        Refusal{"LineEndInPath", Kind::Request, {{":path", "/ HTTP/1.1\r\nx: y"}}, Reason::Malformed},
        Refusal{"Connection", Kind::Request, withRequestLine({{"connection", "close"}}), Reason::Malformed},
        Refusal{"KeepAlive", Kind::Request, withRequestLine({{"keep-alive", "x"}}), Reason::Malformed},
        Refusal{"ProxyConnection", Kind::Request, withRequestLine({{"proxy-connection", "x"}}), Reason::Malformed},
        Refusal{"TransferEncoding", Kind::Request, withRequestLine({{"transfer-encoding", "chunked"}}),
                Reason::Malformed},
        Refusal{"Upgrade", Kind::Request, withRequestLine({{"upgrade", "websocket"}}), Reason::Malformed},
        Refusal{"TeGzip", Kind::Request, withRequestLine({{"te", "gzip"}}), Reason::Malformed},
        Refusal{
            "PseudoBehindRegular", Kind::Request, {{":method", "GET"}, {"a", "b"}, {":path", "/"}}, Reason::Malformed},
        Refusal{"PseudoTwice", Kind::Request, {{":path", "/a"}, {":path", "/b"}}, Reason::Malformed},
        Refusal{"StatusInRequest", Kind::Request, {{":status", "200"}}, Reason::Malformed},
        Refusal{"MethodInResponse", Kind::Response, {{":method", "GET"}}, Reason::Malformed},
        Refusal{"PseudoInTrailers", Kind::Trailers, {{":path", "/"}}, Reason::Malformed},
        Refusal{"LengthInTrailers", Kind::Trailers, {{"content-length", "1"}}, Reason::Malformed},
        Refusal{"TooLong", Kind::Request, withRequestLine({{"a", kLong}}), Reason::HeadersTooLarge},
        Refusal{"TooMany", Kind::Request,
                withRequestLine({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}, {"f", ""}}),
                Reason::HeadersTooLarge},
        Refusal{"TargetTooLong", Kind::Request, {{":path", "/" + std::string(40, 'x')}}, Reason::UriTooLong}),
    [](const auto& test) { return test.param.name; });

TEST(H2HeaderBlock, ReadsOnPastItsLimitButNotForEver) {
  HeaderBlock block;
  block.begin(Kind::Request, kLimits);
  int taken = 0;
  while (block.add("x", std::string(67, 'y'))) ++taken;  // a hundred octets each as RFC 9113 §6.5.2 counts them
  EXPECT_EQ(taken, 16);
  EXPECT_EQ(block.flaw()->reason, Reason::HeadersTooLarge);
  EXPECT_LE(block.text().size(), 400U);
}

TEST(H2HeaderBlock, IsFreshAfterBegin) {
  HeaderBlock block = collect(Kind::Request, {{":status", "200"}});
  ASSERT_TRUE(block.flaw());
  block.begin(Kind::Response, kLimits);
  EXPECT_TRUE(block.add(":status", "200"));
  EXPECT_FALSE(block.flaw());
  EXPECT_EQ(block.value(Pseudo::Status), "200");
}

}  // namespace
}  // namespace outrigger::http::h2
