// The closed list of reasons: why a request ended as it did. The same word stands in the response header, the access
// record, the metric label and the page. What each one means for the caller (status, text) is exchange/reply_table.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outrigger {

enum class Reason : uint8_t {
  Ok,  ///< the upstream answered, whatever it said
  NoRoute,
  NoEndpoints,
  BreakerOpen,
  LimitConnections,
  LimitRequests,
  LimitPending,
  PendingTimeout,
  RateLimited,
  Shed,
  Malformed,
  HeaderTimeout,
  BodyTimeout,
  BodyTooLarge,
  UriTooLong,
  HeadersTooLarge,
  Unsupported,
  UnsupportedVersion,  ///< the same word as Unsupported, another status
  UpstreamReset,
  UpstreamMalformed,
  ConnectFailed,
  ConnectTimeout,
  TlsFailed,
  AttemptTimeout,
  RequestTimeout,
  DeadlineExceeded,
  IdleTimeout,
  Denied,
  Unauthenticated,
  FaultInjected,
  Draining,
  ClientClosed,  ///< in records and metrics only: there is nobody left to tell
  Responded,
  Redirected,
  Loop,
  Internal,
};

inline constexpr size_t kReasonCount = static_cast<size_t>(Reason::Internal) + 1;

}  // namespace outrigger
