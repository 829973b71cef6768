// One upstream with many endpoints, some of which go bad while callers call: the worker as a whole, as E16 and E17 need
// it. Owned by a test.
#pragma once

#include <string>
#include <vector>

#include "tests/support/sim/callers.h"

namespace outrigger::sim {

class BadEndpoints {
 public:
  struct Setting {
    size_t endpoints = 12;
    double perSecond = 1000;
    Law law = Law::lognormal(4ms, 0.5);
    std::string balance = "round-robin";
    std::string policy{};  ///< what the upstream's policy says, in the flow style of YAML; empty: the built-in one
  };

  BadEndpoints(const Setting& setting, uint64_t seed);

  /// Calls come in an open loop for so long from now on.
  void call(Duration span) { callers_.start(span); }
  void run(Duration span) { world_.run(span); }
  void finish() { callers_.finish(); }

  World& world() { return world_; }
  Sidecar& sidecar() { return sidecar_; }
  Service& service(size_t endpoint) { return *services_[endpoint]; }
  const Callers& callers() const { return callers_; }

  /// The faults begin.
  void mark() { markedAt_ = world_.loop().turn().wall; }
  /// Seconds from the mark to the first ejection of that endpoint; infinite if there was none.
  double secondsToEjection(size_t endpoint) const;
  /// How many decisions to eject any other than these there were.
  size_t ejectionsBut(const std::vector<size_t>& endpoints) const;

 private:
  std::string address(size_t endpoint) const { return services_[endpoint]->address().text(); }
  std::string config(const Setting& setting);

  World world_;
  std::vector<Service*> services_;
  Sidecar& sidecar_;
  Callers callers_;
  WallTime markedAt_{};
};

}  // namespace outrigger::sim
