#include "proxy/base/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace outrigger {
namespace {

constexpr int64_t kTick = 1'000'000;  // nanoseconds

}  // namespace

int64_t TimerWheel::tickBefore(Instant t) {
  return t.time_since_epoch().count() / kTick;
}

int64_t TimerWheel::tickAtOrAfter(Instant t) {
  const int64_t count = t.time_since_epoch().count();
  return count / kTick + (count % kTick > 0 ? 1 : 0);
}

int TimerWheel::level(int64_t ticksAhead) {
  const int top = 63 - std::countl_zero(static_cast<uint64_t>(ticksAhead) | 1);
  return top / kSlotBits;
}

void TimerWheel::arm(TimerNode& timer, Instant due) {
  timer.due_ = due;
  if (due == kNever) return;
  const int64_t dueTick = tickAtOrAfter(due);
  if (timer.linked() && timer.slotTick_ <= dueTick) return;  // its slot comes round in time; it is re-filed there
  file(timer, dueTick);
}

void TimerWheel::file(TimerNode& timer, int64_t dueTick) {
  // Level k holds what lies 64^k to 64^(k+1) - 1 ticks ahead; a slot of it is run when the wheel reaches the start of
  // the slot's stretch, and its timers are filed again, one level down.
  const int64_t at = std::clamp(dueTick, tick_ + 1, tick_ + kSpan - kSpan / kSlots);
  const int k = level(at - tick_);
  const int shift = k * kSlotBits;
  const auto slot = static_cast<size_t>((at >> shift) & (kSlots - 1));
  timer.slotTick_ = (at >> shift) << shift;
  slots_[static_cast<size_t>(k)][slot].pushBack(timer);
  busy_[static_cast<size_t>(k)] |= uint64_t{1} << slot;
}

int64_t TimerWheel::nextBusyTick() const {
  int64_t next = kNoTick;
  for (int k = 0; k < kLevels; ++k) {
    const uint64_t busy = busy_[static_cast<size_t>(k)];
    if (busy == 0) continue;
    const int shift = k * kSlotBits;
    const int64_t position = tick_ >> shift;
    const auto first = static_cast<int>((position + 1) & (kSlots - 1));
    const int ahead = std::countr_zero(std::rotr(busy, first)) + 1;
    next = std::min(next, (position + ahead) << shift);
  }
  return next;
}

Instant TimerWheel::nextWake() const {
  const int64_t tick = nextBusyTick();
  return tick == kNoTick ? kNever : Instant(Duration(tick * kTick));
}

void TimerWheel::advance(Instant now) {
  const int64_t target = tickBefore(now);
  while (tick_ < target) {
    const int64_t next = nextBusyTick();
    if (next > target) break;
    tick_ = next;
    runTick(now);
  }
  tick_ = std::max(tick_, target);
}

void TimerWheel::runTick(Instant now) {
  for (int k = kLevels - 1; k >= 0; --k) {
    const int shift = k * kSlotBits;
    if ((tick_ & ((int64_t{1} << shift) - 1)) != 0) continue;  // not at the start of a slot of this level
    const auto slot = static_cast<size_t>((tick_ >> shift) & (kSlots - 1));
    firing_.takeAll(slots_[static_cast<size_t>(k)][slot]);
    busy_[static_cast<size_t>(k)] &= ~(uint64_t{1} << slot);
  }
  while (TimerNode* timer = firing_.popFront()) {
    if (timer->due_ == kNever) continue;
    if (timer->due_ > now) {
      file(*timer, tickAtOrAfter(timer->due_));
      continue;
    }
    timer->due_ = kNever;
    timer->fire();
  }
}

}  // namespace outrigger
