#include "config/diagnostic.h"

#include <gtest/gtest.h>

#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

std::string renderAll(Bytes text) {
  std::string out;
  for (const Diagnostic& diagnostic : loadText(text).diagnostics) out += render(diagnostic);
  return out;
}

TEST(Diagnostic, AllFindingsComeAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(renderAll(R"(version: 1
app: {prot: 8080}
listen: {admin: localhost:15100}
policies:
  default:
    timeout: {request: 5}
upstreams:
  payments:
    endpoints: ["10.0.0.7"]
    policy: fragil
routes:
  - to: paymnets
)"),
            R"(outrigger.yaml:2:6 OR121 the app needs the key `port`, `address` or `ports`
    app: {prot: 8080}
         ^
  try: port: 8080
outrigger.yaml:2:7 OR120 the app has no key `prot`
    app: {prot: 8080}
          ^
  try: port
outrigger.yaml:3:17 OR128 `admin` needs an IP address, no name
    listen: {admin: localhost:15100}
                    ^
  try: admin: 127.0.0.1:15100
outrigger.yaml:6:24 OR124 `request` needs a unit: h, m, s or ms
        timeout: {request: 5}
                           ^
  try: request: 5s
outrigger.yaml:9:17 OR128 an item of `endpoints` needs a port behind the address
        endpoints: ["10.0.0.7"]
                    ^
  try: 10.0.0.7:8080
outrigger.yaml:10:13 OR201 there is no policy `fragil`
        policy: fragil
                ^
outrigger.yaml:12:9 OR202 there is no upstream `paymnets`
      - to: paymnets
            ^
  try: payments
)");
}

TEST(Diagnostic, TheCaretStandsUnderCharactersNotOctets) {
  EXPECT_EQ(renderAll("version: 1\n# x\nlog: {level: \"\u00e9\u00e9\", access: \u00e9}\n"),
            "outrigger.yaml:3:14 OR129 `level` knows the words debug, info, warn, error, not `\u00e9\u00e9`\n"
            "    log: {level: \"\u00e9\u00e9\", access: \u00e9}\n"
            "                 ^\n"
            "outrigger.yaml:3:30 OR129 `access` knows the words all, errors, none, not `\u00e9`\n"
            "    log: {level: \"\u00e9\u00e9\", access: \u00e9}\n"
            "                               ^\n");
}

TEST(Diagnostic, OfALongLineThePartAroundTheCaretIsShown) {
  const std::string text = "version: 1 #" + std::string(300, 'x') + "\nlog: {headers: [" + std::string(200, 'a') +
                           ", b c, " + std::string(200, 'd') + "]}\n";
  const auto result = loadText(text);
  ASSERT_EQ(result.diagnostics.size(), 1U);
  const std::string out = render(result.diagnostics[0]);
  EXPECT_EQ(out.substr(out.find('\n') + 1), "    ..." + std::string(68, 'a') + ", b c, " + std::string(35, 'd') +
                                                "...\n    " + std::string(73, ' ') + "^\n");
}

TEST(Diagnostic, ControlCharactersOfTheFileDoNotReachTheTerminal) {
  Diagnostic diagnostic{Code::BadOctet, "a\x1b.yaml", {1, 3}, "m", "", "a\tb\x1b[31mc"};
  EXPECT_EQ(render(diagnostic), "a?.yaml:1:3 OR111 m\n    a b?[31mc\n      ^\n");
}

TEST(Diagnostic, AnEmptySourceLineIsNotShown) {
  EXPECT_EQ(render({Code::EmptyFile, "f", {1, 1}, "the file is empty", "version: 1", ""}),
            "f:1:1 OR103 the file is empty\n  try: version: 1\n");
}

TEST(Diagnostics, AreKeptOnceAndInTheOrderOfPlaces) {
  Diagnostics diagnostics("f", "a\nb\n");
  diagnostics.report(Code::UnknownKey, {2, 1}, "second");
  diagnostics.report(Code::UnknownKey, {1, 1}, "first");
  diagnostics.report(Code::UnknownKey, {2, 1}, "second");
  diagnostics.report(Code::NoValue, {1, 1}, "also first");
  const auto all = diagnostics.take();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].message, "first");
  EXPECT_EQ(all[1].message, "also first");
  EXPECT_EQ(all[2].message, "second");
  EXPECT_EQ(all[2].sourceLine, "b");
}

TEST(Diagnostics, AreBoundedInNumberAndErrorsStillCount) {
  Diagnostics diagnostics("f", "");
  for (uint32_t i = 0; i < Diagnostics::kMost; ++i) diagnostics.report(Code::NeverMatches, {i + 1, 1}, "x");
  EXPECT_TRUE(diagnostics.full());
  EXPECT_FALSE(diagnostics.hasErrors());
  diagnostics.report(Code::UnknownKey, {1, 1}, "an error");
  EXPECT_TRUE(diagnostics.hasErrors());
  EXPECT_EQ(diagnostics.take().size(), Diagnostics::kMost);
}

TEST(Diagnostics, QuotesAreShortAndPrintable) {
  EXPECT_EQ(inQuotes("abc"), "`abc`");
  EXPECT_EQ(inQuotes("a\nb\x7f"), "`a?b?`");
  EXPECT_EQ(inQuotes(std::string(61, 'x')), "`" + std::string(60, 'x') + "...`");
  EXPECT_EQ(inQuotes(std::string(59, 'x') + "\u00e9"), "`" + std::string(59, 'x') + "...`");
}

TEST(Diagnostics, APrivateKeyThatWasPastedIsNotShown) {
  const LoadResult result =
      loadText("version: 1\nidentity: {cert: /c, key: \"-----BEGIN PRIVATE KEY-----\\nMIIEvQ\"}\n");
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(render(result.diagnostics[0]).find("MIIEvQ"), std::string::npos);
  EXPECT_NE(render(result.diagnostics[0]).find("needs the path of a PEM file"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::config
