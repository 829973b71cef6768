// What is counted: the series of CONTRACT §6 that workers write, as plain structs of cells. Which labels a struct
// belongs to is known to the control side only (control/telemetry); here it is an index.
#pragma once

#include <array>

#include "proxy/base/direction.h"
#include "proxy/metrics/cell.h"
#include "proxy/metrics/exemplars.h"
#include "proxy/metrics/grpc_counter.h"
#include "proxy/metrics/histogram.h"
#include "proxy/metrics/status_counter.h"

namespace outrigger::metrics {

/// For each (direction, route, upstream).
struct RequestSeries {
  StatusCounter requests;
  GrpcCounter grpc;
  Histogram duration;
  Exemplars exemplars;  ///< of `duration`
};

/// For each upstream. Arrays are indexed by the enum named beside them.
struct UpstreamSeries {
  std::array<Gauge, kDirectionCount> inFlight;
  std::array<Counter, 6> attempts;            ///< policy::AttemptResult
  std::array<Counter, 4> retries;             ///< policy::RetryCause
  std::array<Counter, 8> retriesRefused;      ///< policy::RetryRefusal
  std::array<Counter, 2> hedges;              ///< policy::HedgeResult
  std::array<Counter, 5> would;               ///< policy::Would
  Gauge breakerState;                         ///< 0 closed, 1 half-open, 2 open
  std::array<Counter, 3> breakerTransitions;  ///< policy::Breaker::State, the new one
  std::array<Counter, 4> ejections;           ///< policy::EjectCause
  std::array<Counter, 3> limitRejections;     ///< Limit
  std::array<Gauge, 5> endpoints;             ///< upstream::EndpointState
  Gauge connectionsActive;
  Gauge connectionsIdle;
  std::array<Counter, 3> connects;  ///< ConnectResult
};

/// For each (direction, upstream) that tunnels go to.
struct TunnelSeries {
  StatusCounter ended;  ///< by reason; there is no status
  Histogram duration;
  Gauge open;
  Counter sent;      ///< octets, to the upstream
  Counter received;  ///< octets, from it
};

enum class Limit : uint8_t { Connections, Requests, Pending };
enum class ConnectResult : uint8_t { Ok, Failed, Timeout };

/// What was made of a connection's first octets.
enum class Detection : uint8_t {
  Http1,
  Http2,
  Tls,          ///< ours to end, or passed on as it is
  Tcp,          ///< none of those
  ServerFirst,  ///< the caller was silent, and the endpoint spoke
  Refused,      ///< what may not stand there, or what has nowhere to go
};
inline constexpr size_t kDetectionCount = 6;

/// Why a connection that the kernel redirected to us was refused.
enum class RedirectRefusal : uint8_t {
  Lookup,  ///< the kernel could not say where it was going
  Loop,    ///< it was going to ourselves
};
inline constexpr size_t kRedirectRefusalCount = 2;

/// How a TLS handshake has ended.
enum class Handshake : uint8_t { Full, Resumed, Failed };
/// By side (0: with callers, 1: with endpoints) and Handshake.
using HandshakeCounters = std::array<std::array<Counter, 3>, 2>;

/// For the worker as a whole.
struct WorkerSeries {
  std::array<std::array<Counter, kDetectionCount>, kDirectionCount> detections;
  std::array<std::array<Counter, kRedirectRefusalCount>, kDirectionCount> redirectsRefused;
  std::array<Gauge, kDirectionCount> downstreamConnections;
  HandshakeCounters handshakes;
  Gauge activeRequests;  ///< what a listener looks at to choose a worker
  Gauge heartbeat;       ///< nanoseconds of the monotonic clock when the loop last came round
  Histogram eventLoopLag;
  std::array<std::array<Counter, 10>, kDirectionCount> http2Guards;  ///< http::h2::Guard
  std::array<Counter, 2> probes;                                     ///< the app's health probes: answered well; not
  Counter spansDropped;                                              ///< before they reached the control thread
  Counter acceptPauses;                                              ///< descriptors ran out
};

}  // namespace outrigger::metrics
