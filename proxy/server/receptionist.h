// What a listener of the data plane makes of the connections it accepts. Implemented by the Worker for each kind of
// listener; outlives the connections, and may change its answers with a reload. One worker's thread.
#pragma once

#include <memory>

#include "proxy/base/list.h"
#include "proxy/exchange/snapshot.h"
#include "proxy/exchange/tunnel.h"
#include "proxy/http/server_stream.h"
#include "proxy/metrics/series.h"

namespace outrigger::server {

struct SpareTag;

/// Holds a connection to an endpoint on behalf of a caller who has not said anything yet.
class SpareHolder : public ListNode<SpareTag> {
 public:
  /// Closes it; unlinked already.
  virtual void giveUpSpare() = 0;

 protected:
  ~SpareHolder() = default;
};

/// The spare connections of one listener. Few at a time: an endpoint that speaks first does so at once, and one that
/// never does need not hold a connection for each caller who is silent. The oldest gives way.
class SpareSet {
 public:
  static constexpr size_t kMost = 64;

  void add(SpareHolder& holder) {
    if (holders_.count() >= kMost) holders_.popFront()->giveUpSpare();
    holders_.pushBack(holder);
  }

 private:
  List<SpareHolder, SpareTag> holders_;
};

class Receptionist {
 public:
  /// What may come from this peer; it may depend on where the peer was going.
  virtual const exchange::ReceptionSettings& reception(const PeerInfo& peer) const = 0;
  virtual http::StreamHandler& requests() = 0;
  /// Whether there is an upstream for what is not HTTP.
  virtual bool takesTcp(const PeerInfo& peer) const = 0;
  /// Only where it does. nullptr: it would lead back to ourselves.
  virtual std::unique_ptr<exchange::Tunnel> makeTunnel(const PeerInfo& peer) = 0;
  virtual SpareSet& spares() = 0;
  virtual void onDetected(metrics::Detection verdict) = 0;

 protected:
  ~Receptionist() = default;
};

}  // namespace outrigger::server
