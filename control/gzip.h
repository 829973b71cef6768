// Packs a page for its way. The control thread, which does nothing else meanwhile: about 4 ms for a megabyte of
// metrics.
#pragma once

#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control {

/// A whole gzip member (RFC 1952). Empty: it could not be made, for want of memory.
std::string gzip(Bytes plain);

}  // namespace outrigger::control
