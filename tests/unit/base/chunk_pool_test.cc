#include "proxy/base/chunk_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>
#include <vector>

namespace outrigger {
namespace {

TEST(ChunkPool, ChunksAreAtLeastAsLargeAsAskedFor) {
  ChunkPool pool;
  struct Row {
    size_t asked, given;
  };
  for (const Row& row :
       {Row{0, ChunkPool::kSmall}, Row{1, ChunkPool::kSmall}, Row{ChunkPool::kSmall, ChunkPool::kSmall},
        Row{ChunkPool::kSmall + 1, ChunkPool::kLarge}, Row{ChunkPool::kLarge, ChunkPool::kLarge},
        Row{ChunkPool::kLarge + 1, ChunkPool::kLarge + 1}, Row{100'000, 100'000}}) {
    const Chunk chunk = pool.take(row.asked);
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk.size(), row.given);
    std::memset(chunk.data(), 0x55, chunk.size());
  }
}

TEST(ChunkPool, TheLastOneGivenBackIsHandedOutFirst) {
  ChunkPool pool;
  Chunk first = pool.take(1);
  Chunk second = pool.take(1);
  const char* const memory = second.data();
  first.reset();
  second.reset();
  EXPECT_EQ(pool.unusedBytes(), 2 * ChunkPool::kSmall);
  EXPECT_EQ(pool.take(1).data(), memory);
}

TEST(ChunkPool, SizesAreNotMixedUp) {
  ChunkPool pool;
  pool.take(ChunkPool::kLarge).reset();
  EXPECT_EQ(pool.unusedBytes(), ChunkPool::kLarge);
  EXPECT_EQ(pool.take(1).size(), ChunkPool::kSmall);
  EXPECT_EQ(pool.unusedBytes(), ChunkPool::kLarge + ChunkPool::kSmall);
}

TEST(ChunkPool, OversizedChunksAreNotKept) {
  ChunkPool pool;
  pool.take(ChunkPool::kLarge + 1).reset();
  EXPECT_EQ(pool.unusedBytes(), 0U);
}

TEST(ChunkPool, MemoryComesBackByHalves) {
  ChunkPool pool;
  {
    std::vector<Chunk> burst;
    for (int i = 0; i < 9; ++i) burst.push_back(pool.take(1));
  }
  EXPECT_EQ(pool.unusedBytes(), 9 * ChunkPool::kSmall);
  pool.shrink();
  EXPECT_EQ(pool.unusedBytes(), 4 * ChunkPool::kSmall);
  for (int i = 0; i < 3; ++i) pool.shrink();
  EXPECT_EQ(pool.unusedBytes(), 0U);
}

TEST(Chunk, MovesAndReturnsOnce) {
  ChunkPool pool;
  Chunk chunk = pool.take(1);
  const char* const memory = chunk.data();
  Chunk moved = std::move(chunk);
  EXPECT_FALSE(chunk);  // NOLINT: what is left behind is defined
  EXPECT_EQ(chunk.size(), 0U);
  EXPECT_EQ(moved.data(), memory);
  Chunk other = pool.take(1);
  other = std::move(moved);
  EXPECT_EQ(other.data(), memory);
  EXPECT_EQ(pool.unusedBytes(), ChunkPool::kSmall) << "what it held before went back";
  Chunk& same = other;
  other = std::move(same);
  EXPECT_EQ(other.data(), memory) << "moved onto itself";
  other.reset();
  other.reset();
  EXPECT_EQ(pool.unusedBytes(), 2 * ChunkPool::kSmall);
  Chunk().reset();
}

}  // namespace
}  // namespace outrigger
