// The filter `fault`: delays a share of a route's requests, and answers a share of them with an error, to see how
// callers bear it.
//
//   - fault: {delay: {percent: 10, time: 200ms}, abort: {percent: 1, status: 503}, seed: 7}
//
// The two are drawn independently, so that one request may get both: then the error comes after the delay. With a
// `seed` a test run can be repeated: what becomes of the n-th request that the filter sees depends on the seed and n
// alone. The requests are numbered over all workers, from 1 again whenever these settings change; without a seed each
// worker's own random numbers decide. Any thread; the number is its one piece of state, an atomic.
#pragma once

#include <memory>

#include "config/filter_schema.h"
#include "proxy/exchange/filter.h"

namespace outrigger::filters::fault {

extern const config::FilterSchema kSchema;

/// `settings` is sound by the schema.
std::shared_ptr<const exchange::Filter> make(const config::Node& settings);

}  // namespace outrigger::filters::fault
