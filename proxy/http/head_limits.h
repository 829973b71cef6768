// Limits on what a peer may make us hold for the head of a message, and what it may ask for, in every version of HTTP.
// A plain value.
#pragma once

#include <cstdint>

namespace outrigger::http {

/// Bytes and counts.
struct HeadLimits {
  uint32_t headBytes = 60 * 1024;
  uint32_t headFields = 100;
  uint32_t targetBytes = 8 * 1024;
  bool connect = false;  ///< CONNECT is taken
};

}  // namespace outrigger::http
