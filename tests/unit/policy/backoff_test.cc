#include "proxy/policy/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace outrigger::policy {
namespace {

TEST(Backoff, TheFirstLiesBetweenBaseAndThreeTimesBase) {
  Rng rng(1);
  Duration least = kLongestSetting;
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = nextBackoff({.base = 25ms, .max = 1s}, 0ms, rng);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, 25ms);
  EXPECT_LT(least, 26ms);
  EXPECT_GT(most, 74ms);
  EXPECT_LE(most, 75ms);
}

TEST(Backoff, TheNextLiesBetweenBaseAndThreeTimesThePrevious) {
  Rng rng(2);
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = nextBackoff({.base = 25ms, .max = 1s}, 100ms, rng);
    EXPECT_GE(delay, 25ms);
    EXPECT_LE(delay, 300ms);
    most = std::max(most, delay);
  }
  EXPECT_GT(most, 290ms);
}

TEST(Backoff, NeverExceedsItsMaximum) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Rng rng(seed);
    const Duration base = rng.between(1ms, 2s);
    const BackoffSettings settings{.base = base, .max = 1s};
    Duration previous{};
    for (int i = 0; i < 10; ++i) {
      previous = nextBackoff(settings, previous, rng);
      EXPECT_LE(previous, 1s);
      EXPECT_GE(previous, std::min(base, Duration(1s)));
    }
  }
}

TEST(Backoff, ThoseWhoFailTogetherDoNotRetryTogether) {
  std::array<int, 200> buckets{};  // of 10 ms
  for (uint64_t client = 1; client <= 1000; ++client) {
    Rng rng(client);
    Duration at{};
    Duration previous{};
    for (int i = 0; i < 3; ++i) {
      previous = nextBackoff({.base = 50ms, .max = 1s}, previous, rng);
      at += previous;
      ++buckets[std::min<size_t>(static_cast<size_t>(at / 10ms), buckets.size() - 1)];
    }
  }
  EXPECT_LE(std::ranges::max(buckets), 180);
}

TEST(JitteredPause, DoublesUpToItsMaximumLessAFifth) {
  const std::array<Duration, 5> whole{500ms, 1s, 2s, 2s, 2s};
  for (uint32_t k = 0; k < whole.size(); ++k) {
    Rng rng(k + 1);
    for (int i = 0; i < 200; ++i) {
      const Duration pause = jitteredPause(500ms, k, 2s, rng);
      EXPECT_LE(pause, whole[k]);
      EXPECT_GE(pause, whole[k] * 4 / 5);
    }
  }
}

TEST(JitteredPause, ExtremesDoNotOverflow) {
  Rng rng(1);
  EXPECT_LE(jitteredPause(kLongestSetting, kMostDoublings, kLongestSetting, rng), kLongestSetting);
  EXPECT_LE(jitteredPause(1ms, UINT32_MAX, kLongestSetting, rng), kLongestSetting);
  EXPECT_EQ(jitteredPause(0ms, kMostDoublings, 2s, rng), 0ms);
  EXPECT_LE(jitteredPause(5s, 0, 2s, rng), 2s);
}

}  // namespace
}  // namespace outrigger::policy
