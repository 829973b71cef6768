#include "proxy/metrics/exemplars.h"

#include <gtest/gtest.h>

#include <thread>

namespace outrigger::metrics {
namespace {

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";

TEST(Exemplars, TheLastOneOfEachBucket) {
  Exemplars exemplars;
  EXPECT_FALSE(exemplars.any());
  EXPECT_FALSE(exemplars.read(3));
  exemplars.note(3, "00000000000000000000000000000001", 2ms, WallTime(1s));
  exemplars.note(3, kTrace, 3ms, WallTime(2s));
  EXPECT_TRUE(exemplars.any());
  EXPECT_FALSE(exemplars.read(2));
  const auto found = exemplars.read(3);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->trace, (std::array<uint64_t, 2>{0x0af7651916cd43dd, 0x8448eb211c80319c}));
  EXPECT_EQ(found->value, 3ms);
  EXPECT_EQ(found->at, WallTime(2s));
}

TEST(Exemplars, WhatIsNoTraceIsLeftOut) {
  Exemplars exemplars;
  for (const char* text :
       {"", "0af7651916cd43dd", "0af7651916cd43dd8448eb211c80319x", "0af7651916cd43dd 448eb211c80319c"}) {
    exemplars.note(0, text, 1ms, WallTime(1s));
  }
  EXPECT_FALSE(exemplars.any());
}

// All words of one exemplar are the same number: whoever reads others has read a torn one.
TEST(Exemplars, AReaderSeesWholeOnes) {
  Exemplars exemplars;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int64_t i = 1; i <= 20'000; ++i) {
      char digits[33];
      std::snprintf(digits, sizeof(digits), "%016llx%016llx", static_cast<long long>(i), static_cast<long long>(i));
      exemplars.note(1, digits, Duration(i), WallTime(Duration(i)));
    }
    done.store(true, std::memory_order_release);
  });
  uint64_t last = 0;
  for (bool ended = false; !ended;) {
    ended = done.load(std::memory_order_acquire);
    const auto found = exemplars.read(1);
    if (!found) continue;
    const uint64_t number = found->trace[0];
    EXPECT_EQ(found->trace[1], number);
    EXPECT_EQ(found->value, Duration(static_cast<int64_t>(number)));
    EXPECT_EQ(found->at, WallTime(Duration(static_cast<int64_t>(number))));
    EXPECT_GE(number, last);
    last = number;
  }
  writer.join();
  EXPECT_EQ(last, 20'000U);
}

}  // namespace
}  // namespace outrigger::metrics
