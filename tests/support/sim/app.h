// An app that asks others before it answers, through its own sidecar's outbound side. As a careful app does, it
// forwards x-request-id and traceparent, and nothing else; as most do, it neither knows of deadlines nor notices that
// its caller has left. Owned by a test.
#pragma once

#include <string>

#include "tests/support/sim/lines.h"
#include "tests/support/sim/service.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {

class App {
 public:
  /// `service` is its side for callers, `host` whom it asks, once for each request.
  App(World& world, Service& service, Sidecar& sidecar, std::string host);
  /// The careless one.
  void forwardNothing() { forwards_ = false; }

 private:
  void ask(const Service::Job& job, Service::Reply reply);

  Lines lines_;
  std::string host_;
  bool forwards_ = true;
  std::string octets_;  // scratch
};

}  // namespace outrigger::sim
