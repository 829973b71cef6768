#include "proxy/base/graveyard.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace outrigger {
namespace {

struct Mortal {
  explicit Mortal(std::function<void()> dying) : dying(std::move(dying)) {}
  virtual ~Mortal() { dying(); }
  std::function<void()> dying;
};
struct Child final : Mortal {
  using Mortal::Mortal;
  std::string data = "a text that is long enough to live on the heap";
};

TEST(Graveyard, TheDeadStayWholeUntilItIsEmptied) {
  Graveyard graveyard;
  int deaths = 0;
  graveyard.bury(std::make_unique<Mortal>([&] { ++deaths; }));
  EXPECT_EQ(deaths, 0);
  EXPECT_FALSE(graveyard.isEmpty());
  graveyard.empty();
  EXPECT_EQ(deaths, 1);
  EXPECT_TRUE(graveyard.isEmpty());
  graveyard.empty();
  EXPECT_EQ(deaths, 1);
}

TEST(Graveyard, OldestFirst) {
  Graveyard graveyard;
  std::string order;
  for (const char* name : {"a", "b", "c"}) {
    graveyard.bury(std::make_unique<Mortal>([&order, name] { order += name; }));
  }
  graveyard.empty();
  EXPECT_EQ(order, "abc");
}

TEST(Graveyard, NothingIsNotBuried) {
  Graveyard graveyard;
  graveyard.bury(std::unique_ptr<Mortal>());
  EXPECT_TRUE(graveyard.isEmpty());
}

TEST(Graveyard, DestroysByTheRightDestructor) {
  Graveyard graveyard;
  int deaths = 0;
  std::unique_ptr<Mortal> base = std::make_unique<Child>([&] { ++deaths; });
  graveyard.bury(std::move(base));
  graveyard.bury(std::make_unique<Child>([&] { ++deaths; }));
  graveyard.empty();
  EXPECT_EQ(deaths, 2);
}

struct Returning {
  void operator()(int* object) const { *object += 1; }
};
TEST(Graveyard, UsesTheDeleterOfThePointer) {
  int returned = 0;
  Graveyard graveyard;
  graveyard.bury(std::unique_ptr<int, Returning>(&returned));
  graveyard.empty();
  EXPECT_EQ(returned, 1);
}

TEST(Graveyard, WhoDiesMayBuryMore) {
  Graveyard graveyard;
  std::string order;
  graveyard.bury(std::make_unique<Mortal>([&] {
    order += "parent ";
    for (int i = 0; i < 100; ++i) {
      graveyard.bury(std::make_unique<Mortal>([&order, i] { order += i == 99 ? "last child" : ""; }));
    }
  }));
  graveyard.empty();
  EXPECT_EQ(order, "parent last child");
  EXPECT_TRUE(graveyard.isEmpty());
}

TEST(Graveyard, WhoDiesMayEmptyIt) {
  Graveyard graveyard;
  int deaths = 0;
  for (int i = 0; i < 3; ++i) {
    graveyard.bury(std::make_unique<Mortal>([&] {
      ++deaths;
      graveyard.empty();
    }));
  }
  graveyard.empty();
  EXPECT_EQ(deaths, 3);
}

TEST(Graveyard, ItEmptiesItselfWhenItGoes) {
  int deaths = 0;
  {
    Graveyard graveyard;
    graveyard.bury(std::make_unique<Mortal>([&] { ++deaths; }));
  }
  EXPECT_EQ(deaths, 1);
}

}  // namespace
}  // namespace outrigger
