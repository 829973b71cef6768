#include "tests/support/sim/loop.h"

#include <algorithm>

namespace outrigger::sim {
namespace {

// 2026-01-01T00:00:00Z, and a monotonic clock that has been running for a while.
constexpr WallTime kWallStart{Duration(1767225600s)};
constexpr Instant kStart{Duration(1000s)};

}  // namespace

Loop::Loop(uint64_t seed) : turn_(kStart, kWallStart, seed) {}

void Loop::at(Instant when, std::function<void()> event) {
  queue_.emplace(std::max(when, turn_.now), std::move(event));
}

// All that happens at one instant is one turn: as in the program, a timer can fire between a burial and the turn's end.
void Loop::enter(Instant when) {
  if (when > turn_.now) turn_.endTurn();
  turn_.refresh(when, kWallStart + (when - kStart));
}

void Loop::leave() {
  turn_.settle();
  ++events_;
}

// One event or one tick of the timers, whichever comes first. False: nothing to do until `limit`.
bool Loop::step(Instant limit) {
  const auto comingEvent = [this] { return queue_.empty() ? kNever : queue_.begin()->first; };
  const auto comingTimer = [this] { return std::max(turn_.timers.nextWake(), turn_.now); };
  if (std::min(comingEvent(), comingTimer()) > turn_.now) turn_.endTurn();  // which may bring something on before that
  const Instant event = comingEvent();
  const Instant timer = comingTimer();
  const Instant next = std::min(event, timer);
  if (next > limit || next == kNever) return false;
  enter(next);
  if (event <= timer) {
    const auto run = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    run();
  } else {
    turn_.timers.advance(next);
  }
  leave();
  return true;
}

bool Loop::runUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = turn_.now + limit;
  while (!done()) {
    if (!step(end)) {
      enter(end);
      return done();
    }
  }
  return true;
}

void Loop::run(Duration span) {
  runUntil([] { return false; }, span);
}

}  // namespace outrigger::sim
