// One question to all workers, and the wait for their answers: it ends when all have answered, or when patience does,
// so that a page always comes. The control thread only.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "control/admin/worker_report.h"
#include "proxy/base/turn.h"

namespace outrigger::control::admin {

class Gathering {
 public:
  static constexpr Duration kPatience = 2s;

  struct Result {
    std::vector<WorkerReport> reports;  ///< in the order of the workers
    std::vector<uint32_t> silent;       ///< workers that did not answer
  };
  /// Called once, never from the constructor. The gathering may be buried in there, but not destroyed.
  using Done = std::function<void(Gathering& self, Result result)>;

  /// `turn` outlives it; `workers` >= 1, numbered from 0.
  Gathering(Turn& turn, uint32_t workers, Done done);
  ~Gathering() { *self_ = nullptr; }
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  /// Takes the answer of worker `worker`; a no-op once the wait is over, and after the gathering has died.
  std::function<void(WorkerReport)> place(uint32_t worker);

 private:
  void take(WorkerReport report);
  void finish();

  const uint32_t workers_;
  Done done_;
  std::vector<WorkerReport> reports_;
  std::shared_ptr<Gathering*> self_;  // what a place holds; emptied at the end of the wait
  Timer<Gathering, &Gathering::finish> patience_{*this};
};

}  // namespace outrigger::control::admin
