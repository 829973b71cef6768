// Counts gRPC calls by how they ended. Few routes carry gRPC, so the cells are made with the first call. Single writer;
// any thread may read.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "proxy/metrics/cell.h"

namespace outrigger::metrics {

class GrpcCounter {
 public:
  static constexpr size_t kStatuses = 17;  ///< http::GrpcStatus

  GrpcCounter() = default;
  GrpcCounter(const GrpcCounter&) = delete;
  GrpcCounter& operator=(const GrpcCounter&) = delete;

  /// The writer's thread only. `status` is below kStatuses.
  void add(size_t status) {
    if (owned_ == nullptr) {
      owned_ = std::make_unique<Cells>();
      cells_.store(owned_.get(), std::memory_order_release);
    }
    (*owned_)[status].add();
  }

  uint64_t value(size_t status) const {
    const Cells* cells = cells_.load(std::memory_order_acquire);
    return cells == nullptr ? 0 : (*cells)[status].value();
  }

 private:
  using Cells = std::array<Counter, kStatuses>;
  std::atomic<const Cells*> cells_{nullptr};
  std::unique_ptr<Cells> owned_;
};

}  // namespace outrigger::metrics
