// The filter `headers`: changes header fields of a route's requests and of their answers.
//
//   - headers:
//       request: {remove: [x-debug], set: {x-team: pay}, add: {x-seen-by: outrigger}}
//       response: {remove: [server]}
//
// In this order: `remove` takes away every field of that name, `set` puts one field in the place of all of that name,
// `add` puts one behind those that are there. Fields that frame the message, concern one connection or belong to the
// proxy cannot be named. Immutable; any thread.
#pragma once

#include <memory>

#include "config/filter_schema.h"
#include "proxy/exchange/filter.h"

namespace outrigger::filters::headers {

extern const config::FilterSchema kSchema;

/// `settings` is sound by the schema.
std::shared_ptr<const exchange::Filter> make(const config::Node& settings);

}  // namespace outrigger::filters::headers
