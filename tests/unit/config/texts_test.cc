#include "config/texts.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "config/schema.h"

namespace outrigger::config {
namespace {

void expectGood(TextCheck check, std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_FALSE(check(text)) << text;
}

void expectBad(TextCheck check, std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_TRUE(check(text)) << text;
}

TEST(Texts, Names) {
  expectGood(checkName, {"a", "payments", "Pay-2", "ledger.shop.svc", "a_b", "9lives"});
  expectBad(checkName, {"", "-a", ".a", "_a", "a b", "a/b", "\u00e9", "a\n"});
  EXPECT_FALSE(checkName(std::string(128, 'a')));
  EXPECT_TRUE(checkName(std::string(129, 'a')));
}

TEST(Texts, Hosts) {
  expectGood(checkHostMatch,
             {"payments", "payments:8080", ".example.com", ".example.com:80", "10.0.0.1", "[::1]", "[::1]:80"});
  expectBad(checkHostMatch, {"", "*", "*.example.com", "a b", "a:0", "a:70000", "a:", "a:080000", "http://a", ".",
                             "a..b", "[::1", "::1", "[x]:80", "a/b", "a@b"});
  expectGood(checkHost, {"a", "a.b:80", "[::1]:80"});
  expectBad(checkHost, {".a", "*.a", ""});
}

TEST(Texts, AHostApart) {
  EXPECT_EQ(splitHost("Payments:8080").host, "payments");
  EXPECT_EQ(splitHost("Payments:8080").port, 8080);
  EXPECT_EQ(splitHost(".Example.com").host, ".example.com");
  EXPECT_EQ(splitHost(".Example.com").port, 0);
  EXPECT_EQ(splitHost("[FD00::1]:81").host, "fd00::1");
  EXPECT_EQ(splitHost("[FD00::1]:81").port, 81);
  EXPECT_EQ(splitHost("[::1]").port, 0);
  EXPECT_EQ(splitHost("").host, "");
}

TEST(Texts, HeaderNames) {
  expectGood(checkHeaderName, {"x-a", "Content-Type", "x_a", "!#$%&'*+-.^_`|~9"});
  expectBad(checkHeaderName, {"", "a b", "a:", ":path", "a\r\n", "\u00e9"});
  expectGood(checkOwnHeaderName, {"x-a", "content-type", "location", "server", "authorization"});
  expectBad(checkOwnHeaderName,
            {"Content-Length", "transfer-encoding", "CONNECTION", "host", "te", "via", "Outrigger-Reason"});
}

TEST(Texts, HeadersThatHoldSecretsAreNeverLogged) {
  expectBad(checkLoggedHeader, {"Authorization",
                                "authorization",
                                "Cookie",
                                "Set-Cookie",
                                "Proxy-Authorization",
                                "X-Api-Key",
                                "api-key",
                                "apikey",
                                "x-auth-token",
                                "X-Access-Token",
                                "x-amz-security-token",
                                "x-csrf-token",
                                "x-session-id",
                                "x-jwt-assertion",
                                "X_SECRET",
                                "x-client-secret",
                                "x-hub-signature",
                                "www-authenticate",
                                "x-password",
                                "x.private.key"});
  expectGood(checkLoggedHeader, {"x-request-id", "idempotency-key", "user-agent", "x-author", "x-tokenizer",
                                 "content-type", "x-team", "x-monkey", "accept"});
}

TEST(Texts, HeaderValues) {
  expectGood(checkHeaderValue, {"", "a", "a b", "a\u00e9", "\"quoted\""});
  expectBad(checkHeaderValue, {" a", "a ", "a\nb", "a\rb", "\x7f"});
  EXPECT_TRUE(checkHeaderValue(Bytes("a\0b", 3)));
  EXPECT_TRUE(checkHeaderValue(std::string(8193, 'a')));
}

TEST(Texts, Methods) {
  expectGood(checkMethod, {"GET", "POST", "PURGE", "M-SEARCH", "purge"});
  expectBad(checkMethod, {"get", "Post", "", "A B", "GET\n"});
  expectGood(checkRetryMethod, {"GET", "DELETE", "POST", "PATCH"});
  expectBad(checkRetryMethod, {"PURGE", "CONNECT", "get", ""});
}

TEST(Texts, Paths) {
  expectGood(checkPath, {"/", "/v1", "/v1/", "/a%20b", "/a//b", "/.well-known/x", "/a.b/..c", "/\u00e9"});
  expectBad(checkPath, {"", "v1", "/a?b", "/a#b", "/a b", "/a/../b", "/a/..", "/.", "/./a", "http://a/b", "/a\n"});
  expectGood(checkPrefix, {"/", "/v1", "/v1/x"});
  expectBad(checkPrefix, {"/v1/", "//", "v1", ""});
  expectGood(checkRegex, {"/.*", "/v[0-9]+", ".*", "/a|/b", "^/x$"});
  expectBad(checkRegex, {"", "^", "$", "^$", "()", " ", "(^$)", "a\nb"});
}

TEST(Texts, Failures) {
  expectGood(checkFailure, {"unsent", "reset", "timeout", "503", "100", "599", "5xx", "1xx"});
  expectBad(checkFailure, {"", "5XX", "6xx", "0xx", "99", "600", "0503", "xx", "connect", "5x", "-50"});
}

}  // namespace
}  // namespace outrigger::config
