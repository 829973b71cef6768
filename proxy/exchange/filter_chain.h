// Runs a route's filters over one request: forwards on the way in, backwards on the way out. A value inside an
// exchange.
#pragma once

#include <memory>
#include <span>

#include "proxy/exchange/filter.h"

namespace outrigger::exchange {

using FilterList = std::span<const std::shared_ptr<const Filter>>;

class FilterChain {
 public:
  void start(FilterList filters) {
    filters_ = filters;
    ran_ = 0;
  }

  /// Runs on until a filter answers something other than Continue, which is returned; Continue: all have run.
  Verdict runRequest(FilterContext& context, http::RequestHead& head) {
    while (ran_ < filters_.size()) {
      const Filter& filter = *filters_[ran_++];
      Verdict verdict = filter.onRequest(context, head);
      if (verdict.kind != Verdict::Kind::Continue) return verdict;
    }
    return Verdict::goOn();
  }

  /// Shows the answer to every filter that saw the request, last first.
  void runResponse(FilterContext& context, http::ResponseHead& head) const {
    for (size_t i = ran_; i > 0; --i) filters_[i - 1]->onResponse(context, head);
  }

  bool empty() const { return filters_.empty(); }

 private:
  FilterList filters_;
  size_t ran_ = 0;
};

}  // namespace outrigger::exchange
