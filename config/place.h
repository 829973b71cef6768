// Where a value stands in a file. Lines and columns count from 1; columns count octets. 0: not from a file.
#pragma once

#include <compare>
#include <cstdint>

namespace outrigger::config {

struct Place {
  uint32_t line = 0;
  uint32_t column = 0;
  auto operator<=>(const Place&) const = default;
};

}  // namespace outrigger::config
