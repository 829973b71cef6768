// Whether this process may change the kernel's network rules. Pure.
#pragma once

#include "proxy/base/bytes.h"

namespace outrigger::control::redirect {

/// Whether CAP_NET_ADMIN is in the effective set that /proc/self/status tells; true where it tells none: then the
/// kernel itself will say.
bool mayChangeNetwork(Bytes status);

}  // namespace outrigger::control::redirect
