// A service for the demo that misbehaves by the clock (mostly quick, sometimes slow, failing in waves) and on demand
// (dead, slow, failing). Runs on a loop of its own thread, as a real one would beside the sidecar.
#pragma once

#include <optional>
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

/// What somebody does to an instance, on top of its mood.
enum class Trouble : uint8_t {
  None,
  Dead,    ///< connections are cut, and new ones refused
  Slow,    ///< every answer takes half a second longer
  Errors,  ///< every answer is 503
};

/// One instance. On its loop's thread.
class ToyInstance {
 public:
  ToyInstance(net::EventLoop& loop, net::BoundSocket socket, const Mood& mood);

  void suffer(Trouble trouble);

 private:
  struct Due {
    Instant at;
    GivePage give;
    uint16_t status;
  };

  void onRequest(const GivePage& give);
  void onDue();

  net::EventLoop& loop_;
  const Address address_;
  Mood mood_;
  Trouble trouble_ = Trouble::None;
  Instant start_;
  PageServer server_;
  std::optional<HttpEndpoint> endpoint_;
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
  /// After start(): of the instance that was added as the `number`th, from 0.
  void trouble(size_t number, Trouble trouble);

 private:
  net::EventLoop loop_;
  std::vector<std::unique_ptr<ToyInstance>> instances_;
  std::thread thread_;
};

}  // namespace outrigger::control::demo
