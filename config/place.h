// Where a value stands in a file. Lines and columns count from 1; columns count octets. 0: not from a file. Where a
// config is laid over another, `file` tells which of the two it is: load() numbers them.
#pragma once

#include <compare>
#include <cstdint>

namespace outrigger::config {

struct Place {
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t file = 0;
  auto operator<=>(const Place&) const = default;
};

}  // namespace outrigger::config
