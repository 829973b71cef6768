// The places that one attempt takes: perhaps one among the breaker's probes, then one among the upstream's requests and
// in the endpoint's in-flight count, and at last a stream. Gives back what it holds when it dies. Move-only; one
// worker's thread; its cluster outlives it (the exchange pins the snapshot that holds the cluster).
#pragma once

#include <utility>

#include "proxy/policy/breaker.h"
#include "proxy/policy/latency_watch.h"
#include "proxy/policy/outcome.h"
#include "proxy/upstream/upstream_stream.h"

namespace outrigger::upstream {

class Cluster;
class Endpoint;
struct RouteState;

class Lease {
 public:
  Lease() = default;
  /// Admitted by the breaker; no endpoint yet.
  Lease(Cluster& cluster, policy::Breaker::Ticket ticket, RouteState& route)
      : cluster_(&cluster), route_(&route), ticket_(ticket) {}
  Lease(Lease&& other) noexcept { *this = std::move(other); }
  Lease& operator=(Lease&& other) noexcept {
    if (this == &other) return *this;
    release();
    cluster_ = std::exchange(other.cluster_, nullptr);
    endpoint_ = std::exchange(other.endpoint_, nullptr);
    route_ = other.route_;
    stream_ = other.stream_;
    ticket_ = other.ticket_;
    grade_ = other.grade_;
    ejectionsBefore_ = other.ejectionsBefore_;
    observed_ = other.observed_;
    holdsPlace_ = other.holdsPlace_;
    return *this;
  }
  ~Lease() { release(); }

  bool hasStream() const { return cluster_ != nullptr && stream_ != nullptr; }
  /// An endpoint was chosen, and a connection to it is awaited.
  bool connecting() const { return cluster_ != nullptr && endpoint_ != nullptr && stream_ == nullptr; }

  /// Valid until the stream has ended or was cancelled.
  UpstreamStream& stream() const { return *stream_; }
  Endpoint& endpoint() const { return *endpoint_; }

  /// The answer's head has come, and how the attempt went will be known later: for its latency it is over.
  void answered();

  /// Tells breaker, ejection and budget how the attempt went, at the answer's head or when none can come any more;
  /// where only the end of the answer tells (gRPC), then. Only the first call counts. `latency`: from the start of the
  /// attempt to its answer's head.
  void observe(const policy::AttemptEnd& end, Duration latency);

  /// The place among `limits.requests` is free again, though the answer goes on.
  void leavePlace();

  /// The endpoint has told that it goes.
  void markDraining();

  /// Gives the places back; idempotent. Without observe() the attempt counts as one that never ran.
  void release();

 private:
  friend class Cluster;

  Cluster* cluster_ = nullptr;
  Endpoint* endpoint_ = nullptr;
  RouteState* route_ = nullptr;
  UpstreamStream* stream_ = nullptr;
  policy::Breaker::Ticket ticket_;
  policy::Grade grade_ = policy::Grade::Neutral;
  uint32_t ejectionsBefore_ = 0;  ///< of the endpoint, when it was chosen
  policy::AttemptAge age_;        ///< runs while a stream is leased; stays behind when the lease moves
  bool observed_ = false;
  bool holdsPlace_ = false;  ///< among `limits.requests`
};

}  // namespace outrigger::upstream
