// What somebody looks at who meets a reason: one row for each, for `outrigger explain` and the page REASONS.md. Pure.
#pragma once

#include <span>

#include "proxy/base/bytes.h"
#include "proxy/base/reason.h"

namespace outrigger::control::reference {

struct Advice {
  Bytes lookAt;                    ///< words in backquotes are code
  std::span<const Bytes> pages{};  ///< of the policies that have a say in it, "breaker"
};

const Advice& adviceOn(Reason reason);

}  // namespace outrigger::control::reference
