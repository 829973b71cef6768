// A service for the demo that misbehaves by the clock: mostly quick, sometimes slow, and failing in waves. Runs on a
// loop of its own thread, as a real one would beside the sidecar.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "control/http_endpoint.h"
#include "control/page_server.h"

namespace outrigger::control::demo {

/// How one instance of a service behaves.
struct Mood {
  Duration usual = 4ms;  ///< an ordinary answer
  double slowShare = 0;  ///< of the answers, 0 to 1, that
  Duration slowBy{};     ///< ... take so much longer
  Duration wave{};       ///< of each such period (0: never),
  Duration failing{};    ///< ... this much at its end answers 503
};

/// One instance. On its loop's thread.
class ToyInstance {
 public:
  ToyInstance(net::EventLoop& loop, net::BoundSocket socket, const Mood& mood);

 private:
  struct Due {
    Instant at;
    GivePage give;
    uint16_t status;
  };

  void onRequest(const GivePage& give);
  void onDue();

  net::EventLoop& loop_;
  Mood mood_;
  Instant start_;
  PageServer server_;
  HttpEndpoint endpoint_;
  std::vector<Due> due_;
  Timer<ToyInstance, &ToyInstance::onDue> timer_{*this};
};

/// All instances of the demo, on one thread. Owned by the main thread.
class ToyServices {
 public:
  ToyServices() : loop_(net::randomSeed()) {}
  ~ToyServices();

  /// Before start(): listens on a free loopback port, which is returned.
  Address add(const Mood& mood);
  void start();

 private:
  net::EventLoop loop_;
  std::vector<std::unique_ptr<ToyInstance>> instances_;
  std::thread thread_;
};

}  // namespace outrigger::control::demo
