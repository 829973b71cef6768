// One who asks an upstream for a stream. It is told once: a lease, or why not. Destroying it withdraws the question.
#pragma once

#include <optional>
#include <span>

#include "proxy/base/list.h"
#include "proxy/base/protocol.h"
#include "proxy/base/time.h"
#include "proxy/policy/hash.h"
#include "proxy/upstream/lease.h"

namespace outrigger::upstream {

struct WaiterTag;

/// Why there is no stream.
struct Refusal {
  Error error;
  /// A connection was tried and failed: another endpoint may do better.
  bool connectLevel = false;
};

class Waiter : public ListNode<WaiterTag> {
 public:
  /// lease() has a stream. Both may be called from inside Cluster::acquire().
  virtual void onLease() = 0;
  virtual void onRefused(const Refusal& refusal) = 0;

  /// Endpoints that this exchange has tried already, by Endpoint::id(); others are preferred.
  virtual std::span<const uint32_t> tried() const = 0;
  /// With Balance::Hash: where the request belongs; nullopt: it has no key.
  virtual std::optional<policy::Affinity> affinity() const { return std::nullopt; }
  /// What it speaks, where the upstream leaves that to the caller (Protocol::Auto): Http1, Http2, or Tcp for a tunnel.
  virtual Protocol protocol() const { return Protocol::Http1; }
  /// It wants a connection of its own, for octets without a protocol.
  bool isTunnel() const { return protocol() == Protocol::Tcp; }
  /// What is known of the route that brings it here; outlives the lease.
  virtual RouteState& route() = 0;
  /// Where a connection turns out to be closed, this request cannot be sent again: look closely before it is used.
  virtual bool unrepeatable() const = 0;
  /// An endpoint was chosen and will be tried.
  virtual void onEndpointChosen(const Endpoint& endpoint) = 0;

 protected:
  Waiter() = default;
  ~Waiter() { withdraw(); }

  /// The places it holds already, and at last the stream.
  Lease& lease() { return lease_; }
  const Lease& lease() const { return lease_; }

  /// Ends the question if it is still open, and gives all places back.
  void withdraw() {
    unlink();
    leaveQueue();
    lease_.release();
  }

 private:
  friend class Cluster;
  void leaveQueue() {
    if (queue_ != nullptr) --*std::exchange(queue_, nullptr);
  }

  Instant since_{};
  uint32_t* queue_ = nullptr;  // the length of the queue it stands in
  Lease lease_;
};

}  // namespace outrigger::upstream
