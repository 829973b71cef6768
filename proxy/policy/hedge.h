// A second attempt beside a slow first one (POLICIES §5). Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outrigger::policy {

/// The label `result` of outrigger_hedges_total: whether the second attempt answered first.
enum class HedgeResult : uint8_t { Won, Lost };
inline constexpr size_t kHedgeResultCount = 2;

}  // namespace outrigger::policy
