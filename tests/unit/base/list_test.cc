#include "proxy/base/list.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include "proxy/base/rng.h"

namespace outrigger {
namespace {

struct TagA;
struct TagB;
struct Item : ListNode<TagA>, ListNode<TagB> {
  explicit Item(int number = 0) : number(number) {}
  int number;
  bool inA() const { return ListNode<TagA>::linked(); }
  bool inB() const { return ListNode<TagB>::linked(); }
  void leaveA() { ListNode<TagA>::unlink(); }
};
using ListA = List<Item, TagA>;
using ListB = List<Item, TagB>;

std::string text(ListA& list) {
  std::string all;
  list.forEach([&](Item& item) { all += std::to_string(item.number) + " "; });
  return all;
}

TEST(List, KeepsTheOrderOfBothEnds) {
  Item one(1), two(2), three(3);
  ListA list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.popFront(), nullptr);
  list.pushBack(two);
  list.pushFront(one);
  list.pushBack(three);
  EXPECT_EQ(text(list), "1 2 3 ");
  EXPECT_EQ(list.count(), 3U);
  EXPECT_EQ(list.front().number, 1);
  EXPECT_EQ(list.back().number, 3);
  EXPECT_EQ(list.popFront(), &one);
  EXPECT_FALSE(one.inA());
  EXPECT_EQ(text(list), "2 3 ");
}

TEST(List, AnItemMovesWhenItIsPushedAgain) {
  Item one(1), two(2), three(3);
  ListA list;
  ListA other;
  for (Item* item : {&one, &two, &three}) list.pushBack(*item);
  list.pushBack(one);
  EXPECT_EQ(text(list), "2 3 1 ");
  list.pushFront(one);
  EXPECT_EQ(text(list), "1 2 3 ");
  list.pushFront(one);
  list.pushBack(three);
  EXPECT_EQ(text(list), "1 2 3 ") << "already there";
  other.pushBack(two);
  EXPECT_EQ(text(list), "1 3 ");
  EXPECT_EQ(text(other), "2 ");
}

TEST(List, TwoTagsAreTwoLists) {
  Item item(1);
  ListA a;
  ListB b;
  a.pushBack(item);
  EXPECT_FALSE(item.inB());
  b.pushBack(item);
  item.leaveA();
  EXPECT_TRUE(a.empty());
  EXPECT_FALSE(b.empty());
  EXPECT_EQ(&b.front(), &item);
}

TEST(List, UnlinkingTwiceIsUnlinkingOnce) {
  Item one(1), two(2);
  ListA list;
  list.pushBack(one);
  list.pushBack(two);
  one.leaveA();
  one.leaveA();
  EXPECT_EQ(text(list), "2 ");
}

TEST(List, ADyingItemLeavesAndADyingListLetsGo) {
  Item kept(1);
  {
    ListA list;
    auto gone = std::make_unique<Item>(2);
    list.pushBack(*gone);
    list.pushBack(kept);
    gone.reset();
    EXPECT_EQ(text(list), "1 ");
  }
  EXPECT_FALSE(kept.inA());
}

TEST(List, TakeAllMovesEverythingBehindOurs) {
  Item one(1), two(2), three(3);
  ListA list;
  ListA other;
  list.pushBack(one);
  other.pushBack(two);
  other.pushBack(three);
  list.takeAll(other);
  EXPECT_EQ(text(list), "1 2 3 ");
  EXPECT_TRUE(other.empty());
  list.takeAll(other);
  EXPECT_EQ(list.count(), 3U);
}

TEST(List, AWalkMayUnlinkTheItemItIsAt) {
  std::deque<Item> items;
  ListA list;
  for (int i = 0; i < 6; ++i) list.pushBack(items.emplace_back(i));
  list.forEach([](Item& item) {
    if (item.number % 2 == 0) item.leaveA();
  });
  EXPECT_EQ(text(list), "1 3 5 ");
}

TEST(List, AgreesWithADeque) {
  Rng rng(11);
  std::deque<Item> items;
  for (int i = 0; i < 20; ++i) items.emplace_back(i);
  ListA list;
  std::deque<Item*> model;
  for (int step = 0; step < 20'000; ++step) {
    Item& item = items[rng.below(items.size())];
    const uint64_t what = rng.below(5);
    if (what < 3) std::erase(model, &item);
    if (what == 0) {
      list.pushBack(item);
      model.push_back(&item);
    } else if (what == 1) {
      list.pushFront(item);
      model.push_front(&item);
    } else if (what == 2) {
      item.leaveA();
    } else {
      Item* const first = list.popFront();
      ASSERT_EQ(first, model.empty() ? nullptr : model.front());
      if (!model.empty()) model.pop_front();
    }
    ASSERT_EQ(list.count(), model.size());
  }
}

}  // namespace
}  // namespace outrigger
