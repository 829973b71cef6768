// What is mounted, as /proc/self/mountinfo tells. Pure.
#pragma once

#include <string>
#include <vector>

#include "proxy/base/bytes.h"

namespace outrigger::control::doctor {

/// Where something is mounted, unescaped.
std::vector<std::string> mountPoints(Bytes mountinfo);

}  // namespace outrigger::control::doctor
