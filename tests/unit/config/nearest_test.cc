#include "config/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace outrigger::config {
namespace {

TEST(Nearest, EditDistance) {
  EXPECT_EQ(editDistance("", ""), 0U);
  EXPECT_EQ(editDistance("abc", "abc"), 0U);
  EXPECT_EQ(editDistance("abc", ""), 3U);
  EXPECT_EQ(editDistance("", "abc"), 3U);
  EXPECT_EQ(editDistance("abc", "abd"), 1U);
  EXPECT_EQ(editDistance("abc", "ab"), 1U);
  EXPECT_EQ(editDistance("abc", "acb"), 1U);  // neighbours swapped
  EXPECT_EQ(editDistance("timeout", "tiemout"), 1U);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3U);
}

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<Bytes> keys{"timeout", "retry",  "hedge", "failures", "breaker",
                                "eject",   "limits", "mode",  "headBytes"};
  EXPECT_EQ(nearest("tiemout", keys), "timeout");
  EXPECT_EQ(nearest("time-out", keys), "timeout");
  EXPECT_EQ(nearest("Retry", keys), "retry");
  EXPECT_EQ(nearest("retries", keys), std::nullopt);
  EXPECT_EQ(nearest("limit", keys), "limits");
  EXPECT_EQ(nearest("head_bytes", keys), "headBytes");
  EXPECT_EQ(nearest("xyz", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(nearest(std::string(65, 'a'), keys), std::nullopt);
  EXPECT_EQ(nearest("timeout", {}), std::nullopt);
}

TEST(Nearest, AShortWordIsNotMadeOfAnother) {
  const std::vector<Bytes> words{"a", "to"};
  EXPECT_EQ(nearest("b", words), std::nullopt);
  EXPECT_EQ(nearest("tp", words), "to");
}

}  // namespace
}  // namespace outrigger::config
