#include "proxy/base/turn.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace outrigger {
namespace {

struct Work final : AtSettle {
  explicit Work(std::function<void()> task) : task(std::move(task)) {}
  void atSettle() override { task(); }
  std::function<void()> task;
};

class TurnTest : public ::testing::Test {
 protected:
  Turn turn{Instant(5s), WallTime(9s), 1};
  std::string order;
};

TEST_F(TurnTest, CarriesTheInstantOfTheCallback) {
  EXPECT_EQ(turn.now, Instant(5s));
  EXPECT_EQ(turn.wall, WallTime(9s));
  turn.refresh(Instant(6s), WallTime(10s));
  EXPECT_EQ(turn.now, Instant(6s));
  EXPECT_EQ(turn.wall, WallTime(10s));
}

TEST_F(TurnTest, WorkIsDoneOnceAtTheEndInTheOrderOfAsking) {
  Work a([&] { order += "a"; });
  Work b([&] { order += "b"; });
  turn.settleLater(b);
  turn.settleLater(a);
  turn.settleLater(b);
  EXPECT_EQ(order, "");
  turn.settle();
  EXPECT_EQ(order, "ba");
  turn.settle();
  EXPECT_EQ(order, "ba");
}

TEST_F(TurnTest, WorkMayAskForMoreWork) {
  int left = 3;
  Work other([&] { order += "other "; });
  Work again([&] {
    order += "again ";
    turn.settleLater(other);
    if (--left > 0) turn.settleLater(again);
  });
  turn.settleLater(again);
  turn.settle();
  EXPECT_EQ(order, "again other again other again other ");
}

TEST_F(TurnTest, WhoDiesIsNotAskedAnyMore) {
  auto gone = std::make_unique<Work>([&] { order += "gone"; });
  Work killer([&] {
    order += "killer";
    gone.reset();
  });
  turn.settleLater(killer);
  turn.settleLater(*gone);
  turn.settle();
  EXPECT_EQ(order, "killer");
}

TEST_F(TurnTest, TheGraveyardIsEmptiedAtTheEndOfTheTurnAndNotBefore) {
  struct Mortal {
    std::string& order;
    ~Mortal() { order += "dead"; }
  };
  turn.graveyard.bury(std::unique_ptr<Mortal>(new Mortal{order}));
  turn.settle();
  EXPECT_EQ(order, "");
  turn.endTurn();
  EXPECT_EQ(order, "dead");
}

TEST_F(TurnTest, WorkForTheEndOfTheTurnComesOnceAndBeforeTheGraveyardIsEmptied) {
  struct Last final : AtTurnEnd {
    explicit Last(std::string& log) : order(log) {}
    void atTurnEnd() override { order += "end "; }
    std::string& order;
  };
  struct Mortal {
    std::string& order;
    ~Mortal() { order += "dead"; }
  };
  Last last(order);
  Last forgotten(order);
  turn.graveyard.bury(std::unique_ptr<Mortal>(new Mortal{order}));
  turn.endLater(last);
  turn.endLater(last);
  turn.endLater(forgotten);
  forgotten.unlink();
  turn.settle();
  EXPECT_EQ(order, "");
  turn.endTurn();
  EXPECT_EQ(order, "end dead");
}

// What lies in the graveyard when the worker ends may still hold chunks, timers and work.
TEST(Turn, TheBuriedMayUseItToTheLast) {
  struct Holder final : AtSettle {
    explicit Holder(Turn& turn) : chunk(turn.chunks.take(1)), timer(*this) {
      turn.settleLater(*this);
      turn.timers.arm(timer, turn.now + 1s);
    }
    void atSettle() override {}
    void fired() {}
    Chunk chunk;
    Timer<Holder, &Holder::fired> timer;
  };
  auto turn = std::make_unique<Turn>(Instant(5s), WallTime(), 1);
  turn->graveyard.bury(std::make_unique<Holder>(*turn));
  turn.reset();
}

}  // namespace
}  // namespace outrigger
