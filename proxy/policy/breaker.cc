#include "proxy/policy/breaker.h"

#include <algorithm>
#include <bit>

#include "proxy/policy/backoff.h"
#include "proxy/policy/failure_run.h"

namespace outrigger::policy {
namespace {

constexpr uint32_t kCleanProbesToClose = 10;
constexpr Duration kClosedToForget = 10s;

}  // namespace

Breaker::Breaker(const BreakerSettings& settings) : settings_(settings), window_(settings.window) {}

void Breaker::configure(const BreakerSettings& settings) {
  if (settings.window != settings_.window) window_ = RateWindow(settings.window);
  settings_ = settings;
}

// ---- Letting through ---------------------------------------------------------------------------------------------

std::optional<Breaker::Ticket> Breaker::admit(Instant now) {
  if (state_ == State::Closed) {
    forgetOldOpenings(now);
    return Ticket{period_, false};
  }
  if (state_ == State::Open) {
    if (now < openUntil_) return std::nullopt;
    state_ = State::HalfOpen;
    probesOut_ = 0;
    cleanProbes_ = 0;
  }
  if (probesOut_ >= probesAllowed()) {
    if (now - lastProbeAt_ < settings_.maxOpen) return std::nullopt;
    probesOut_ = 0;  // all of them are overdue
  }
  ++probesOut_;
  lastProbeAt_ = now;
  return Ticket{period_, true};
}

uint32_t Breaker::probesAllowed() const {
  // One; two when that one was clean; four when those two were as well; and so on.
  return std::bit_floor(cleanProbes_ + 1);
}

void Breaker::handBack(Ticket ticket) {
  if (ticket.probe && ticket.period == period_ && probesOut_ > 0) --probesOut_;
}

// ---- Observing ---------------------------------------------------------------------------------------------------

void Breaker::observe(Instant now, Ticket ticket, Grade grade, uint32_t endpoint, uint32_t usableEndpoints, Rng& rng) {
  if (ticket.period != period_) return;
  const bool failed = grade == Grade::Failure;
  if (grade == Grade::Neutral) {
    handBack(ticket);
  } else if (ticket.probe) {
    observeProbe(now, failed, rng);
  } else {
    observeClosed(now, failed, endpoint, usableEndpoints, rng);
  }
}

void Breaker::observeProbe(Instant now, bool failed, Rng& rng) {
  if (failed) return open(now, {Cause::Kind::Probe, 1, 1}, rng);
  if (probesOut_ > 0) --probesOut_;
  if (++cleanProbes_ >= kCleanProbesToClose) close(now);
}

void Breaker::observeClosed(Instant now, bool failed, uint32_t endpoint, uint32_t usableEndpoints, Rng& rng) {
  if (failed) {
    extendRun(now, endpoint, usableEndpoints);
  } else {
    endRun();
  }
  window_.add(now, failed);
  if (runTrips()) return open(now, {Cause::Kind::Run, run_, run_}, rng);
  const RateWindow::Counts counts = window_.counts(now);
  if (windowTrips(counts)) open(now, {Cause::Kind::Window, counts.failed, counts.total}, rng);
}

void Breaker::extendRun(Instant now, uint32_t endpoint, uint32_t usableEndpoints) {
  if (run_ == 0) shareBeforeRun_ = window_.counts(now).failureShare();
  ++run_;
  // An ejection in the middle of a run does not make the endpoint that failed before it the only one.
  usableInRun_ = std::max(usableInRun_, usableEndpoints);
  if (std::ranges::find(runEndpoints_, endpoint) == runEndpoints_.end()) runEndpoints_.push_back(endpoint);
}

void Breaker::endRun() {
  run_ = 0;
  usableInRun_ = 0;
  runEndpoints_.clear();
}

bool Breaker::runTrips() const {
  if (!settings_.consecutive || run_ < std::max(*settings_.consecutive, 1U)) return false;
  const uint32_t endpointsNeeded = usableInRun_ <= 1 ? 1 : std::max(2U, (usableInRun_ + 1) / 2);
  return runEndpoints_.size() >= endpointsNeeded && run_ >= runNeeded(*settings_.consecutive, shareBeforeRun_);
}

bool Breaker::windowTrips(const RateWindow::Counts& counts) const {
  if (!settings_.errorPercent) return false;
  if (counts.failed == 0 || counts.total < settings_.minRequests) return false;
  return static_cast<double>(counts.failed) * 100 >= *settings_.errorPercent * static_cast<double>(counts.total);
}

uint32_t Breaker::runNeeded(uint32_t consecutive, double shareBefore) {
  return unlikelyRun(consecutive, shareBefore);
}

// ---- Changing state ----------------------------------------------------------------------------------------------

void Breaker::open(Instant now, const Cause& cause, Rng& rng) {
  forgetOldOpenings(now);
  beginOpen(now + jitteredPause(settings_.open, openings_, settings_.maxOpen, rng), cause);
}

void Breaker::beginOpen(Instant until, const Cause& cause) {
  cause_ = cause;
  state_ = State::Open;
  ++period_;
  openUntil_ = until;
  openings_ = std::min(openings_ + 1, kMostDoublings);
}

void Breaker::close(Instant now) {
  state_ = State::Closed;
  ++period_;
  closedAt_ = now;
  window_.clear();
  endRun();
}

void Breaker::forgetOldOpenings(Instant now) {
  if (state_ == State::Closed && now - closedAt_ >= kClosedToForget) openings_ = 0;
}

void Breaker::adoptOpen(Instant until) {
  if (state_ == State::Open) {
    openUntil_ = std::max(openUntil_, until);
  } else {
    beginOpen(until, {Cause::Kind::Sibling});
  }
}

void Breaker::adoptClosed(Instant now) {
  if (state_ != State::Closed) close(now);
}

}  // namespace outrigger::policy
