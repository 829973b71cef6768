#include "proxy/policy/limits.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace outrigger::policy {
namespace {

TEST(SharedLimit, IsExact) {
  SharedLimit limit;
  EXPECT_FALSE(limit.take(0));
  EXPECT_TRUE(limit.take(2));
  EXPECT_TRUE(limit.take(2));
  EXPECT_FALSE(limit.take(2));
  EXPECT_EQ(limit.taken(), 2U);
  limit.giveBack();
  EXPECT_TRUE(limit.take(2));
}

TEST(SharedLimit, ALoweredLimitWaitsUntilPlacesAreFree) {
  SharedLimit limit;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(3));
  EXPECT_FALSE(limit.take(1));
  limit.giveBack();
  limit.giveBack();
  EXPECT_FALSE(limit.take(1));
  limit.giveBack();
  EXPECT_TRUE(limit.take(1));
}

TEST(SharedLimit, ThreadsTogetherNeverExceedIt) {
  constexpr uint32_t kLimit = 3;
  SharedLimit limit;
  std::atomic<uint32_t> inside{0};
  std::atomic<bool> exceeded{false};
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        if (!limit.take(kLimit)) continue;
        if (inside.fetch_add(1) + 1 > kLimit) exceeded = true;
        inside.fetch_sub(1);
        limit.giveBack();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(limit.taken(), 0U);
}

}  // namespace
}  // namespace outrigger::policy
