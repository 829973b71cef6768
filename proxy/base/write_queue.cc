#include "proxy/base/write_queue.h"

#include <algorithm>
#include <cstring>

namespace outrigger {

char* WriteQueue::reserve(size_t n) {
  if (chunk_ && chunk_.size() - chunkUsed_ < n) {
    flush();
    chunk_.reset();  // nothing was committed to it, or flush() has dropped it already
  }
  if (!chunk_) {
    // A second chunk in one callback means a stream of small pieces: give it a large one.
    chunk_ = turn_.chunks.take(handedOver_ ? std::max(n, ChunkPool::kLarge) : n);
    chunkUsed_ = 0;
  }
  return chunk_.data() + chunkUsed_;
}

void WriteQueue::commit(size_t n) {
  if (n == 0) return;
  const char* start = chunk_.data() + chunkUsed_;
  chunkUsed_ += static_cast<uint32_t>(n);
  Bytes* last = pieceCount_ > 0 ? &pieces_[pieceCount_ - 1] : nullptr;
  if (last != nullptr && last->data() + last->size() == start) {
    *last = {last->data(), last->size() + n};
    gathered_ += n;
    return;
  }
  append({start, n});
}

void WriteQueue::copy(Bytes text) {
  if (text.empty()) return;
  std::memcpy(reserve(text.size()), text.data(), text.size());
  commit(text.size());
}

void WriteQueue::borrow(Bytes body) {
  if (body.size() < kCopyBelow) return copy(body);
  borrowed_ = true;
  append(body);
}

void WriteQueue::atSettle() {
  if (overTurn_ && !borrowed_) return turn_.endLater(*this);
  flush();
}

void WriteQueue::append(Bytes piece) {
  pieces_[pieceCount_++] = piece;
  gathered_ += piece.size();
  turn_.settleLater(*this);
  if (pieceCount_ == kMostPieces) flush();
}

void WriteQueue::flush() {
  if (gathered_ == 0) return;
  handedOver_ = true;
  transport_.write(std::span(pieces_).first(pieceCount_));
  discard();
}

void WriteQueue::discard() {
  pieceCount_ = 0;
  gathered_ = 0;
  chunkUsed_ = 0;
  borrowed_ = false;
  chunk_.reset();
}

}  // namespace outrigger
