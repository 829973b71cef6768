// A request that is recorded in its trace, once it is over: what its spans are made of. Plain values, made on a worker
// and turned into spans on the control thread. They hold no more of a request than its access record.
#pragma once

#include "proxy/base/protocol.h"
#include "proxy/server/trail_ring.h"

namespace outrigger::server {

struct TracedRequest {
  Trail trail;           ///< its attempts each with the id of their span
  uint64_t span = 0;     ///< the id of its own span
  std::string parent;    ///< 16 hex digits; empty: the trace begins here
  std::string caller;    ///< address without port
  std::string pattern;   ///< the path that its route names; empty: no route was found
  std::string protocol;  ///< "HTTP/1.1", ...
  bool secure = false;   ///< the caller came with TLS
  Protocol upstreamProtocol = Protocol::Auto;
  bool upstreamSecure = false;

  /// Its own, and one for each attempt that chose an endpoint.
  size_t spans() const;
};

TracedRequest tracedRequestOf(const exchange::AccessRecord& record);

}  // namespace outrigger::server
