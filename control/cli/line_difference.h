// What a formatter changed, as a unified diff. Pure.
#pragma once

#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::cli {

/// `after` has the lines of `before` in their order, each perhaps with other blanks, and may lack blank ones: what
/// format() gives. Empty: they are the same.
std::string lineDifference(const std::string& name, Bytes before, Bytes after);

}  // namespace outrigger::control::cli
