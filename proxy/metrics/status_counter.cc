#include "proxy/metrics/status_counter.h"

namespace outrigger::metrics {

StatusCounter::Entry& StatusCounter::entry(uint32_t key) {
  Block* block = &first_;
  while (true) {
    const uint32_t used = block->used.load(std::memory_order_relaxed);
    for (uint32_t i = 0; i < used; ++i) {
      if (block->entries[i].key == key) return block->entries[i];
    }
    if (used < kPerBlock) {
      block->entries[used].key = key;
      block->used.store(used + 1, std::memory_order_release);
      return block->entries[used];
    }
    if (block->ownedNext == nullptr) {
      block->ownedNext = std::make_unique<Block>();
      block->next.store(block->ownedNext.get(), std::memory_order_release);
    }
    block = block->ownedNext.get();
  }
}

}  // namespace outrigger::metrics
