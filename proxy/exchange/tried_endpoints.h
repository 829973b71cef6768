// The endpoints that one exchange, or one tunnel, has tried. A plain value.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace outrigger::exchange {

/// By Endpoint::id(). Those beyond the twelfth are not remembered.
class TriedEndpoints {
 public:
  void clear() { size_ = 0; }
  void add(uint32_t id) {
    if (size_ < ids_.size()) ids_[size_++] = id;
  }
  std::span<const uint32_t> ids() const { return std::span(ids_).first(size_); }

 private:
  std::array<uint32_t, 12> ids_;
  size_t size_ = 0;
};

}  // namespace outrigger::exchange
