// What is kept of every request, whatever became of it: the access record of CONTRACT §5. Made once, in finish(). Views
// into the exchange; whoever keeps a record copies or formats it in the call.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxy/base/direction.h"
#include "proxy/base/peer_info.h"
#include "proxy/base/protocol.h"
#include "proxy/base/reason.h"
#include "proxy/base/time.h"
#include "proxy/exchange/trail.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

/// What a request asked for, in words of the config alone.
struct Shape {
  Bytes host;
  Bytes path;
};

struct AccessRecord {
  WallTime time;  ///< of the request's first octet
  Bytes id;
  Bytes trace;  ///< trace-id of the traceparent
  Direction direction = Direction::Outbound;
  Bytes method;
  Bytes host;   ///< as the route names it; as it came, where the config says so
  Bytes path;   ///< likewise, without the query
  Shape shape;  ///< host and path as the route names them; not in the line
  Bytes route;
  Bytes upstream;
  const Address* endpoint = nullptr;
  uint16_t status = 0;
  Bytes grpcStatus{};  ///< its word, of a gRPC call; else empty
  Reason reason = Reason::Internal;
  uint32_t attempts = 0;
  uint64_t requestBytes = 0;   ///< of the body
  uint64_t responseBytes = 0;  ///< of the body
  Duration duration{};
  Duration upstreamTime{};                     ///< of the last attempt, to its head
  const AttemptNote* trail = nullptr;          ///< of all attempts, linked by `later`; not in the line
  Instant begunAt{};                           ///< as `time`; not in the line
  uint64_t span = 0;                           ///< its id; 0: none is recorded; not in the line
  Bytes parentSpan{};                          ///< 16 hex digits; empty: the trace begins here; not in the line
  bool upstreamSecure = false;                 ///< its endpoints are called with TLS; not in the line
  Protocol upstreamProtocol = Protocol::Auto;  ///< likewise
  const PeerInfo* peer = nullptr;
  Bytes accessRule{};  ///< that refused the caller; not in the line
  Bytes protocol;      ///< "HTTP/1.1", "TCP", ...
  /// The request fields that log.headers names.
  std::vector<std::pair<Bytes, Bytes>> headers;
};

/// Appends the record as one line of JSON, with its line end. Octets that are not UTF-8 are written as U+FFFD.
void appendJson(std::string& out, const AccessRecord& record);

}  // namespace outrigger::exchange
