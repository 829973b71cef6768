// Virtual time: a queue of events in the order of their instants, and a Turn that they run in. What takes thirty
// seconds in the world takes milliseconds here, and the same seed gives the same run. Stands where net::EventLoop
// stands in the program.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "proxy/base/turn.h"

namespace outrigger::sim {

class Loop {
 public:
  explicit Loop(uint64_t seed);

  Turn& turn() { return turn_; }
  Instant now() const { return turn_.now; }

  /// Runs `event` at that instant (now, if it has passed); events of one instant run in the order of the calls.
  void at(Instant when, std::function<void()> event);
  void in(Duration span, std::function<void()> event) { at(turn_.now + span, std::move(event)); }

  /// Runs on until `done` (checked after every event), or until nothing is left to happen, or `limit` of virtual time
  /// is over. Returns what `done` says then.
  bool runUntil(const std::function<bool()>& done, Duration limit = 1h);
  void run(Duration span);

  /// Events so far; a run that does not end is a defect that should show.
  uint64_t events() const { return events_; }

 private:
  bool step(Instant limit);
  void enter(Instant when);
  void leave();

  Turn turn_;
  std::multimap<Instant, std::function<void()>> queue_;
  uint64_t events_ = 0;
};

}  // namespace outrigger::sim
