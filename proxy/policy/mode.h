// What a policy in `mode: observe` would have done: counted, not carried out.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outrigger::policy {

/// The label `action` of outrigger_would_total.
enum class Would : uint8_t {
  Open,         ///< the breaker would have refused a request
  Eject,        ///< an endpoint would have been ejected
  RefuseRetry,  ///< the budget would have refused a retry
  Hedge,        ///< a second attempt would have been sent
  Deny,         ///< a caller would have been refused
};
inline constexpr size_t kWouldCount = 5;

}  // namespace outrigger::policy
