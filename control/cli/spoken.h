// What a person reads at a terminal: times, ages, and texts that came from elsewhere. Pure.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"

namespace outrigger::control::cli {

/// `text` without what would steer a terminal: control characters become '?'; line ends too, unless `lines`.
std::string harmless(Bytes text, bool lines = false);

/// "350 ms", "12 s", "3 m", "2 h 5 m", "4 d 3 h"; 0 and less are "0 s".
std::string spanText(Duration span);

/// "0.42 ms", "31 ms", "1.3 s", from milliseconds; "-" for 0, which stands for "not known".
std::string latencyText(double milliseconds);

/// "3 endpoints", "1 endpoint".
std::string counted(uint64_t count, const std::string& thing);

/// Reads a time as the admin pages write it, "2026-01-31T12:00:00.123Z".
std::optional<WallTime> readTime(Bytes text);

}  // namespace outrigger::control::cli
