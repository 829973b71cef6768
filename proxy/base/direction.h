// The two directions of a sidecar. Not the sides of a connection: those are downstream and upstream.
#pragma once

#include <cstdint>

namespace outrigger {

enum class Direction : uint8_t {
  Inbound,   ///< from others to the app beside us
  Outbound,  ///< from the app to others
};

inline constexpr int kDirectionCount = 2;

}  // namespace outrigger
