#include "proxy/http/h1/framing.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace outrigger::http::h1 {
namespace {

using Pairs = std::vector<std::pair<Bytes, Bytes>>;

struct Fields {
  explicit Fields(const Pairs& pairs) {
    for (const auto& [name, value] : pairs) list.add(name, value);
  }
  std::array<Field, 8> storage;
  FieldList list{std::span<Field>(storage)};
};

std::string word(const Result<BodyFraming>& framing) {
  if (!framing) return "refused";
  switch (framing->kind) {
    case BodyFraming::Kind::None: return "none";
    case BodyFraming::Kind::Length: return std::to_string(framing->length);
    case BodyFraming::Kind::Chunked: return "chunked";
    case BodyFraming::Kind::UntilClose: break;
  }
  return "until close";
}

std::string ofRequest(const Pairs& pairs, Method method = Method::Post, Version version = Version::Http11) {
  const Fields fields(pairs);
  RequestHead head;
  head.method = method;
  head.version = version;
  head.fields = fields.list;
  return word(requestFraming(head));
}

TEST(RequestFraming, ReadsWhatIsPlain) {
  EXPECT_EQ(ofRequest({}), "none");
  EXPECT_EQ(ofRequest({{"Content-Length", "0"}}), "0");
  EXPECT_EQ(ofRequest({{"content-length", "42"}}), "42");
  EXPECT_EQ(ofRequest({{"content-length", "4611686018427387904"}}), "4611686018427387904");
  EXPECT_EQ(ofRequest({{"Transfer-Encoding", "chunked"}}), "chunked");
  EXPECT_EQ(ofRequest({{"Transfer-Encoding", "Chunked"}}), "chunked");
  EXPECT_EQ(ofRequest({{"Content-Length", "7"}}, Method::Get), "7");
  EXPECT_EQ(ofRequest({{"Content-Length", "7"}}, Method::Post, Version::Http10), "7");
  EXPECT_EQ(ofRequest({{"Content-Length", "0"}}, Method::Trace), "0");
}

TEST(RequestFraming, RefusesEveryDoubt) {
  const Pairs refused[] = {
      {{"Content-Length", "5"}, {"Content-Length", "5"}},
      {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Content-Length", "0"}},
      {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "identity"}},
      {{"Transfer-Encoding", "identity"}},
      {{"Transfer-Encoding", ""}},
      {{"Transfer-Encoding", "chunked "}},
      {{"Transfer-Encoding", "gzip, chunked"}},
      {{"Content-Length", ""}},
      {{"Content-Length", "-1"}},
      {{"Content-Length", "+1"}},
      {{"Content-Length", "1,1"}},
      {{"Content-Length", "1 1"}},
      {{"Content-Length", "0x1"}},
      {{"Content-Length", "4611686018427387905"}},
      {{"Content-Length", "18446744073709551617"}},
  };
  for (const Pairs& pairs : refused) EXPECT_EQ(ofRequest(pairs), "refused") << pairs.front().second;
  EXPECT_EQ(ofRequest({{"Transfer-Encoding", "chunked"}}, Method::Post, Version::Http10), "refused")
      << "HTTP/1.0 has no codings";
  EXPECT_EQ(ofRequest({{"Content-Length", "1"}}, Method::Trace), "refused");
  EXPECT_EQ(ofRequest({{"Transfer-Encoding", "chunked"}}, Method::Trace), "refused");
}

struct Answer {
  uint16_t status;
  Pairs fields;
  std::string framing;
  bool headOnly = false;
  Method asked = Method::Get;
};

TEST(ResponseFraming, FollowsStatusAndMethod) {
  const Pairs length{{"Content-Length", "5"}};
  const Pairs chunked{{"Transfer-Encoding", "chunked"}};
  for (const Answer& row : std::vector<Answer>{
           {200, length, "5"},
           {200, chunked, "chunked"},
           {200, {}, "until close"},
           {200, {{"Content-Length", "0"}}, "0"},
           {500, {}, "until close"},
           {205, length, "5"},
           {200, length, "5", true, Method::Head},
           {200, chunked, "chunked", true, Method::Head},
           {200, {}, "none", true, Method::Head},
           {304, length, "5", true},
           {304, chunked, "chunked", true},
           {304, {}, "none", true},
           {204, {}, "none"},
           {204, {{"Content-Length", "0"}}, "none"},
           {204, {}, "none", false, Method::Head},
           {204, length, "refused"},
           {204, chunked, "refused"},
           {100, {}, "none"},
           {100, length, "refused"},
           {199, chunked, "refused"},
           {200, {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, "refused"},
           {200, {{"Content-Length", "5"}, {"Content-Length", "5"}}, "refused"},
           {200, {{"Content-Length", "5"}, {"Content-Length", "5"}}, "refused", false, Method::Head},
       }) {
    const Fields fields(row.fields);
    ResponseHead head;
    head.status = row.status;
    head.fields = fields.list;
    EXPECT_EQ(word(responseFraming(head, row.asked)), row.framing) << row.status;
    EXPECT_TRUE(row.framing == "refused" || head.headOnly == row.headOnly) << row.status;
  }
}

TEST(ConnectionOptions, AreReadFromAllFields) {
  const Fields none(Pairs{{"X", "close"}});
  EXPECT_FALSE(connectionOptions(none.list).close);
  const Fields several(
      Pairs{{"Connection", " , Close,"}, {"connection", "x-y\t,\tKEEP-ALIVE"}, {"CONNECTION", "Upgrade"}});
  const ConnectionOptions options = connectionOptions(several.list);
  EXPECT_TRUE(options.close);
  EXPECT_TRUE(options.keepAlive);
  EXPECT_TRUE(options.upgrade);
  const Fields others(Pairs{{"Connection", "closed, keepalive, up grade"}});
  EXPECT_FALSE(connectionOptions(others.list).close);
  EXPECT_FALSE(connectionOptions(others.list).keepAlive);
  EXPECT_FALSE(connectionOptions(others.list).upgrade);
}

TEST(Persistence, FollowsVersionAndOptions) {
  EXPECT_TRUE(persists({}, Version::Http11));
  EXPECT_FALSE(persists({}, Version::Http10));
  EXPECT_TRUE(persists({.keepAlive = true}, Version::Http10));
  EXPECT_FALSE(persists({.close = true}, Version::Http11));
  EXPECT_FALSE(persists({.close = true, .keepAlive = true}, Version::Http10));
}

}  // namespace
}  // namespace outrigger::http::h1
