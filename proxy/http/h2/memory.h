// The allocator that nghttp2 works with. Small blocks are kept by size, the one freed last on top, so that a request
// takes what the one before it gave back and finds it warm. Counts what is out. One worker's thread; outlives the
// sessions that use it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>

namespace outrigger::http::h2 {

class Memory {
 public:
  Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  nghttp2_mem* port() { return &port_; }

  /// Bytes that sessions hold just now, without what lies here for the next request.
  size_t inUse() const { return inUse_; }
  /// Bytes that lie here.
  size_t kept() const;

 private:
  struct Block;
  struct Port;

  static constexpr size_t kStep = 64;     // blocks are multiples of it
  static constexpr size_t kClasses = 32;  // larger ones are not kept
  static constexpr size_t kMostKept = 32;

  struct Shelf {
    Block* top = nullptr;
    size_t count = 0;
  };

  void* allocate(size_t size);
  void release(void* memory);
  void* resize(void* memory, size_t size);

  std::array<Shelf, kClasses> shelves_{};
  size_t inUse_ = 0;
  nghttp2_mem port_{};
};

}  // namespace outrigger::http::h2
