// Random numbers for jitter, balancing and ids: xoshiro256++ 1.0 (Blackman and Vigna, 2019), seeded through splitmix64.
// Fast and repeatable for a seed; not for secrets. One per worker, used on its thread only.
#pragma once

#include <bit>
#include <cstdint>

#include "proxy/base/time.h"

namespace outrigger {

class Rng {
 public:
  explicit Rng(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {
    const uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, bound); 0 for a bound of 0. The bias is below bound / 2^64.
  uint64_t below(uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// True with the given probability, 0 to 1.
  bool chance(double probability) { return unit() < probability; }

  /// Uniform in [low, high]; `low` when the range is empty.
  Duration between(Duration low, Duration high) {
    if (high <= low) return low;
    return low + Duration(static_cast<int64_t>(below(static_cast<uint64_t>((high - low).count()) + 1)));
  }

 private:
  uint64_t state_[4];
};

}  // namespace outrigger
