#include "config/code.h"

#include <gtest/gtest.h>

namespace outrigger::config {
namespace {

TEST(Code, CodesAscendAndSoAreUnique) {
  const auto codes = allCodes();
  for (size_t i = 1; i < codes.size(); ++i) EXPECT_LT(codes[i - 1].code, codes[i].code) << codeText(codes[i].code);
}

TEST(Code, EachHasOneSentence) {
  for (const CodeRow& row : allCodes()) {
    EXPECT_TRUE(row.explanation.ends_with('.')) << codeText(row.code);
    EXPECT_GT(row.explanation.size(), 20U) << codeText(row.code);
    EXPECT_EQ(row.explanation.find("\n"), Bytes::npos) << codeText(row.code);
  }
}

TEST(Code, IsFoundByItsTextInAnyCase) {
  for (const CodeRow& row : allCodes()) {
    ASSERT_NE(findCode(codeText(row.code)), nullptr);
    EXPECT_EQ(findCode(codeText(row.code))->code, row.code);
  }
  ASSERT_NE(findCode("or204"), nullptr);
  EXPECT_EQ(findCode("or204")->code, Code::ExtendsCycle);
  for (const Bytes text : {"OR999", "OR", "", "204", "OR2040"}) EXPECT_EQ(findCode(text), nullptr) << text;
}

TEST(Code, OnlyThreeHundredsAreWarnings) {
  EXPECT_EQ(severityOf(Code::Syntax), Severity::Error);
  EXPECT_EQ(severityOf(Code::ImpossiblePair), Severity::Error);
  EXPECT_EQ(severityOf(Code::NeverMatches), Severity::Warning);
}

}  // namespace
}  // namespace outrigger::config
