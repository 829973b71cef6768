// The last values of a series, oldest first. Memory grows with what is in it, up to its bound. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace outrigger::control::live {

template <class Value>
class Ring {
 public:
  /// `most` >= 1.
  explicit Ring(size_t most) : most_(most) {}

  void add(Value value) {
    if (values_.size() < most_) {
      values_.push_back(value);
    } else {
      values_[static_cast<size_t>(added_ % most_)] = value;
    }
    ++added_;
  }

  size_t size() const { return values_.size(); }
  /// 0 is the oldest that is kept.
  const Value& operator[](size_t i) const {
    return values_[values_.size() < most_ ? i : static_cast<size_t>((added_ + i) % most_)];
  }
  const Value& last() const { return (*this)[size() - 1]; }
  /// How many were ever added: the next one's number.
  uint64_t added() const { return added_; }
  /// The index of the first kept value whose number is `number` or more; size() if there is none.
  size_t from(uint64_t number) const {
    const uint64_t oldest = added_ - values_.size();
    return number <= oldest ? 0 : static_cast<size_t>(std::min<uint64_t>(number - oldest, values_.size()));
  }

 private:
  size_t most_;
  std::vector<Value> values_;
  uint64_t added_ = 0;
};

}  // namespace outrigger::control::live
