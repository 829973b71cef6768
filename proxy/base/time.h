// Time as an argument. Nothing below proxy/net reads a clock: `Turn::now` carries the instant of the running
// callback, so that a test or the simulator can stand in for the machine.
#pragma once

#include <chrono>
#include <cstdint>

namespace outrigger {

using namespace std::chrono_literals;

/// Nanoseconds, signed; ±292 years.
using Duration = std::chrono::nanoseconds;

/// Tags of the two clocks. They have no now(): an instant comes from a Turn.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
};
struct WallClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
};

/// A point on the worker's monotonic clock. Its zero has no meaning outside of one process.
using Instant = std::chrono::time_point<MonotonicClock, Duration>;

/// Nanoseconds since 1970-01-01T00:00:00Z; only for logs and `Date`, never for a decision.
using WallTime = std::chrono::time_point<WallClock, Duration>;

/// The instant that never comes: "no deadline".
inline constexpr Instant kNever = Instant::max();

/// The longest time a setting may name; keeps sums with an Instant far from overflow.
inline constexpr Duration kLongestSetting = 24h * 365;

/// `instant + span`, where kNever stays kNever.
constexpr Instant after(Instant instant, Duration span) {
  return instant == kNever || span >= kNever - instant ? kNever : instant + span;
}

/// Whole milliseconds, rounded down; never negative.
constexpr int64_t wholeMilliseconds(Duration span) {
  return span <= Duration::zero() ? 0 : std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

constexpr double seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

}  // namespace outrigger
