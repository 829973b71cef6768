// The filter `local-rate-limit`: lets so many requests of a route pass in each period, and answers 429 with Retry-After
// to the rest.
//
//   - local-rate-limit: {requests: 100, per: 1s, burst: 20}
//
// Exact over all workers of the process; other processes count for themselves. `burst` is how many may pass at once
// after a quiet time; else `requests`. Any thread; its one piece of state is an atomic.
#pragma once

#include <memory>

#include "config/filter_schema.h"
#include "proxy/exchange/filter.h"

namespace outrigger::filters::local_rate_limit {

extern const config::FilterSchema kSchema;

/// `settings` is sound by the schema.
std::shared_ptr<const exchange::Filter> make(const config::Node& settings);

}  // namespace outrigger::filters::local_rate_limit
