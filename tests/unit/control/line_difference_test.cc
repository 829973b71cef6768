#include "control/cli/line_difference.h"

#include <gtest/gtest.h>

#include <chrono>

namespace outrigger::control::cli {
namespace {

TEST(LineDifference, NothingForTheSame) {
  EXPECT_EQ(lineDifference("f", "a\nb\n", "a\nb\n"), "");
}

TEST(LineDifference, ALineWithOtherBlanks) {
  EXPECT_EQ(lineDifference("f", "a\nb:  1\nc\n", "a\nb: 1\nc\n"),
            "--- f\n+++ f (formatted)\n@@ -1,3 +1,3 @@\n a\n-b:  1\n+b: 1\n c\n");
}

TEST(LineDifference, BlankLinesThatGo) {
  EXPECT_EQ(lineDifference("f", "\na\n\n\nb\n", "a\n\nb\n"),
            "--- f\n+++ f (formatted)\n@@ -1,5 +1,3 @@\n-\n a\n \n-\n b\n");
}

TEST(LineDifference, ChangesFarApartAreToldApart) {
  const std::string same = "1\n2\n3\n4\n5\n6\n7\n";
  EXPECT_EQ(lineDifference("f", "a \n" + same + "b \n", "a\n" + same + "b\n"),
            "--- f\n+++ f (formatted)\n@@ -1,4 +1,4 @@\n-a \n+a\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b \n+b\n");
}

TEST(LineDifference, ChangesBesideOneAnotherStandTogether) {
  EXPECT_EQ(lineDifference("f", "a \nb \n", "a\nb\n"), "--- f\n+++ f (formatted)\n@@ -1,2 +1,2 @@\n-a \n-b \n+a\n+b\n");
}

TEST(LineDifference, ANewlineThatWasMissing) {
  EXPECT_EQ(lineDifference("f", "a", "a\n"),
            "--- f\n+++ f (formatted)\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

// One of some ten thousand hunks after the other: to count all lines above each would take minutes.
TEST(LineDifference, ManyChangesAreNoMatterOfMinutes) {
  constexpr int kChanges = 20'000;
  std::string before;
  std::string after;
  for (int i = 0; i < kChanges; ++i) {
    before += "a \n1\n2\n3\n4\n5\n6\n7\n";
    after += "a\n1\n2\n3\n4\n5\n6\n7\n";
  }
  const auto begun = std::chrono::steady_clock::now();
  const std::string difference = lineDifference("f", before, after);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
  EXPECT_TRUE(difference.ends_with("@@ -159990,7 +159990,7 @@\n 5\n 6\n 7\n-a \n+a\n 1\n 2\n 3\n"))
      << difference.size();
}

}  // namespace
}  // namespace outrigger::control::cli
