// For each bucket of a histogram the last recorded trace that fell into it, so that a slow bucket leads to a trace. Few
// series ever see one, so the places are made with the first. Single writer; any thread may read, and reads a whole one
// or none.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"
#include "proxy/metrics/histogram.h"

namespace outrigger::metrics {

struct Exemplar {
  std::array<uint64_t, 2> trace{};  ///< the trace-id's 16 octets, the first in the highest bits
  Duration value{};
  WallTime at{};
};

class Exemplars {
 public:
  Exemplars() = default;
  Exemplars(const Exemplars&) = delete;
  Exemplars& operator=(const Exemplars&) = delete;

  /// The writer's thread only. `traceId`: 32 hex digits; anything else is left out.
  void note(size_t bucket, Bytes traceId, Duration value, WallTime at);

  /// The last one of that bucket; nullopt: there is none, or it is being written.
  std::optional<Exemplar> read(size_t bucket) const;
  /// Whether there is any.
  bool any() const { return slots_.load(std::memory_order_acquire) != nullptr; }

 private:
  // A sequence that is odd while the words are written. Words are stored with release and loaded with acquire: whoever
  // has read a new word sees that the sequence has moved.
  struct Slot {
    std::atomic<uint64_t> sequence{0};
    std::array<std::atomic<uint64_t>, 4> words{};  // trace, value, time
  };
  using Slots = std::array<Slot, Bounds::kMost + 1>;

  std::atomic<const Slots*> slots_{nullptr};
  std::unique_ptr<Slots> owned_;
};

}  // namespace outrigger::metrics
