// Timers of one worker: a hierarchical wheel (Varghese and Lauck, 1987) of four levels of 64 slots, one tick a
// millisecond. Arming and disarming are O(1) and allocate nothing. Pushing a deadline back, which nearly every request
// does, only stores the new instant: the timer is moved when its old slot comes round.
//
// The wheel knows no clock. Its owner (net::EventLoop, the simulator) calls advance() with the present instant and
// asks nextWake() when to call again. One thread.
#pragma once

#include <array>
#include <cstdint>

#include "proxy/base/list.h"
#include "proxy/base/time.h"

namespace outrigger {

class TimerWheel;
struct TimerTag;

/// Something that may be called back at an instant. A timer that dies is disarmed; re-arming replaces the instant.
class TimerNode : public ListNode<TimerTag> {
 public:
  Instant due() const { return due_; }
  bool armed() const { return due_ != kNever; }

  /// The timer stays in its slot until that comes round, but will not fire.
  void disarm() { due_ = kNever; }

 protected:
  TimerNode() = default;
  ~TimerNode() = default;

 private:
  friend class TimerWheel;
  virtual void fire() = 0;

  Instant due_ = kNever;
  int64_t slotTick_ = 0;
};

/// The usual timer: a member of Owner that calls one of Owner's functions.
template <class Owner, void (Owner::*Fire)()>
class Timer final : public TimerNode {
 public:
  explicit Timer(Owner& owner) : owner_(owner) {}

 private:
  void fire() override { (owner_.*Fire)(); }
  Owner& owner_;
};

class TimerWheel {
 public:
  explicit TimerWheel(Instant start) : tick_(tickBefore(start)) {}

  /// Fires `timer` in the first advance() at or after `due`, never before; kNever disarms. A due instant in the past
  /// fires at the next tick, never inside this call.
  void arm(TimerNode& timer, Instant due);

  /// Fires what is due. A timer's callback may arm, disarm and destroy any timer, its own included.
  void advance(Instant now);

  /// No timer needs advance() before this instant. It may be early (a pushed-back timer), never late.
  Instant nextWake() const;

 private:
  static constexpr int kLevels = 4;
  static constexpr int kSlotBits = 6;
  static constexpr int64_t kSlots = int64_t{1} << kSlotBits;
  static constexpr int64_t kSpan = int64_t{1} << (kLevels * kSlotBits);  // 4 h 39 min; later timers are re-filed
  static constexpr int64_t kNoTick = INT64_MAX;

  using Slot = List<TimerNode, TimerTag>;

  static int64_t tickBefore(Instant t);
  static int64_t tickAtOrAfter(Instant t);
  static int level(int64_t ticksAhead);
  void file(TimerNode& timer, int64_t dueTick);
  int64_t nextBusyTick() const;
  void runTick(Instant now);

  int64_t tick_;                          // every slot up to this tick has been run
  std::array<uint64_t, kLevels> busy_{};  // a bit for each slot that may hold timers
  std::array<std::array<Slot, kSlots>, kLevels> slots_;
  Slot firing_;
};

}  // namespace outrigger
