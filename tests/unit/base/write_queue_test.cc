#include "proxy/base/write_queue.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "proxy/base/rng.h"
#include "tests/support/recording_transport.h"

namespace outrigger {
namespace {

using outrigger::testing::RecordingTransport;
using Sizes = std::vector<size_t>;

class WriteQueueTest : public ::testing::Test {
 protected:
  void put(Bytes text) {
    std::memcpy(queue.reserve(text.size()), text.data(), text.size());
    queue.commit(text.size());
  }

  Turn turn{Instant(1s), WallTime(), 1};
  RecordingTransport transport;
  WriteQueue queue{turn, transport};
};

TEST_F(WriteQueueTest, SmallThingsLeaveTogetherWhenTheCallbackEnds) {
  put("hello");
  queue.copy(", ");
  queue.borrow("world");
  EXPECT_EQ(transport.written, "");
  EXPECT_EQ(queue.pending(), 12U);
  turn.settle();
  EXPECT_EQ(transport.written, "hello, world");
  EXPECT_EQ(transport.writes, Sizes{1}) << "one contiguous piece";
  EXPECT_EQ(queue.pending(), 0U);
  turn.settle();
  EXPECT_EQ(transport.writes.size(), 1U);
}

TEST_F(WriteQueueTest, SmallTextsAreCopiedAtOnce) {
  std::string text = "hello";
  queue.borrow(text);
  text = "XXXXX";
  turn.settle();
  EXPECT_EQ(transport.written, "hello");
}

TEST_F(WriteQueueTest, WhatManyCallbacksSayLeavesTogetherWhenTheTurnEnds) {
  queue.gatherOverTurn();
  queue.copy("one ");
  turn.settle();
  queue.copy("two ");
  turn.settle();
  EXPECT_EQ(transport.written, "");
  turn.endTurn();
  EXPECT_EQ(transport.written, "one two ");
  EXPECT_EQ(transport.writes, Sizes{1});
  const std::string content(5000, 'x');
  queue.borrow(content);
  turn.settle();
  EXPECT_EQ(transport.written, "one two " + content) << "it is not valid any longer";
}

TEST_F(WriteQueueTest, LargeContentIsOnlyReferenced) {
  const std::string content(5000, 'x');
  put("head");
  queue.borrow(content);
  queue.copy("tail");
  turn.settle();
  EXPECT_EQ(transport.written, "head" + content + "tail");
  EXPECT_EQ(transport.writes, Sizes{3});
}

TEST_F(WriteQueueTest, ManyPiecesLeaveEarly) {
  const std::string content(3000, 'x');
  for (int i = 0; i < 5; ++i) queue.borrow(content);
  EXPECT_EQ(transport.writes, Sizes{4});
  turn.settle();
  EXPECT_EQ(transport.writes, (Sizes{4, 1}));
  EXPECT_EQ(transport.written.size(), 15'000U);
}

TEST_F(WriteQueueTest, NothingIsNotWritten) {
  queue.copy("");
  queue.borrow("");
  queue.reserve(10);
  queue.commit(0);
  queue.flush();
  turn.settle();
  EXPECT_TRUE(transport.writes.empty());
  EXPECT_FALSE(queue.handedOver());
}

TEST_F(WriteQueueTest, MoreThanAChunkHoldsIsWrittenEarly) {
  put(std::string(ChunkPool::kSmall - 10, 'a'));
  put(std::string(20, 'b'));
  EXPECT_EQ(transport.written.size(), ChunkPool::kSmall - 10);
  turn.settle();
  EXPECT_EQ(transport.written, std::string(ChunkPool::kSmall - 10, 'a') + std::string(20, 'b'));
}

// Nothing was written into the room that was reserved first, so there was nothing to flush, and the chunk stayed.
TEST_F(WriteQueueTest, ReservingMoreBehindARoomLeftUnused) {
  queue.reserve(10);
  const std::string text(100'000, 'x');
  put(text);
  turn.settle();
  EXPECT_EQ(transport.written, text);
}

TEST_F(WriteQueueTest, PartOfARoomMayBeUsed) {
  std::memcpy(queue.reserve(4000), "ab", 2);
  queue.commit(2);
  put("c");
  turn.settle();
  EXPECT_EQ(transport.written, "abc");
}

TEST_F(WriteQueueTest, ChunksGoBackToThePool) {
  put("hello");
  EXPECT_EQ(turn.chunks.unusedBytes(), 0U);
  turn.settle();
  EXPECT_EQ(turn.chunks.unusedBytes(), ChunkPool::kSmall) << "an idle connection holds no memory";
}

TEST_F(WriteQueueTest, PendingCountsWhatTheKernelHasNotTaken) {
  transport.stuck = 1000;
  put("hello");
  EXPECT_EQ(queue.pending(), 1005U);
  turn.settle();
  EXPECT_EQ(queue.pending(), 1000U);
}

TEST_F(WriteQueueTest, KnowsWhetherThePeerMayHaveSeenAnything) {
  put("hello");
  EXPECT_FALSE(queue.handedOver());
  turn.settle();
  EXPECT_TRUE(queue.handedOver());
  queue.forgetHandedOver();
  EXPECT_FALSE(queue.handedOver());
  put("again");
  queue.discard();
  turn.settle();
  EXPECT_FALSE(queue.handedOver());
  EXPECT_EQ(transport.written, "hello");
}

// A transport that asks back from inside of write() must already see it.
TEST_F(WriteQueueTest, HandedOverIsTrueBeforeTheKernelSeesTheFirstByte) {
  struct Asking final : Transport {
    void attach(TransportSink&) override {}
    void write(std::span<const Bytes>) override { seen = queue->handedOver(); }
    size_t queued() const override { return 0; }
    void pause() override {}
    void resume() override {}
    void shutdown() override {}
    void close(CloseMode) override {}
    PeerState probe() override { return PeerState::Quiet; }
    const PeerInfo& peer() const override { return info; }
    PeerInfo info;
    WriteQueue* queue = nullptr;
    bool seen = false;
  } asking;
  WriteQueue asked(turn, asking);
  asking.queue = &asked;
  asked.copy("x");
  turn.settle();
  EXPECT_TRUE(asking.seen);
}

TEST_F(WriteQueueTest, AQueueThatDiesWritesNothing) {
  {
    WriteQueue brief(turn, transport);
    brief.copy("hello");
  }
  turn.settle();
  EXPECT_EQ(transport.written, "");
}

TEST_F(WriteQueueTest, WhateverIsPutInComesOutInOrder) {
  Rng rng(9);
  for (int round = 0; round < 200; ++round) {
    std::string expected;
    std::vector<std::unique_ptr<std::string>> borrowed;
    for (uint64_t n = rng.below(30); n > 0; --n) {
      const size_t size = rng.below(rng.chance(0.2) ? 30'000 : 300);
      auto text = std::make_unique<std::string>(size, static_cast<char>('a' + rng.below(26)));
      expected += *text;
      switch (rng.below(5)) {
        case 0: queue.copy(*text); break;
        case 1: put(*text); break;
        case 2:
          queue.reserve(size + rng.below(100));
          queue.commit(0);
          queue.copy(*text);
          break;
        case 3:
          queue.borrow(*text);
          queue.flush();
          break;
        default:
          queue.borrow(*text);
          borrowed.push_back(std::move(text));
          break;
      }
    }
    turn.settle();
    ASSERT_EQ(std::exchange(transport.written, {}), expected) << round;
  }
}

}  // namespace
}  // namespace outrigger
