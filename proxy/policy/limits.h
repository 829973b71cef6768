// Exact limits that all workers share: the only state of the data plane that two threads touch besides mailboxes, one
// relaxed atomic each.
#pragma once

#include <atomic>
#include <cstdint>

namespace outrigger::policy {

class SharedLimit {
 public:
  /// Takes one place unless `limit` are taken. Any thread.
  bool take(uint32_t limit) {
    uint32_t taken = taken_.load(std::memory_order_relaxed);
    do {
      if (taken >= limit) return false;
    } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
    return true;
  }

  /// Gives one place back. Any thread; once for each successful take().
  void giveBack() { taken_.fetch_sub(1, std::memory_order_relaxed); }

  uint32_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint32_t> taken_{0};
};

}  // namespace outrigger::policy
