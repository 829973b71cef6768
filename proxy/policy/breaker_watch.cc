#include "proxy/policy/breaker_watch.h"

#include <algorithm>

#include "proxy/policy/failure_run.h"

namespace outrigger::policy {

BreakerWatch::BreakerWatch(const BreakerSettings& settings)
    : settings_(settings), failures_(settings.window), slow_(settings.window) {}

void BreakerWatch::configure(const BreakerSettings& settings) {
  const bool sameLength = settings.window == settings_.window;
  if (!sameLength) failures_ = RateWindow(settings.window);
  if (!sameLength || settings.slowCall != settings_.slowCall) slow_ = RateWindow(settings.window);
  settings_ = settings;
}

std::optional<BreakerCause> BreakerWatch::add(Instant now, const BreakerCall& call) {
  using Kind = BreakerCause::Kind;
  const bool failed = call.grade == Grade::Failure;
  if (failed) {
    extendRun(now, call);
  } else {
    endRun();
  }
  failures_.add(now, failed);
  if (runTrips()) return BreakerCause{Kind::Run, run_, run_};
  const RateWindow::Counts failures = failures_.counts(now);
  const bool enough = failures.total >= settings_.minRequests;
  if (enough && reaches(settings_.errorPercent, failures.failed, failures.total)) {
    return BreakerCause{Kind::Window, failures.failed, failures.total};
  }
  if (!settings_.slowCall) return std::nullopt;
  slow_.add(now, isSlow(call));
  const RateWindow::Counts slow = slow_.counts(now);
  if (slow.total < settings_.minRequests || !tooSlow(slow.failed, slow.total)) return std::nullopt;
  return BreakerCause{Kind::Slow, slow.failed, slow.total, *settings_.slowCall};
}

void BreakerWatch::clear() {
  failures_.clear();
  slow_.clear();
  endRun();
}

void BreakerWatch::extendRun(Instant now, const BreakerCall& call) {
  if (run_ == 0) shareBeforeRun_ = failures_.counts(now).failureShare();
  ++run_;
  // An ejection in the middle of a run does not make the endpoint that failed before it the only one.
  usableInRun_ = std::max(usableInRun_, call.usableEndpoints);
  if (std::ranges::find(runEndpoints_, call.endpoint) == runEndpoints_.end()) runEndpoints_.push_back(call.endpoint);
}

void BreakerWatch::endRun() {
  run_ = 0;
  usableInRun_ = 0;
  runEndpoints_.clear();
}

bool BreakerWatch::runTrips() const {
  if (!settings_.consecutive || run_ < std::max(*settings_.consecutive, 1U)) return false;
  const uint32_t endpointsNeeded = usableInRun_ <= 1 ? 1 : std::max(2U, (usableInRun_ + 1) / 2);
  return runEndpoints_.size() >= endpointsNeeded && run_ >= unlikelyRun(*settings_.consecutive, shareBeforeRun_);
}

bool BreakerWatch::reaches(std::optional<double> percent, uint64_t part, uint64_t whole) {
  return percent && part > 0 && static_cast<double>(part) * 100 >= *percent * static_cast<double>(whole);
}

}  // namespace outrigger::policy
