#include "proxy/base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proxy/base/rng.h"

namespace outrigger {
namespace {

class ArenaTest : public ::testing::Test {
 protected:
  ChunkPool pool;
  Arena arena{pool};
};

TEST_F(ArenaTest, HoldsNothingUntilItIsAsked) {
  EXPECT_EQ(arena.footprint(), 0U);
  EXPECT_EQ(arena.copy(""), "");
  EXPECT_EQ(arena.array<int>(0).size(), 0U);
  EXPECT_EQ(arena.join(Bytes(), Bytes("")), "");
  EXPECT_EQ(arena.footprint(), 0U);
}

TEST_F(ArenaTest, CopiesAndJoinsTexts) {
  std::string source = "hello";
  const Bytes copy = arena.copy(source);
  const Bytes joined = arena.join(Bytes(source), ", ", Bytes(), "world");
  source = "XXXXX";
  EXPECT_EQ(copy, "hello");
  EXPECT_EQ(joined, "hello, world");
}

TEST_F(ArenaTest, EveryTypeIsAligned) {
  struct alignas(16) Wide {
    char octets[16];
  };
  for (int i = 0; i < 500; ++i) {
    arena.copy("x");
    EXPECT_EQ(reinterpret_cast<uintptr_t>(&arena.make<uint64_t>(1U)) % alignof(uint64_t), 0U);
    arena.copy("xyz");
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.array<uint32_t>(3).data()) % alignof(uint32_t), 0U);
    arena.copy("x");
    EXPECT_EQ(reinterpret_cast<uintptr_t>(&arena.make<Wide>()) % 16, 0U);
  }
}

TEST_F(ArenaTest, LargeThingsGetAChunkOfTheirOwn) {
  const std::string text(100'000, 'x');
  EXPECT_EQ(arena.copy(text), text);
  EXPECT_GE(arena.footprint(), text.size());
  EXPECT_EQ(arena.copy("behind"), "behind");
}

TEST_F(ArenaTest, KeepsNoChunkThatIsNotSmall) {
  for (const size_t size : {ChunkPool::kSmall + 1, ChunkPool::kLarge + 1}) {
    Arena used(pool);
    used.copy(std::string(size, 'x'));
    used.reset();
    EXPECT_EQ(used.footprint(), 0U) << size;
    EXPECT_EQ(used.copy("next"), "next");
    used.reset();
    EXPECT_EQ(used.footprint(), ChunkPool::kSmall);
  }
}

struct Noted {
  Noted(std::string& order, char name) : order(order), name(name) {}
  ~Noted() { order += name; }
  std::string& order;
  char name;
};

TEST_F(ArenaTest, DestroysInReverse) {
  std::string order;
  for (const char name : {'a', 'b', 'c'}) arena.make<Noted>(order, name);
  arena.reset();
  EXPECT_EQ(order, "cba");
  arena.reset();
  EXPECT_EQ(order, "cba");
}

TEST_F(ArenaTest, WhatIsMadeByAConstructorOutlivesItsMaker) {
  std::string order;
  struct Maker {
    Maker(Arena& arena, std::string& order) : child(arena.make<Noted>(order, 'c')) {}
    ~Maker() { child.order += std::string("maker of ") + child.name + " "; }
    Noted& child;
  };
  arena.make<Maker>(arena, order);
  arena.reset();
  EXPECT_EQ(order, "maker of c c");
}

TEST_F(ArenaTest, ResetKeepsOneChunkAndGivesBackTheRest) {
  for (int i = 0; i < 10; ++i) arena.allocate(3000);
  EXPECT_EQ(arena.footprint(), 10 * ChunkPool::kSmall);
  arena.reset();
  EXPECT_EQ(arena.footprint(), ChunkPool::kSmall);
  EXPECT_EQ(pool.unusedBytes(), 9 * ChunkPool::kSmall);
  arena.allocate(3000);
  EXPECT_EQ(arena.footprint(), ChunkPool::kSmall) << "the kept chunk is used again";
}

TEST_F(ArenaTest, EverythingComesBackWithIt) {
  std::string order;
  {
    Arena brief(pool);
    brief.make<Noted>(order, 'x');
    brief.allocate(10'000);
  }
  EXPECT_EQ(order, "x");
  EXPECT_EQ(pool.unusedBytes(), ChunkPool::kSmall + ChunkPool::kLarge);
}

TEST_F(ArenaTest, NothingOverlaps) {
  Rng rng(5);
  for (int round = 0; round < 20; ++round) {
    std::map<const char*, size_t> taken;
    for (int i = 0; i < 300; ++i) {
      const size_t size = 1 + rng.below(rng.chance(0.05) ? 20'000 : 200);
      const size_t align = size_t{1} << rng.below(5);
      const auto* at = static_cast<const char*>(arena.allocate(size, align));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(at) % align, 0U);
      const auto behind = taken.lower_bound(at);
      ASSERT_TRUE(behind == taken.end() || at + size <= behind->first);
      ASSERT_TRUE(behind == taken.begin() || std::prev(behind)->first + std::prev(behind)->second <= at);
      taken.emplace(at, size);
    }
    arena.reset();
  }
}

}  // namespace
}  // namespace outrigger
