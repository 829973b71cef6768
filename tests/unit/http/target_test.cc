#include "proxy/http/target.h"

#include <gtest/gtest.h>

#include <string>

#include "proxy/base/rng.h"

namespace outrigger::http {
namespace {

bool within(Bytes part, Bytes whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

TEST(Target, OriginForm) {
  const auto plain = parseTarget(Method::Get, "/a/b?c=d?e");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->path, "/a/b");
  EXPECT_EQ(plain->query, "?c=d?e");
  EXPECT_EQ(plain->authority, "");
  EXPECT_FALSE(plain->absoluteForm);
  EXPECT_EQ(parseTarget(Method::Get, "/?")->query, "?");
  EXPECT_EQ(parseTarget(Method::Get, "//x@y/z")->path, "//x@y/z");
}

TEST(Target, AbsoluteForm) {
  struct Row {
    Bytes text, authority, path, query;
  };
  for (const Row& row : {Row{"http://a/b?c", "a", "/b", "?c"}, Row{"HTTP://a:80", "a:80", "/", ""},
                         Row{"http://a?b/c", "a", "/", "?b/c"}, Row{"http://[::1]:80/", "[::1]:80", "/", ""},
                         Row{"http:///b", "", "/b", ""}, Row{"http://a//b", "a", "//b", ""}}) {
    const auto target = parseTarget(Method::Get, row.text);
    ASSERT_TRUE(target) << row.text;
    EXPECT_EQ(target->authority, row.authority);
    EXPECT_EQ(target->path, row.path);
    EXPECT_EQ(target->query, row.query);
    EXPECT_TRUE(target->absoluteForm);
    EXPECT_TRUE(within(target->path, row.text)) << "a head is copied as one run of octets";
  }
}

TEST(Target, AsteriskForm) {
  EXPECT_EQ(parseTarget(Method::Options, "*")->path, "*");
  EXPECT_EQ(parseTarget(Method::Options, "http://a")->path, "*") << "RFC 9112 §3.2.4";
  EXPECT_EQ(parseTarget(Method::Options, "http://a?b")->path, "/");
  EXPECT_EQ(parseTarget(Method::Options, "http://a/")->path, "/");
  EXPECT_FALSE(parseTarget(Method::Get, "*"));
  EXPECT_FALSE(parseTarget(Method::Options, "**"));
}

TEST(Target, Refused) {
  for (const Bytes text : {"",       "a",           "a/b",           "a:80",      "?a",   "#",    "/#a",  "/a#",
                           "/?a#b",  "https://a/",  "http:/a",       "http:a",    "http", "://a", "/a b", "/\t",
                           "/\x7f",  "/\x80",       "/a\\b",         "/%",        "/%1",  "/%g0", "/%0g", "/%00",
                           "/a%00b", "http://u@a/", "http://u:p@a/", "http://@a/"}) {
    const auto target = parseTarget(Method::Get, text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().reason, Reason::Malformed);
  }
  EXPECT_FALSE(parseTarget(Method::Get, Bytes("/\0", 2)));
  EXPECT_TRUE(parseTarget(Method::Get, "/?%zz%00\\")) << "a query is passed on, not understood";
}

TEST(Target, DotSegmentsThatOnlySomeServersSeeAreRefused) {
  for (const Bytes path : {"/..%2fa", "/a%2f..", "/a%2F../b", "/%2e%2e%2fa", "/a/.%2f", "/a%5c..%5Cb", "/..%5c",
                           "/.%2e%2f", "/..;/a", "/..;x=y/a", "/.;/a", "/%2e%2e;/a", "/a%2f..;b", "/a/b/..;"}) {
    EXPECT_FALSE(parseTarget(Method::Get, path)) << path;
  }
  for (const Bytes path :
       {"/a%2fb", "/%2f", "/%5c", "/a;b/c", "/...;/a", "/a..;b", "/..a%2fb", "/a%2f...", "/a%2eb%2fc", "/;",
        "/%252e%252e%252f", "/..%25", "/../a", "/%2e%2e/a%2fb/c", "/.well-known/a%2Fb"}) {
    EXPECT_TRUE(parseTarget(Method::Get, path)) << path;
  }
}

TEST(DotSegments, AreFoundPlainAndEscaped) {
  for (const Bytes path : {"/.", "/..", "/./a", "/../a", "/a/.", "/a/..", "/a/./b", "/a/../b", "/%2e", "/%2E%2e",
                           "/.%2e/a", "/%2e./a", "/a/%2e/b", "/a/%2E%2E"}) {
    EXPECT_TRUE(hasDotSegments(path)) << path;
  }
  for (const Bytes path : {"/", "", "*", "/a", "/a.", "/.a", "/...", "/a..b", "/a/..b", "/a/b..", "/%2ea", "/%2e%2e%2e",
                           "/%2f", "/..%2", "a/../b", "/%252e"}) {
    EXPECT_FALSE(hasDotSegments(path)) << path;
  }
}

std::string resolved(Bytes path) {
  std::string out(path.size(), '#');
  return std::string(removeDotSegments(path, out.data()));
}

TEST(DotSegments, AreResolved) {
  struct Row {
    Bytes path, result;
  };
  for (const Row& row : {Row{"/", "/"},
                         Row{"/a/b", "/a/b"},
                         Row{"/.", "/"},
                         Row{"/..", "/"},
                         Row{"/./", "/"},
                         Row{"/../", "/"},
                         Row{"/a/.", "/a/"},
                         Row{"/a/..", "/"},
                         Row{"/a/./b", "/a/b"},
                         Row{"/a/../b", "/b"},
                         Row{"/a/b/../../c", "/c"},
                         Row{"/a/b/c/./../../g", "/a/g"},
                         Row{"/../../a", "/a"},
                         Row{"/a/../../../b", "/b"},
                         Row{"/a//../b", "/a/b"},
                         Row{"//", "//"},
                         Row{"//..", "/"},
                         Row{"/a/%2e%2e/b", "/b"},
                         Row{"/a/%2E./b", "/b"},
                         Row{"/a/.%2e", "/"},
                         Row{"/a/%2e/b", "/a/b"},
                         Row{"/%2e%2e/%2e%2e/etc", "/etc"},
                         Row{"/a/.../b", "/a/.../b"},
                         Row{"/a/b/..", "/a/"}}) {
    EXPECT_EQ(resolved(row.path), row.result) << row.path;
  }
}

// The result begins with a slash, is no longer than the path, has no dot segment left, and is its own result.
TEST(DotSegments, NothingIsLeftToResolve) {
  const Bytes pieces[] = {"/", ".", "..", "%2e", "%2E", "a", "b;c", "/"};
  Rng rng(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string path = "/";
    for (uint64_t n = rng.below(10); n > 0; --n) path += pieces[rng.below(std::size(pieces))];
    const std::string result = resolved(path);
    ASSERT_TRUE(result.starts_with('/')) << path;
    ASSERT_LE(result.size(), path.size()) << path;
    ASSERT_FALSE(hasDotSegments(result)) << path << " gave " << result;
    ASSERT_EQ(resolved(result), result) << path;
    ASSERT_TRUE(hasDotSegments(path) || result == path) << path;
  }
}

}  // namespace
}  // namespace outrigger::http
