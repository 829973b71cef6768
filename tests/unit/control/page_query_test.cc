#include "control/page_query.h"

#include <gtest/gtest.h>

#include "control/percent.h"

namespace outrigger::control {
namespace {

TEST(PageQuery, FindsAValueByItsName) {
  EXPECT_EQ(queryValue("id=7", "id"), "7");
  EXPECT_EQ(queryValue("a=1&id=x%20y&id=z", "id"), "x y");
  EXPECT_EQ(queryValue("errors&max=3", "errors"), "");
  EXPECT_EQ(queryValue("a=1", "id"), std::nullopt);
  EXPECT_EQ(queryValue("", "id"), std::nullopt);
  EXPECT_EQ(queryValue("xid=1", "id"), std::nullopt);
  EXPECT_EQ(queryValue("id=a=b", "id"), "a=b");
}

TEST(PageQuery, DecodesStrictly) {
  EXPECT_EQ(percentDecoded("127.0.0.1%3A80"), "127.0.0.1:80");
  EXPECT_EQ(percentDecoded("%2f%2F+"), "//+");
  for (const char* bad : {"%", "%4", "%4g", "%g4", "a%", "%+1", "% 1", "%-1"}) {
    EXPECT_EQ(percentDecoded(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace outrigger::control
