// Memory that lives exactly as long as one exchange: bump allocation from pooled chunks, freed all at once by reset().
// Objects with destructors are destroyed by reset(), last made first. One thread.
#pragma once

#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/base/chunk_pool.h"

namespace outrigger {

class Arena {
 public:
  /// `pool` outlives the arena.
  explicit Arena(ChunkPool& pool) : pool_(pool) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { reset(); }

  /// Uninitialised memory; `align` is a power of two, at most 16.
  void* allocate(size_t size, size_t align = alignof(std::max_align_t)) {
    const size_t at = (used_ + align - 1) & ~(align - 1);
    if (at + size > capacity_) return allocateInNewChunk(size);
    used_ = at + size;
    return base_ + at;
  }

  template <class T>
  std::span<T> array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_default_construct_n(first, count);
    return {first, count};
  }

  template <class T, class... Args>
  T& make(Args&&... args) {
    T* object = new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_destructible_v<T>) {
      destructors_.push_back({object, [](void* dead) { std::destroy_at(static_cast<T*>(dead)); }});
    }
    return *object;
  }

  Bytes copy(Bytes text) {
    if (text.empty()) return {};
    char* to = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  /// One text made of several pieces.
  template <class... Pieces>
  Bytes join(Pieces... pieces) {
    const size_t total = (Bytes(pieces).size() + ...);
    char* const to = static_cast<char*>(allocate(total, 1));
    char* at = to;
    const auto append = [&at](Bytes piece) {
      if (piece.empty()) return;  // an absent text has no address
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    };
    (append(pieces), ...);
    return {to, total};
  }

  /// A decimal number.
  Bytes number(uint64_t value) {
    constexpr size_t kMostDigits = 20;
    char* text = static_cast<char*>(allocate(kMostDigits, 1));
    return {text, static_cast<size_t>(std::to_chars(text, text + kMostDigits, value).ptr - text)};
  }

  /// Destroys everything and keeps the first chunk for the next use, if it is a small one.
  void reset();

  /// Bytes held from the pool.
  size_t footprint() const;

 private:
  struct Destructor {
    void* object;
    void (*destroy)(void*);
  };

  void* allocateInNewChunk(size_t size);

  ChunkPool& pool_;
  char* base_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<Destructor> destructors_;
};

}  // namespace outrigger
