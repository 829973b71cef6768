#include "proxy/policy/breaker.h"

#include <algorithm>
#include <bit>

#include "proxy/policy/backoff.h"

namespace outrigger::policy {
namespace {

constexpr uint32_t kCleanProbesToClose = 10;
constexpr Duration kClosedToForget = 10s;

}  // namespace

Breaker::Breaker(const BreakerSettings& settings) : settings_(settings), watch_(settings) {}

void Breaker::configure(const BreakerSettings& settings) {
  settings_ = settings;
  watch_.configure(settings);
}

// ---- Letting through ---------------------------------------------------------------------------------------------

std::optional<Breaker::Ticket> Breaker::admit(Instant now) {
  if (state_ == State::Closed) {
    forgetOldOpenings(now);
    return Ticket{period_};
  }
  if (state_ == State::Open) {
    if (now < openUntil_) return std::nullopt;
    beginHalfOpen();
  }
  if (probesOut_ >= probesAllowed()) {
    if (now - lastProbeAt_ < settings_.maxOpen) return std::nullopt;
    probesOut_ = 0;  // all of them are overdue
    ++round_;
  }
  ++probesOut_;
  lastProbeAt_ = now;
  return Ticket{period_, round_};
}

uint32_t Breaker::probesAllowed() const {
  // One; two when that one was clean; four when those two were as well; and so on.
  return std::bit_floor(cleanProbes_ + 1);
}

void Breaker::handBack(Ticket ticket) {
  if (isCurrent(ticket) && ticket.round == round_ && probesOut_ > 0) --probesOut_;
}

// ---- Observing ---------------------------------------------------------------------------------------------------

void Breaker::observe(Instant now, Ticket ticket, const BreakerCall& call, Rng& rng) {
  if (!isCurrent(ticket)) return;
  if (call.grade == Grade::Neutral) return handBack(ticket);
  if (state_ == State::HalfOpen) return observeProbe(now, ticket, call, rng);
  if (const auto cause = watch_.add(now, call)) open(now, *cause, rng);
}

void Breaker::observeProbe(Instant now, Ticket ticket, const BreakerCall& call, Rng& rng) {
  if (call.grade == Grade::Failure) return open(now, {Cause::Kind::Probe, 1, 1}, rng);
  handBack(ticket);
  if (!watch_.isSlow(call)) {
    if (++cleanProbes_ >= kCleanProbesToClose) close(now);
    return;
  }
  ++slowProbes_;
  const uint32_t ended = cleanProbes_ + slowProbes_;
  if (watch_.tooSlow(slowProbes_, ended)) {
    open(now, {Cause::Kind::SlowProbe, slowProbes_, ended, *settings_.slowCall}, rng);
  }
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

void Breaker::beginHalfOpen() {
  state_ = State::HalfOpen;
  round_ = 1;
  probesOut_ = 0;
  cleanProbes_ = 0;
  slowProbes_ = 0;
}

void Breaker::close(Instant now) {
  state_ = State::Closed;
  ++period_;
  closedAt_ = now;
  round_ = 0;
  probesOut_ = 0;
  watch_.clear();
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
