#include "proxy/base/mailbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace outrigger {
namespace {

struct CountingWakeup final : Wakeup {
  void wake() override { ++wakes; }
  std::atomic<int> wakes = 0;
};

TEST(Mailbox, RunsTasksInOrderAndOnce) {
  CountingWakeup wakeup;
  Mailbox mailbox(wakeup);
  std::string order;
  for (const char* name : {"a", "b", "c"}) mailbox.post([&order, name] { order += name; });
  EXPECT_EQ(order, "");
  mailbox.drain();
  EXPECT_EQ(order, "abc");
  mailbox.drain();
  EXPECT_EQ(order, "abc");
}

TEST(Mailbox, WakesOncePerFilling) {
  CountingWakeup wakeup;
  Mailbox mailbox(wakeup);
  mailbox.post([] {});
  mailbox.post([] {});
  EXPECT_EQ(wakeup.wakes, 1);
  mailbox.drain();
  mailbox.post([] {});
  EXPECT_EQ(wakeup.wakes, 2);
}

TEST(Mailbox, WhatATaskPostsIsLeftForTheNextCall) {
  CountingWakeup wakeup;
  Mailbox mailbox(wakeup);
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    mailbox.post([&] { again(); });
  };
  mailbox.post([&] { again(); });
  mailbox.drain();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(wakeup.wakes, 2) << "the loop must hear of it";
  mailbox.drain();
  EXPECT_EQ(runs, 2);
}

TEST(Mailbox, TasksMayOwnWhatCannotBeCopied) {
  CountingWakeup wakeup;
  Mailbox mailbox(wakeup);
  int seen = 0;
  mailbox.post([value = std::make_unique<int>(7), &seen] { seen = *value; });
  mailbox.drain();
  EXPECT_EQ(seen, 7);
}

TEST(Mailbox, TasksThatNeverRanAreDestroyedWithIt) {
  const auto token = std::make_shared<int>(1);
  bool ran = false;
  {
    CountingWakeup wakeup;
    Mailbox mailbox(wakeup);
    mailbox.post([token, &ran] { ran = true; });
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_FALSE(ran);
}

// The owner sleeps until it is woken, as a loop does: a lost wake-up would hang this test.
struct SleepingOwner final : Wakeup {
  void wake() override { bell.release(); }
  std::counting_semaphore<> bell{0};
};

TEST(Mailbox, ManyThreadsPostAndNothingIsLost) {
  constexpr size_t kThreads = 4;
  constexpr int kTasks = 2000;
  SleepingOwner owner;
  Mailbox mailbox(owner);
  std::vector<int> next(kThreads, 0);  // touched by the owner's thread only
  bool inOrder = true;
  std::vector<std::jthread> posters;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < kTasks; ++i) {
        mailbox.post([&next, &inOrder, thread, i] { inOrder = inOrder && next[thread]++ == i; });
      }
    });
  }
  const auto done = [&] {
    for (const int count : next) {
      if (count < kTasks) return false;
    }
    return true;
  };
  while (!done()) {
    owner.bell.acquire();
    mailbox.drain();
  }
  EXPECT_TRUE(inOrder) << "the tasks of one thread run in the order in which it posted them";
}

}  // namespace
}  // namespace outrigger
