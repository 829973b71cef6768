#include "config/changes.h"

#include <gtest/gtest.h>

namespace outrigger::config {
namespace {

TEST(Changes, AreByValueAndNotByPlace) {
  const std::vector<EffectiveValue> before{
      {"a", "1", "built-in"}, {"b", "2", "x.yaml:2"}, {"c", "3", "x.yaml:3"}, {"d", "4", "x.yaml:4"}};
  const std::vector<EffectiveValue> after{
      {"a", "5", "x.yaml:9"}, {"c", "3", "x.yaml:7"}, {"d", "4", "built-in"}, {"e", "6", "x.yaml:8"}};
  EXPECT_EQ(changesBetween(before, after), (std::vector<Change>{{"a", "1", "5", "x.yaml:9"},
                                                                {"e", std::nullopt, "6", "x.yaml:8"},
                                                                {"b", "2", std::nullopt, "x.yaml:2"}}));
  EXPECT_TRUE(changesBetween(after, after).empty());
}

TEST(Changes, AnEmptyTextIsThere) {
  const std::vector<EffectiveValue> empty{{"a", "", "x.yaml:1"}};
  EXPECT_EQ(changesBetween({}, empty), (std::vector<Change>{{"a", std::nullopt, "", "x.yaml:1"}}));
  EXPECT_EQ(changesBetween(empty, {}), (std::vector<Change>{{"a", "", std::nullopt, "x.yaml:1"}}));
}

}  // namespace
}  // namespace outrigger::config
