// All questions to the workers that are under way. The control thread only.
#pragma once

#include "control/admin/gathering.h"
#include "control/worker_host.h"

namespace outrigger::control::admin {

class Gatherings {
 public:
  using Question = std::function<WorkerReport(server::Worker& worker)>;
  using Answered = std::function<void(const Gathering::Result& result)>;

  /// Both outlive it. What is not answered when it dies is forgotten.
  Gatherings(Turn& turn, const std::vector<std::unique_ptr<WorkerHost>>& hosts) : turn_(turn), hosts_(hosts) {}

  /// Asks all workers, and calls `answered` when they have answered or time is up; never from within the call.
  void ask(const Question& question, Answered answered);

 private:
  Turn& turn_;
  const std::vector<std::unique_ptr<WorkerHost>>& hosts_;
  std::vector<std::unique_ptr<Gathering>> underWay_;
};

}  // namespace outrigger::control::admin
