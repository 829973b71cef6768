// Octets to a descriptor, to the last one. Any thread.
#pragma once

#include <unistd.h>

#include <cerrno>

#include "proxy/base/bytes.h"

namespace outrigger::control {

/// Blocks until all are written. False: errno says why they are not.
inline bool writeAll(int fd, Bytes octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(fd, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace outrigger::control
