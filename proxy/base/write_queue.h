// Gathers what one callback wants to say to one peer into a single write at the end of that callback: a head and the
// first body bytes leave together. Small things are copied into a pooled chunk; a large body is only referenced, since
// the bytes it came in are valid until the callback settles. One thread; lives beside its transport.
#pragma once

#include <array>

#include "proxy/base/bytes.h"
#include "proxy/base/chunk_pool.h"
#include "proxy/base/transport.h"
#include "proxy/base/turn.h"

namespace outrigger {

class WriteQueue final : public AtSettle, public AtTurnEnd {
 public:
  WriteQueue(Turn& turn, Transport& transport) : turn_(turn), transport_(transport) {}

  /// From now on what was copied waits for the end of the turn: many callbacks speak to this peer.
  void gatherOverTurn() { overTurn_ = true; }
  /// Something was gathered that is valid only until the running callback has settled.
  bool holdsBorrowed() const { return borrowed_; }

  /// Room for `n` contiguous bytes; say with commit() how many were used. No other call may come between the two.
  /// Writes early what was gathered if there is no more room for it.
  char* reserve(size_t n);
  void commit(size_t n);

  /// Appends a copy of `text`.
  void copy(Bytes text);

  /// Appends `body`, which stays valid until the running callback has settled; copied if it is small.
  void borrow(Bytes body);

  /// Writes now what has been gathered.
  void flush();

  /// Forgets what has been gathered.
  void discard();

  /// Bytes gathered here or waiting in the transport.
  size_t pending() const { return gathered_ + transport_.queued(); }

  /// True from the moment before the first byte since the last forgetHandedOver() goes to the kernel: from then on the
  /// peer may have seen some of it.
  bool handedOver() const { return handedOver_; }
  void forgetHandedOver() { handedOver_ = false; }

 private:
  static constexpr size_t kMostPieces = 4;
  static constexpr size_t kCopyBelow = 2048;  // above it a copy costs more than one more piece

  void atSettle() override;
  void atTurnEnd() override { flush(); }
  void append(Bytes piece);

  Turn& turn_;
  Transport& transport_;
  std::array<Bytes, kMostPieces> pieces_;
  uint32_t pieceCount_ = 0;
  uint32_t chunkUsed_ = 0;
  size_t gathered_ = 0;
  Chunk chunk_;
  bool handedOver_ = false;
  bool overTurn_ = false;
  bool borrowed_ = false;
};

}  // namespace outrigger
