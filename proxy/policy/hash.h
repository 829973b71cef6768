// Hashes that mean the same on every machine and in every process, so that all sidecars agree where a key belongs.
// Not secret: whoever can guess a text can check the guess. Pure; any thread.
#pragma once

#include <cstdint>

#include "proxy/base/bytes.h"

namespace outrigger::policy {

/// XXH3, 64 bits.
uint64_t hashOf(Bytes text);

/// Spreads a number over all 64 bits (the finaliser of splitmix64), one to one.
constexpr uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// Where a request belongs.
struct Affinity {
  uint64_t key = 0;
  /// The key is the hash of an endpoint's address: that one is meant, and no other while it can be used.
  bool namesEndpoint = false;
  bool operator==(const Affinity&) const = default;
};

}  // namespace outrigger::policy
