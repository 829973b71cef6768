// For every code: the wrong file gives it, and it alone; of the right one nothing is said.
#include "config/code_example.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

LoadResult loadBare(Bytes text) {
  return load(
      text, "outrigger.yaml", [](Bytes) { return std::nullopt; }, stubFilters());
}

TEST(CodeExample, EveryCodeHasOneInItsOrder) {
  std::vector<CodeExample> rows;
  for (const auto table : {syntaxExamples(), referenceExamples(), riskExamples()}) {
    rows.insert(rows.end(), table.begin(), table.end());
  }
  ASSERT_EQ(rows.size(), allCodes().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(codeText(rows[i].code), codeText(allCodes()[i].code));
    ASSERT_NE(exampleOf(allCodes()[i].code), nullptr);
    EXPECT_EQ(exampleOf(allCodes()[i].code)->code, allCodes()[i].code);
  }
}

TEST(CodeExample, TheWrongFileGivesTheCodeAndNoOther) {
  for (const CodeRow& row : allCodes()) {
    const std::string file = wrongFile(*exampleOf(row.code));
    const LoadResult result = loadBare(file);
    EXPECT_FALSE(result.diagnostics.empty()) << codeText(row.code);
    for (const Diagnostic& found : result.diagnostics) {
      EXPECT_EQ(codeText(found.code), codeText(row.code)) << render(found);
    }
  }
}

TEST(CodeExample, OfTheRightFileNothingIsSaid) {
  for (const CodeRow& row : allCodes()) {
    const LoadResult result = loadBare(exampleOf(row.code)->right);
    EXPECT_EQ(brief(result.diagnostics), "") << codeText(row.code);
    EXPECT_NE(result.model, nullptr) << codeText(row.code);
  }
}

TEST(CodeExample, FitsOnAScreen) {
  for (const CodeRow& row : allCodes()) {
    const CodeExample& example = *exampleOf(row.code);
    EXPECT_NE(example.wrong, example.right);
    for (const Bytes text : {example.wrong, example.right}) {
      EXPECT_TRUE(text.ends_with('\n')) << codeText(row.code);
      EXPECT_LE(std::ranges::count(text, '\n'), 8) << codeText(row.code);
    }
  }
}

TEST(CodeExample, OnlyWhatNoTextCanShowHasAStandIn) {
  std::vector<Code> codes;
  for (const CodeRow& row : allCodes()) {
    const CodeExample& example = *exampleOf(row.code);
    if (example.standIn.empty()) {
      EXPECT_EQ(wrongFile(example), example.wrong);
      EXPECT_TRUE(example.standInMeans.empty()) << codeText(row.code);
      continue;
    }
    codes.push_back(row.code);
    EXPECT_NE(wrongFile(example), example.wrong) << codeText(row.code);
    EXPECT_NE(example.standInMeans.find(example.standIn), Bytes::npos) << codeText(row.code);
  }
  EXPECT_EQ(codes, (std::vector{Code::TooLarge, Code::TooDeep, Code::BadOctet}));
}

}  // namespace
}  // namespace outrigger::config
