// The content of one stream that waits for the peer's window, or for the connection. It borrows what was handed to it
// as long as that is valid, and copies only what could not be sent by then. One thread; belongs to a stream.
#pragma once

#include <array>
#include <string>

#include "proxy/base/write_queue.h"

namespace outrigger::http::h2 {

class OutgoingBody {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// `data` is valid until the running callback has settled: keep() comes before.
  void append(Bytes data);

  /// Moves `n` octets, at most size(), to `out`, which must be flushed before keep(), append() or clear().
  void writeTo(WriteQueue& out, size_t n);

  /// Copies what is only borrowed.
  void keep();

  void clear() { *this = {}; }

 private:
  static constexpr size_t kMostBorrowed = 4;

  std::string held_;  // comes before what is borrowed
  size_t heldAt_ = 0;
  std::array<Bytes, kMostBorrowed> borrowed_{};
  size_t borrowedCount_ = 0;
  size_t size_ = 0;
};

}  // namespace outrigger::http::h2
