// Something out of the ordinary that the proxy decided, in words: what the page, /api/decisions and the log show. A
// plain value, made on a worker and read on the control thread.
#pragma once

#include <deque>
#include <string>

#include "proxy/base/time.h"

namespace outrigger::server {

struct Decision {
  WallTime time{};
  std::string kind;        ///< "breaker", "ejection", "suspect", "panic", "return", "request"
  std::string upstream{};  ///< empty: none concerned
  std::string endpoint{};  ///< empty: none concerned
  std::string route{};     ///< empty: none concerned
  std::string text{};      ///< one sentence without a full stop
  std::string reason{};    ///< of a request: the word of its reason
};

/// The last decisions, oldest first.
class DecisionRing {
 public:
  static constexpr size_t kMost = 200;

  void add(Decision decision) {
    decisions_.push_back(std::move(decision));
    ++added_;
    if (decisions_.size() > kMost) decisions_.pop_front();
  }
  const std::deque<Decision>& all() const { return decisions_; }
  /// How many were ever added: the last one's number, from 1.
  uint64_t added() const { return added_; }

 private:
  std::deque<Decision> decisions_;
  uint64_t added_ = 0;
};

}  // namespace outrigger::server
