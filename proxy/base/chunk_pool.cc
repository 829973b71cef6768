#include "proxy/base/chunk_pool.h"

#include <utility>

namespace outrigger {

Chunk::Chunk(Chunk&& other) noexcept
    : home_(other.home_), data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

Chunk& Chunk::operator=(Chunk&& other) noexcept {
  if (this != &other) {
    reset();
    home_ = other.home_;
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Chunk::reset() {
  if (data_ != nullptr) home_->giveBack(std::move(data_), size_);
  size_ = 0;
}

Chunk ChunkPool::take(size_t bytes) {
  if (bytes > kLarge) return {*this, std::make_unique_for_overwrite<char[]>(bytes), bytes};
  const size_t which = shelfOf(bytes);
  Shelf& shelf = shelves_[which];
  if (shelf.empty()) return {*this, std::make_unique_for_overwrite<char[]>(kSizes[which]), kSizes[which]};
  auto data = std::move(shelf.back());
  shelf.pop_back();
  return {*this, std::move(data), kSizes[which]};
}

void ChunkPool::giveBack(std::unique_ptr<char[]> data, size_t size) {
  if (size <= kLarge) shelves_[shelfOf(size)].push_back(std::move(data));
}

void ChunkPool::shrink() {
  for (Shelf& shelf : shelves_) shelf.resize(shelf.size() / 2);
}

size_t ChunkPool::unusedBytes() const {
  return shelves_[0].size() * kSmall + shelves_[1].size() * kLarge;
}

}  // namespace outrigger
