// The closed lists of CONTRACT §6 as words: each in the order of the enum that indexes the cells. Metrics and pages use
// the same ones. Constants; any thread.
#pragma once

#include "proxy/base/direction.h"
#include "proxy/http/h2/frame_watch.h"
#include "proxy/metrics/series.h"
#include "proxy/policy/breaker.h"
#include "proxy/policy/ejection.h"
#include "proxy/policy/hedge.h"
#include "proxy/policy/mode.h"
#include "proxy/policy/retry.h"
#include "proxy/upstream/endpoint.h"

namespace outrigger::control::telemetry {

inline constexpr std::array<Bytes, kDirectionCount> kDirectionWords{"inbound", "outbound"};
inline constexpr std::array<Bytes, policy::kAttemptResultCount> kAttemptWords{"ok",    "status",  "timeout",
                                                                              "reset", "connect", "cancelled"};
inline constexpr std::array<Bytes, policy::kRetryCauseCount> kRetryWords{"unsent", "reset", "timeout", "status"};
inline constexpr std::array<Bytes, policy::kRetryRefusalCount> kRefusalWords{
    "limit", "budget", "method", "key", "body", "deadline", "breaker", "pushback"};
inline constexpr std::array<Bytes, 3> kBreakerWords{"closed", "half-open", "open"};
inline constexpr std::array<Bytes, policy::kEjectCauseCount> kEjectWords{"consecutive", "errors", "latency", "health"};
inline constexpr std::array<Bytes, upstream::kEndpointStateCount> kEndpointWords{"healthy", "ejected", "returning",
                                                                                 "unhealthy", "draining"};
inline constexpr std::array<Bytes, policy::kHedgeResultCount> kHedgeWords{"won", "lost"};
inline constexpr std::array<Bytes, policy::kWouldCount> kWouldWords{"open", "eject", "refuse-retry", "hedge", "deny"};
inline constexpr std::array<Bytes, metrics::kDetectionCount> kDetectionWords{"http1", "http2",        "tls",
                                                                             "tcp",   "server-first", "refused"};
inline constexpr std::array<Bytes, metrics::kRedirectRefusalCount> kRedirectRefusalWords{"lookup", "loop"};
inline constexpr std::array<Bytes, 3> kLimitWords{"connections", "requests", "pending"};
inline constexpr std::array<Bytes, 3> kConnectWords{"ok", "failed", "timeout"};

/// Of HTTP/2 connections that were ended: what their peer overdid.
inline constexpr std::array<Bytes, 2> kSideWords{"downstream", "upstream"};
inline constexpr std::array<Bytes, 3> kHandshakeWords{"full", "resumed", "failed"};  // metrics::Handshake
inline constexpr std::array<Bytes, http::h2::kGuardCount> kGuardWords = http::h2::kGuardWords;

template <class Enum, size_t N>
constexpr Bytes wordOf(const std::array<Bytes, N>& words, Enum value) {
  return words[static_cast<size_t>(value)];
}

}  // namespace outrigger::control::telemetry
