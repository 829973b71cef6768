// The health checks of one upstream: each endpoint is looked at in turn, by settings that a reload may change. Owned by
// its EndpointSet; one worker's thread, and of several workers the first one's only (the others are told).
#pragma once

#include <memory>
#include <vector>

#include "proxy/upstream/endpoint.h"
#include "proxy/upstream/health_check.h"

namespace outrigger::upstream {

class HealthWatchEvents {
 public:
  /// `endpoint.readiness()` has taken a check in. The watch may die in here.
  virtual void onChecked(Endpoint& endpoint, std::optional<policy::ReadinessNews> news) = 0;

 protected:
  ~HealthWatchEvents() = default;
};

class HealthWatch {
 public:
  /// All outlive it.
  HealthWatch(EndpointTools tools, HealthWatchEvents& events);
  ~HealthWatch();

  /// Checks these from now on, and no others; whoever is checked already goes on. They outlive their time here.
  void configure(const ClusterSettings& settings, const std::vector<std::unique_ptr<Endpoint>>& endpoints);
  /// No more checks.
  void stop();

 private:
  class Look;

  EndpointTools tools_;
  HealthWatchEvents& events_;
  policy::HealthSettings settings_;
  std::string host_;
  std::shared_ptr<const TlsClientSettings> tls_;
  std::vector<std::unique_ptr<Look>> looks_;
};

}  // namespace outrigger::upstream
