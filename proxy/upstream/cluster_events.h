// What a cluster tells its worker: the decisions that somebody will ask about at three in the morning. The worker logs
// them, keeps them for the page, and tells the other workers.
#pragma once

#include "proxy/policy/ejection.h"
#include "proxy/policy/readiness.h"
#include "proxy/upstream/breakers.h"

namespace outrigger::upstream {

class Cluster;
class Endpoint;

class ClusterEvents {
 public:
  virtual void onBreakerChanged(const Cluster& cluster, const BreakerChange& change) = 0;
  /// In `mode: observe` it is what would have been done.
  virtual void onEjection(const Cluster& cluster, const Endpoint& endpoint, const policy::EjectionNews& news) = 0;
  /// So few endpoints may be used that all are (policy::Ejection::panics), or not any more.
  virtual void onPanic(const Cluster& cluster, bool panics) = 0;
  /// It gets traffic again: `record().state()` says whether all of its share.
  virtual void onReturned(const Cluster& cluster, const Endpoint& endpoint) = 0;
  /// Its own health checks, or its own word, have put it in or out of use.
  virtual void onReadiness(const Cluster& cluster, const Endpoint& endpoint, policy::ReadinessNews news) = 0;

 protected:
  ~ClusterEvents() = default;
};

}  // namespace outrigger::upstream
