// Counts requests by status and reason. Which pairs occur is not known before they do, so the pairs are kept in a list
// that only grows: the writer appends, a reader on another thread walks what has been published. Nearly every request
// finds its pair in the first entry.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "proxy/base/reason.h"
#include "proxy/metrics/cell.h"

namespace outrigger::metrics {

class StatusCounter {
 public:
  StatusCounter() = default;
  StatusCounter(const StatusCounter&) = delete;
  StatusCounter& operator=(const StatusCounter&) = delete;

  /// The writer's thread only. `status` is below 1000.
  void add(uint16_t status, Reason reason) { entry(keyOf(status, reason)).count.add(); }

  /// Calls each(status, reason, count) for every pair so far. Any thread.
  template <class Each>
  void forEach(Each&& each) const {
    for (const Block* block = &first_; block != nullptr; block = block->next.load(std::memory_order_acquire)) {
      const uint32_t used = block->used.load(std::memory_order_acquire);
      for (uint32_t i = 0; i < used; ++i) {
        const Entry& e = block->entries[i];
        each(static_cast<uint16_t>(e.key >> 8), static_cast<Reason>(e.key & 0xff), e.count.value());
      }
    }
  }

 private:
  static constexpr uint32_t kPerBlock = 6;

  struct Entry {
    uint32_t key = 0;
    Counter count;
  };
  struct Block {
    std::array<Entry, kPerBlock> entries;
    std::atomic<uint32_t> used{0};
    std::atomic<Block*> next{nullptr};
    std::unique_ptr<Block> ownedNext;
  };

  static uint32_t keyOf(uint16_t status, Reason reason) {
    return static_cast<uint32_t>(status) << 8 | static_cast<uint32_t>(reason);
  }
  Entry& entry(uint32_t key);

  Block first_;
};

}  // namespace outrigger::metrics
