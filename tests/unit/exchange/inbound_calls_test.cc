#include "proxy/exchange/inbound_calls.h"

#include <gtest/gtest.h>

namespace outrigger::exchange {
namespace {

constexpr Instant kNow = Instant(100s);

struct Call final : Follower {
  void onCallerGone() override { ++gone; }
  int gone = 0;
};

TEST(InboundCalls, AreFoundByEitherId) {
  InboundCalls calls;
  InboundCall one;
  one.open(calls, "request", "trace", kNever);
  EXPECT_EQ(calls.find("request"), &one);
  EXPECT_EQ(calls.find("trace"), &one);
  EXPECT_EQ(calls.find("other"), nullptr);
  one.close();
  EXPECT_EQ(calls.find("request"), nullptr);
  EXPECT_EQ(calls.find("trace"), nullptr);
}

TEST(InboundCalls, AnIdThatTwoHaveSaysNothing) {
  InboundCalls calls;
  InboundCall one;
  InboundCall other;
  one.open(calls, "a", "trace", kNever);
  other.open(calls, "b", "trace", kNever);
  EXPECT_EQ(calls.find("trace"), nullptr);
  EXPECT_EQ(calls.find("a"), &one);
  EXPECT_EQ(calls.find("b"), &other);
  one.close();
  EXPECT_EQ(calls.find("trace"), &other);
}

TEST(InboundCalls, FollowersAreToldOnce) {
  InboundCalls calls;
  InboundCall call;
  call.open(calls, "a", "t", kNever);
  Call first;
  Call second;
  call.follow(first);
  call.follow(second);
  call.abandon(kNow);
  call.abandon(kNow);
  EXPECT_EQ(first.gone, 1);
  EXPECT_EQ(second.gone, 1);
}

TEST(InboundCalls, ThoseOfAnEndedRequestGoOnAlone) {
  InboundCalls calls;
  InboundCall call;
  Call follower;
  call.open(calls, "a", "t", kNever);
  call.follow(follower);
  call.close();
  EXPECT_FALSE(follower.linked());
  call.abandon(kNow);
  EXPECT_EQ(follower.gone, 0);
}

TEST(InboundCalls, WhatWasAbandonedIsRememberedForAWhile) {
  InboundCalls calls;
  InboundCall call;
  call.open(calls, "a", "t", kNever);
  EXPECT_FALSE(calls.abandoned("a", kNow));
  call.abandon(kNow);
  EXPECT_FALSE(calls.abandoned("a", kNow)) << "it is still there";
  call.close();
  EXPECT_TRUE(calls.abandoned("a", kNow + 9s));
  EXPECT_TRUE(calls.abandoned("t", kNow));
  EXPECT_FALSE(calls.abandoned("b", kNow));
  EXPECT_FALSE(calls.abandoned("a", kNow + 10s));
  InboundCall again;
  again.open(calls, "a", "t2", kNever);
  EXPECT_FALSE(calls.abandoned("a", kNow)) << "a new request with that id counts";
}

TEST(InboundCalls, WhatHasEndedIsNotRemembered) {
  InboundCalls calls;
  InboundCall call;
  call.open(calls, "a", "t", kNever);
  call.close();
  call.abandon(kNow);
  EXPECT_FALSE(calls.abandoned("a", kNow));
}

TEST(InboundCalls, ManyWithTheSameBucketsAreToldApart) {
  InboundCalls calls;
  std::vector<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back("id-" + std::to_string(i));
  std::vector<InboundCall> open(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) open[i].open(calls, ids[i], ids[i] + "-trace", kNever);
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(calls.find(ids[i]), &open[i]);
}

}  // namespace
}  // namespace outrigger::exchange
