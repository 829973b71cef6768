// What a worker lends to whatever lives longer than a call: the present instant, timers, random numbers, memory, the
// graveyard. One per worker, used on its thread only. Its owner (net::EventLoop, the simulator) drives it:
//
//   refresh(now, wall)   before each callback from outside
//   settle()             after each such callback, while borrowed bytes are still valid
//   endTurn()            once per loop turn, when no callback is on the stack
#pragma once

#include <cstdint>

#include "proxy/base/chunk_pool.h"
#include "proxy/base/graveyard.h"
#include "proxy/base/list.h"
#include "proxy/base/rng.h"
#include "proxy/base/time.h"
#include "proxy/base/timer_wheel.h"

namespace outrigger {

struct SettleTag;

/// Work that waits for the end of the running callback, so that it is done once: a gathered write, the news that a
/// write has failed. An object that dies leaves the list.
class AtSettle : public ListNode<SettleTag> {
 public:
  virtual void atSettle() = 0;

 protected:
  ~AtSettle() = default;
};

struct TurnEndTag;

/// Work that waits for the end of the turn: what many callbacks have to say to one peer leaves in one write. An object
/// that dies leaves the list.
class AtTurnEnd : public ListNode<TurnEndTag> {
 public:
  virtual void atTurnEnd() = 0;

 protected:
  ~AtTurnEnd() = default;
};

class Turn {
 public:
  Turn(Instant start, WallTime wallStart, uint64_t seed) : now(start), wall(wallStart), rng(seed), timers(start) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void refresh(Instant instant, WallTime wallTime) {
    now = instant;
    wall = wallTime;
  }

  /// Asks for work.atSettle() when the running callback ends; asking twice is asking once.
  void settleLater(AtSettle& work) {
    if (!work.linked()) settling_.pushBack(work);
  }

  void settle() {
    while (AtSettle* work = settling_.popFront()) work->atSettle();
  }

  /// Asks for work.atTurnEnd() before the turn ends; asking twice is asking once.
  void endLater(AtTurnEnd& work) {
    if (!work.linked()) ending_.pushBack(work);
  }

  void endTurn() {
    while (AtTurnEnd* work = ending_.popFront()) work->atTurnEnd();
    settle();
    graveyard.empty();
  }

  Instant now;
  WallTime wall;
  Rng rng;
  ChunkPool chunks;
  TimerWheel timers;
  Graveyard graveyard;

 private:
  List<AtSettle, SettleTag> settling_;
  List<AtTurnEnd, TurnEndTag> ending_;
};

}  // namespace outrigger
