// An error is a value: what happened, who caused it, and whether trying again is safe. It never allocates.
#pragma once

#include <cstdint>

#include "proxy/base/reason.h"

namespace outrigger {

/// On which side of the proxy the cause lies.
enum class Origin : uint8_t { Downstream, Upstream, Local };

struct Error {
  Reason reason = Reason::Internal;
  Origin origin = Origin::Local;
  /// The request provably never reached the application: no byte of it was handed to the kernel (POLICIES §1).
  bool unsent = false;
  /// One sentence for a person, without a full stop; a string literal.
  const char* detail = "";
};

/// The caller broke the protocol or went away.
constexpr Error downstreamError(Reason reason, const char* detail) {
  return {.reason = reason, .origin = Origin::Downstream, .unsent = false, .detail = detail};
}

/// The service we call failed after it may have seen the request.
constexpr Error upstreamError(Reason reason, const char* detail) {
  return {.reason = reason, .origin = Origin::Upstream, .unsent = false, .detail = detail};
}

/// The service we call could not be reached; it saw nothing of the request.
constexpr Error unsentError(Reason reason, const char* detail) {
  return {.reason = reason, .origin = Origin::Upstream, .unsent = true, .detail = detail};
}

/// We refused by our own decision, before anything was sent.
constexpr Error localError(Reason reason, const char* detail) {
  return {.reason = reason, .origin = Origin::Local, .unsent = true, .detail = detail};
}

}  // namespace outrigger
