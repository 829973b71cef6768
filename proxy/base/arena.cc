#include "proxy/base/arena.h"

#include <algorithm>

namespace outrigger {

void* Arena::allocateInNewChunk(size_t size) {
  chunks_.push_back(pool_.take(std::max(size, ChunkPool::kSmall)));
  base_ = chunks_.back().data();  // make_unique<char[]> aligns for every fundamental type
  capacity_ = chunks_.back().size();
  used_ = size;
  return base_;
}

void Arena::reset() {
  while (!destructors_.empty()) {
    const Destructor last = destructors_.back();
    destructors_.pop_back();
    last.destroy(last.object);
  }
  used_ = 0;
  if (chunks_.empty()) return;
  if (chunks_.front().size() > ChunkPool::kSmall) {
    chunks_.clear();
    base_ = nullptr;
    capacity_ = 0;
    return;
  }
  chunks_.resize(1);
  base_ = chunks_.front().data();
  capacity_ = chunks_.front().size();
}

size_t Arena::footprint() const {
  size_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.size();
  return total;
}

}  // namespace outrigger
