// Ranges of TCP ports ("22", "8000-8010"). Plain values; pure.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"

namespace outrigger::control::redirect {

struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;  ///< not below `first`

  bool holds(uint16_t port) const { return first <= port && port <= last; }
  /// "22" or "8000-8010", with another sign between where asked for.
  std::string text(char between = '-') const;
  bool operator==(const PortRange&) const = default;
};

/// The error is a sentence that says what would be right.
std::expected<PortRange, std::string> parsePorts(Bytes text);

/// Ascending, and those that overlap or touch as one: what a set without overlaps takes.
std::vector<PortRange> merged(std::vector<PortRange> ranges);

}  // namespace outrigger::control::redirect
