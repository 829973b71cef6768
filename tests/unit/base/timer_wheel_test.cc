#include "proxy/base/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "proxy/base/rng.h"

namespace outrigger {
namespace {

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

struct Recorder {
  explicit Recorder(TimerWheel& wheel) : wheel(wheel) {}
  void fired() { ++count; }
  TimerWheel& wheel;
  int count = 0;
  Timer<Recorder, &Recorder::fired> timer{*this};
};

TEST(TimerWheel, FiresAtItsInstantAndNotBefore) {
  for (const Duration span : {Duration(1ms), Duration(63ms), Duration(64ms), Duration(65ms), Duration(4095ms),
                              Duration(4096ms), Duration(262144ms), Duration(5h), Duration(48h)}) {
    TimerWheel wheel(at(0s));
    Recorder r(wheel);
    wheel.arm(r.timer, at(span));
    wheel.advance(at(span - 1ms));
    EXPECT_EQ(r.count, 0) << span.count();
    wheel.advance(at(span));
    EXPECT_EQ(r.count, 1) << span.count();
    wheel.advance(at(span + 100h));
    EXPECT_EQ(r.count, 1) << span.count();
  }
}

TEST(TimerWheel, AFractionOfAMillisecondRoundsUp) {
  TimerWheel wheel(at(0s));
  Recorder r(wheel);
  wheel.arm(r.timer, at(1ms + 1ns));
  wheel.advance(at(1ms));
  EXPECT_EQ(r.count, 0);
  wheel.advance(at(2ms));
  EXPECT_EQ(r.count, 1);
}

TEST(TimerWheel, APastInstantFiresAtTheNextTick) {
  TimerWheel wheel(at(0s));
  Recorder r(wheel);
  wheel.arm(r.timer, at(-5s));
  EXPECT_EQ(r.count, 0);
  wheel.advance(at(1ms));
  EXPECT_EQ(r.count, 1);
}

TEST(TimerWheel, PushedBackAndPulledForward) {
  TimerWheel wheel(at(0s));
  Recorder r(wheel);
  wheel.arm(r.timer, at(10ms));
  wheel.arm(r.timer, at(100ms));
  wheel.advance(at(99ms));
  EXPECT_EQ(r.count, 0);
  wheel.arm(r.timer, at(5s));
  wheel.arm(r.timer, at(110ms));
  wheel.advance(at(110ms));
  EXPECT_EQ(r.count, 1);
}

TEST(TimerWheel, DisarmedAndDestroyedTimersStaySilent) {
  TimerWheel wheel(at(0s));
  Recorder kept(wheel);
  auto gone = std::make_unique<Recorder>(wheel);
  wheel.arm(kept.timer, at(10ms));
  wheel.arm(gone->timer, at(10ms));
  kept.timer.disarm();
  gone.reset();
  wheel.advance(at(1s));
  EXPECT_EQ(kept.count, 0);
}

TEST(TimerWheel, NextWakeIsNeverLate) {
  TimerWheel wheel(at(0s));
  EXPECT_EQ(wheel.nextWake(), kNever);
  Recorder r(wheel);
  wheel.arm(r.timer, at(70ms));
  int calls = 0;
  while (r.count == 0) {
    const Instant wake = wheel.nextWake();
    ASSERT_LE(wake, at(70ms));
    wheel.advance(wake);
    ASSERT_LT(++calls, 4);
  }
}

// A timer that in its own callback arms itself again, another, and destroys a third that is due in the same tick.
struct Busy {
  explicit Busy(TimerWheel& wheel) : wheel(wheel) {}
  void fired() {
    ++count;
    if (count < 3) wheel.arm(timer, at(10ms * (count + 1)));
    victim.reset();
  }
  TimerWheel& wheel;
  int count = 0;
  std::unique_ptr<Recorder> victim;
  Timer<Busy, &Busy::fired> timer{*this};
};

TEST(TimerWheel, CallbacksMayArmAndDestroy) {
  TimerWheel wheel(at(0s));
  Busy busy(wheel);
  busy.victim = std::make_unique<Recorder>(wheel);
  wheel.arm(busy.timer, at(10ms));
  wheel.arm(busy.victim->timer, at(10ms));
  for (int ms = 1; ms <= 50; ++ms) wheel.advance(at(ms * 1ms));
  EXPECT_EQ(busy.count, 3);
}

// Against a plain ordered map, with random arming, disarming and jumps in time.
TEST(TimerWheel, AgreesWithAnOrderedMap) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    TimerWheel wheel(at(0s));
    std::vector<std::unique_ptr<Recorder>> timers;
    std::vector<Instant> due(50, kNever);
    std::vector<int> expected(50, 0);
    for (int i = 0; i < 50; ++i) timers.push_back(std::make_unique<Recorder>(wheel));
    Instant now = at(0s);
    for (int step = 0; step < 2000; ++step) {
      const auto which = rng.below(50);
      if (rng.chance(0.1)) {
        timers[which]->timer.disarm();
        due[which] = kNever;
      } else {
        const Duration span = rng.between(1ms, rng.chance(0.1) ? 10h : 300ms);
        due[which] = now + span;
        wheel.arm(timers[which]->timer, due[which]);
      }
      now += std::chrono::floor<std::chrono::milliseconds>(rng.between(0ms, rng.chance(0.01) ? 1h : 20ms));
      wheel.advance(now);
      for (size_t i = 0; i < due.size(); ++i) {
        if (due[i] > now ||
            std::chrono::ceil<std::chrono::milliseconds>(due[i].time_since_epoch()) > now.time_since_epoch()) {
          continue;
        }
        ++expected[i];
        due[i] = kNever;
      }
      for (size_t i = 0; i < due.size(); ++i) ASSERT_EQ(timers[i]->count, expected[i]) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace outrigger
