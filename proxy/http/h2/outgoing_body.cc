#include "proxy/http/h2/outgoing_body.h"

#include <algorithm>

namespace outrigger::http::h2 {
namespace {

// Octets that have been sent lie in front of those that wait, up to this many: moving the rest costs more.
constexpr size_t kMostWasted = 32 * 1024;

}  // namespace

void OutgoingBody::append(Bytes data) {
  if (data.empty()) return;
  if (borrowedCount_ == kMostBorrowed) keep();
  borrowed_[borrowedCount_++] = data;
  size_ += data.size();
}

void OutgoingBody::writeTo(WriteQueue& out, size_t n) {
  size_ -= n;
  if (const size_t held = std::min(n, held_.size() - heldAt_); held > 0) {
    out.borrow(Bytes(held_).substr(heldAt_, held));
    heldAt_ += held;
    n -= held;
  }
  size_t used = 0;
  while (n > 0) {
    Bytes& piece = borrowed_[used];
    const size_t taken = std::min(n, piece.size());
    out.borrow(piece.substr(0, taken));
    piece.remove_prefix(taken);
    n -= taken;
    if (piece.empty()) ++used;
  }
  if (used == 0) return;
  std::shift_left(borrowed_.begin(), borrowed_.end(), static_cast<std::ptrdiff_t>(used));
  borrowedCount_ -= used;
}

void OutgoingBody::keep() {
  if (heldAt_ == held_.size()) {
    if (size_ == 0) {
      std::string().swap(held_);
    } else {
      held_.clear();
    }
    heldAt_ = 0;
  } else if (heldAt_ > kMostWasted) {
    held_.erase(0, heldAt_);
    heldAt_ = 0;
  }
  for (const Bytes piece : std::span(borrowed_).first(borrowedCount_)) held_ += piece;
  borrowedCount_ = 0;
}

}  // namespace outrigger::http::h2
