#include "control/admin/gathering.h"

#include <algorithm>

namespace outrigger::control::admin {

Gathering::Gathering(Turn& turn, uint32_t workers, Done done)
    : workers_(workers), done_(std::move(done)), self_(std::make_shared<Gathering*>(this)) {
  turn.timers.arm(patience_, turn.now + kPatience);
}

std::function<void(WorkerReport)> Gathering::place(uint32_t worker) {
  return [self = self_, worker](WorkerReport report) {
    if (*self == nullptr) return;
    report.worker = worker;
    (*self)->take(std::move(report));
  };
}

void Gathering::take(WorkerReport report) {
  if (std::ranges::count(reports_, report.worker, &WorkerReport::worker) > 0) return;
  reports_.push_back(std::move(report));
  if (reports_.size() == workers_) finish();
}

void Gathering::finish() {
  *self_ = nullptr;
  patience_.disarm();
  Result result;
  std::ranges::sort(reports_, {}, &WorkerReport::worker);
  for (uint32_t worker = 0; worker < workers_; ++worker) {
    if (!std::ranges::count(reports_, worker, &WorkerReport::worker)) result.silent.push_back(worker);
  }
  result.reports = std::move(reports_);
  done_(*this, std::move(result));
}

}  // namespace outrigger::control::admin
