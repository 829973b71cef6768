// One worker's hold on one snapshot: the snapshot itself and the worker's clusters for it. Exchanges pin the generation
// they began on; the worker, which owns it, lets it go when a reload has replaced it and the last pin is gone. One
// worker's thread, so the count is a plain one.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "proxy/exchange/snapshot.h"
#include "proxy/upstream/cluster.h"

namespace outrigger::exchange {

struct Generation {
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<std::shared_ptr<upstream::Cluster>> clusters;   ///< by Snapshot::clusters
  std::vector<std::shared_ptr<upstream::RouteState>> routes;  ///< by Snapshot::routeStates
  uint32_t pins = 0;
};

class GenerationPin {
 public:
  GenerationPin() = default;
  explicit GenerationPin(Generation& generation) : generation_(&generation) { ++generation.pins; }
  GenerationPin(GenerationPin&& other) noexcept : generation_(std::exchange(other.generation_, nullptr)) {}
  GenerationPin& operator=(GenerationPin&& other) noexcept {
    if (this != &other) {
      reset();
      generation_ = std::exchange(other.generation_, nullptr);
    }
    return *this;
  }
  ~GenerationPin() { reset(); }

  /// Another pin of the same generation.
  GenerationPin again() const { return GenerationPin(*generation_); }

  const Generation* operator->() const { return generation_; }
  explicit operator bool() const { return generation_ != nullptr; }
  void reset() {
    if (generation_ != nullptr) --std::exchange(generation_, nullptr)->pins;
  }

 private:
  Generation* generation_ = nullptr;
};

}  // namespace outrigger::exchange
