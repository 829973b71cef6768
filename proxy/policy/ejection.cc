#include "proxy/policy/ejection.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "proxy/policy/backoff.h"
#include "proxy/policy/failure_run.h"

namespace outrigger::policy {
namespace {

using State = EndpointRecord::State;

constexpr double kFirstShare = 0.1;
constexpr double kShareGrowth = 1.17;  // per success: 15 of them lead from a tenth to the whole
constexpr Duration kRecent = 10s;

RateWindow::Counts countsOfOthers(Instant now, const EndpointRecord& me, std::span<EndpointRecord* const> all) {
  RateWindow::Counts others;
  for (const EndpointRecord* record : all) {
    if (record == &me) continue;
    const RateWindow::Counts counts = record->counts(now);
    others.total += counts.total;
    others.failed += counts.failed;
  }
  return others;
}

}  // namespace

std::optional<EjectCause> Ejection::observe(Instant now, EndpointRecord& me, std::span<EndpointRecord* const> all,
                                            Grade grade, Rng& rng) {
  if (grade == Grade::Neutral) return std::nullopt;
  const bool failed = grade == Grade::Failure;
  me.window_.add(now, failed);
  if (!settings_ || me.state_ == State::Ejected) return std::nullopt;
  if (!failed) {
    observeSuccess(now, me);
    return std::nullopt;
  }
  ++me.run_;
  const bool returning = me.state_ == State::Returning;
  if (!returning && !runIsTooLong(now, me, all)) return std::nullopt;
  if (!mayEject(me, all)) {
    if (returning) beginReturn(me);
    return std::nullopt;
  }
  eject(now, me, returning ? me.cause_ : EjectCause::Consecutive, rng);
  return me.cause_;
}

void Ejection::observeSuccess(Instant now, EndpointRecord& me) const {
  me.run_ = 0;
  if (me.state_ == State::Returning) {
    me.share_ = std::min(1.0, me.share_ * kShareGrowth);
    if (me.share_ >= 1) heal(now, me);
  } else {
    forgetOldEjections(now, me);
  }
}

bool Ejection::refresh(Instant now, EndpointRecord& me) {
  if (me.state_ == State::Healthy) return false;
  if (!settings_) {
    heal(now, me);
    return true;
  }
  if (me.state_ != State::Ejected || now < me.ejectedUntil_) return false;
  beginReturn(me);
  return true;
}

void Ejection::forgiveRecent(Instant now, std::span<EndpointRecord* const> all) {
  for (EndpointRecord* me : all) {
    if (me->state_ != State::Ejected || now - me->ejectedAt_ > kRecent) continue;
    me->exponent_ -= std::min(me->exponent_, 1U);
    if (me->wasReturning_) {
      beginReturn(*me);
    } else {
      heal(now, *me);
    }
  }
}

bool Ejection::tooManyOut(std::span<EndpointRecord* const> all) const {
  const auto out = static_cast<size_t>(std::ranges::count(all, State::Ejected, &EndpointRecord::state_));
  return out > 0 && settings_ && (out == all.size() || out > mostOut(all.size()));
}

uint32_t Ejection::runNeeded(uint32_t consecutive, double othersFailureShare) {
  return unlikelyRun(consecutive, othersFailureShare);
}

bool Ejection::runIsTooLong(Instant now, const EndpointRecord& me, std::span<EndpointRecord* const> all) const {
  if (!settings_->consecutive || me.run_ < std::max(*settings_->consecutive, 1U)) return false;
  return me.run_ >= runNeeded(*settings_->consecutive, countsOfOthers(now, me, all).failureShare());
}

bool Ejection::mayEject(const EndpointRecord& me, std::span<EndpointRecord* const> all) const {
  size_t out = 0;
  size_t stay = 0;
  for (const EndpointRecord* record : all) {
    if (record == &me) continue;
    ++(record->state_ == State::Ejected ? out : stay);
  }
  if (stay == 0) return false;
  return out < mostOut(all.size());
}

size_t Ejection::mostOut(size_t endpoints) const {
  const auto most = static_cast<size_t>(std::floor(static_cast<double>(endpoints) * settings_->maxPercent / 100));
  return std::max<size_t>(most, 1);
}

void Ejection::eject(Instant now, EndpointRecord& me, EjectCause cause, Rng& rng) {
  me.wasReturning_ = me.state_ == State::Returning;
  me.state_ = State::Ejected;
  me.cause_ = cause;
  me.share_ = 0;
  me.runAtEjection_ = std::exchange(me.run_, 0);
  me.ejectedAt_ = now;
  me.ejectedUntil_ = now + jitteredPause(settings_->baseTime, me.exponent_, settings_->maxTime, rng);
  me.exponent_ = std::min(me.exponent_ + 1, kMostDoublings);
  ++me.ejections_;
}

void Ejection::forgetOldEjections(Instant now, EndpointRecord& me) const {
  if (me.exponent_ == 0 || me.state_ != State::Healthy) return;
  const Duration baseTime = std::max<Duration>(settings_->baseTime, 1ns);
  const int64_t clean = (now - me.cleanSince_) / baseTime;
  if (clean <= 0) return;
  me.exponent_ -= static_cast<uint32_t>(std::min<int64_t>(me.exponent_, clean));
  me.cleanSince_ += clean * baseTime;
}

void Ejection::beginReturn(EndpointRecord& me) {
  me.state_ = State::Returning;
  me.share_ = kFirstShare;
  me.run_ = 0;
}

void Ejection::heal(Instant now, EndpointRecord& me) {
  me.state_ = State::Healthy;
  me.share_ = 1;
  me.run_ = 0;
  me.cleanSince_ = now;
}

}  // namespace outrigger::policy
