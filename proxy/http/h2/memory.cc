#include "proxy/http/h2/memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace outrigger::http::h2 {

/// Stands in front of what nghttp2 gets; while it lies on a shelf it knows the one below.
struct alignas(std::max_align_t) Memory::Block {
  union {
    size_t size;  // of what follows
    Block* below;
  };
  void* payload() { return this + 1; }
  static Block* of(void* payload) { return static_cast<Block*>(payload) - 1; }
};

/// The functions that nghttp2 calls.
struct Memory::Port {
  static Memory& of(void* data) { return *static_cast<Memory*>(data); }

  static void* malloc(size_t size, void* data) { return of(data).allocate(size); }
  static void free(void* memory, void* data) { of(data).release(memory); }
  static void* realloc(void* memory, size_t size, void* data) { return of(data).resize(memory, size); }
  static void* calloc(size_t count, size_t size, void* data) {
    if (size != 0 && count > SIZE_MAX / size) return nullptr;
    void* memory = of(data).allocate(count * size);
    if (memory != nullptr) std::memset(memory, 0, count * size);
    return memory;
  }
};

Memory::Memory() : port_{this, Port::malloc, Port::free, Port::calloc, Port::realloc} {}

Memory::~Memory() {
  for (Shelf& shelf : shelves_) {
    while (Block* block = shelf.top) {
      shelf.top = block->below;
      std::free(block);
    }
  }
}

size_t Memory::kept() const {
  size_t total = 0;
  for (size_t i = 0; i < kClasses; ++i) total += shelves_[i].count * (i + 1) * kStep;
  return total;
}

void* Memory::allocate(size_t size) {
  if (size > SIZE_MAX / 2) return nullptr;
  const size_t steps = std::max<size_t>(1, (size + kStep - 1) / kStep);
  const size_t rounded = steps * kStep;
  Block* block = nullptr;
  if (steps <= kClasses && shelves_[steps - 1].top != nullptr) {
    Shelf& shelf = shelves_[steps - 1];
    block = shelf.top;
    shelf.top = block->below;
    --shelf.count;
  } else {
    block = static_cast<Block*>(std::malloc(sizeof(Block) + rounded));
    if (block == nullptr) return nullptr;
  }
  block->size = rounded;
  inUse_ += rounded;
  return block->payload();
}

void Memory::release(void* memory) {
  if (memory == nullptr) return;
  Block* block = Block::of(memory);
  const size_t steps = block->size / kStep;
  inUse_ -= block->size;
  if (steps > kClasses || shelves_[steps - 1].count >= kMostKept) return std::free(block);
  Shelf& shelf = shelves_[steps - 1];
  block->below = shelf.top;
  shelf.top = block;
  ++shelf.count;
}

void* Memory::resize(void* memory, size_t size) {
  if (memory == nullptr) return allocate(size);
  const size_t old = Block::of(memory)->size;
  if (size <= old) return memory;
  void* larger = allocate(size);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, memory, old);
  release(memory);
  return larger;
}

}  // namespace outrigger::http::h2
