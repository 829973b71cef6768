// Names of header fields that mean something to the proxy. A name is matched once, when a head is parsed; from then on
// the enum is compared. Everything else is Header::Other and only passes through.
#pragma once

#include <cstdint>

#include "proxy/base/bytes.h"

namespace outrigger::http {

enum class Header : uint8_t {
  Other,
  Te,
  Age,
  Via,
  Date,
  Host,
  Allow,
  Cookie,
  Expect,
  Server,
  Trailer,
  Upgrade,
  Location,
  Connection,
  KeepAlive,
  SetCookie,
  Tracestate,
  RetryAfter,
  Traceparent,
  GrpcTimeout,
  GrpcStatus,
  ContentType,
  MaxForwards,
  XRequestId,
  Authorization,
  ContentRange,
  CacheControl,
  ContentLength,
  ContentEncoding,
  Http2Settings,
  XForwardedFor,
  XForwardedProto,
  ProxyConnection,
  ProxyAuthenticate,
  ProxyAuthorization,
  TransferEncoding,
  XForwardedClientCert,
  B3,  ///< this one and the next four: how Zipkin's libraries carry a trace
  XB3TraceId,
  XB3SpanId,
  XB3Sampled,
  XB3Flags,
  OutriggerAdmin,
  OutriggerReason,
  OutriggerAttempt,
  OutriggerAttempts,
  OutriggerNoRetry,
  OutriggerTimeoutMs,
  OutriggerNotForwarded,
  OutriggerOther,  ///< any other name that begins with "outrigger-"
};

inline constexpr size_t kHeaderCount = static_cast<size_t>(Header::OutriggerOther) + 1;

/// Finds a name in any case.
Header headerOf(Bytes name);

/// The lower-case name; empty for Other and OutriggerOther.
Bytes headerName(Header header);

/// Fields that concern one connection only and never pass (RFC 9110 §7.6.1), besides those that `Connection` names.
bool isHopByHop(Header header);

/// Fields that a trailer section may not carry: framing, routing, authentication and what explains the content
/// (RFC 9110 §6.5.1).
bool isForbiddenInTrailers(Header header);

}  // namespace outrigger::http
