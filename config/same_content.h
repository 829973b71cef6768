// Whether two values say the same. Pure.
#pragma once

#include "config/node.h"

namespace outrigger::config {

/// Alike in kind, texts, items and entries in their order, wherever they stand.
bool sameContent(const Node& a, const Node& b);

}  // namespace outrigger::config
