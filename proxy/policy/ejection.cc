#include "proxy/policy/ejection.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "proxy/policy/backoff.h"
#include "proxy/policy/failure_run.h"

namespace outrigger::policy {
namespace {

using State = EndpointRecord::State;
using Kind = EjectionNews::Kind;

constexpr double kFirstShare = 0.1;
constexpr double kShareGrowth = 1.17;  // per success: 15 of them lead from a tenth to the whole
constexpr Duration kRecent = 10s;
constexpr double kFleetShare = 0.2;  // of the others: if so many are slow as well, it is the fleet
constexpr Duration kFleetNewsEvery = 10s;
constexpr double kLeastPanicShare = 0.05;

// Of those in use: what is ejected has been judged, and is not what a healthy endpoint is measured against.
RateWindow::Counts countsOfOthers(Instant now, const EndpointRecord& me, Ejection::Records all) {
  RateWindow::Counts others;
  for (const EndpointRecord* record : all) {
    if (record == &me || record->state() == State::Ejected) continue;
    const RateWindow::Counts counts = record->counts(now);
    others.total += counts.total;
    others.failed += counts.failed;
  }
  return others;
}

}  // namespace

void Ejection::configure(const std::optional<EjectSettings>& settings) {
  settings_ = settings;
  watch_.configure(settings ? settings->latency : std::nullopt);
}

void Ejection::tune(EndpointRecord& record) const {
  const bool compares = settings_ && settings_->errors;
  record.window_.configure(compares ? settings_->errors->window : ErrorTestSettings{}.window);
}

// ---- What attempts tell -------------------------------------------------------------------------------------------

Ejection::News Ejection::observe(Instant now, EndpointRecord& me, Records all, Grade grade, AttemptAge& attempt,
                                 Rng& rng) {
  if (!news_.empty()) news_.clear();
  watch_.look(now, all);
  const LatencyWatch::Sample sample = watch_.end(now, attempt, grade);
  if (grade != Grade::Neutral) me.window_.add(now, grade == Grade::Failure);
  if (!settings_ || me.state_ == State::Ejected) return news_;
  if (sample == LatencyWatch::Sample::Slow) observeSlow(now, me, all, rng);
  if (sample == LatencyWatch::Sample::Fast && me.latency_.value() > 0) observeFast(me);
  if (grade == Grade::Neutral || me.state_ == State::Ejected) return news_;
  if (grade == Grade::Failure) {
    observeFailure(now, me, all, rng);
  } else {
    observeSuccess(now, me);
  }
  return news_;
}

Ejection::News Ejection::advance(Instant now, Records all, Rng& rng) {
  news_.clear();
  watch_.look(now, all);
  while (EndpointRecord* endpoint = watch_.takePassed(now)) {
    const bool stays = std::ranges::find(all, endpoint) != all.end();
    if (stays && endpoint->state_ != State::Ejected) observeSlow(now, *endpoint, all, rng);
  }
  return news_;
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

void Ejection::observeFailure(Instant now, EndpointRecord& me, Records all, Rng& rng) {
  ++me.run_;
  if (me.state_ == State::Returning) return observeRelapse(now, me, all, rng);
  if (runIsTooLong(now, me, all)) {
    eject(now, me, all, {.cause = EjectCause::Consecutive, .run = me.run_}, rng);
  } else if (const auto rates = failsTooOften(now, me, all)) {
    eject(now, me, all, {.cause = EjectCause::Errors, .rates = *rates}, rng);
  }
}

// One failure is enough, unless the others fail so often that one says nothing.
void Ejection::observeRelapse(Instant now, EndpointRecord& me, Records all, Rng& rng) {
  const uint32_t needed = unlikelyRun(1, countsOfOthers(now, me, all).failureShare(), kOneInAHundred);
  if (me.run_ >= needed && eject(now, me, all, {.cause = EjectCause::Consecutive, .run = me.run_}, rng)) return;
  me.share_ = kFirstShare;
}

bool Ejection::runIsTooLong(Instant now, const EndpointRecord& me, Records all) const {
  if (!settings_->consecutive || me.run_ < std::max(*settings_->consecutive, 1U)) return false;
  return me.run_ >= runNeeded(*settings_->consecutive, countsOfOthers(now, me, all).failureShare());
}

std::optional<RateEvidence> Ejection::failsTooOften(Instant now, const EndpointRecord& me, Records all) {
  if (!settings_->errors) return std::nullopt;
  const RateWindow::Counts mine = me.counts(now);
  if (mine.failureShare() * 100 < settings_->errors->gapPercent) return std::nullopt;
  counts_.clear();
  for (const EndpointRecord* record : all) {
    if (record != &me && record->state() != State::Ejected) counts_.push_back(record->counts(now));
  }
  return failsMore(*settings_->errors, mine, counts_, all.size());
}

uint32_t Ejection::runNeeded(uint32_t consecutive, double othersFailureShare) {
  return unlikelyRun(consecutive, othersFailureShare);
}

// ---- Slow answers -------------------------------------------------------------------------------------------------

void Ejection::observeFast(EndpointRecord& me) {
  watch_.countFast(me.latency_);
  if (!me.suspected_ || me.latency_.value() >= LatencyScore::kQuarter) return;
  me.suspected_ = false;
  news_.push_back(latencyNews(Kind::Cleared, me));
}

// One that returns from an ejection for its latency needs half of the evidence to go again.
void Ejection::observeSlow(Instant now, EndpointRecord& me, Records all, Rng& rng) {
  watch_.countSlow(me.latency_);
  const bool returning = me.state_ == State::Returning;
  if (returning) me.share_ = kFirstShare;
  if (me.latency_.value() < LatencyScore::kHalf) return;
  const auto others = static_cast<size_t>(std::ranges::count_if(all, [&](const EndpointRecord* record) {
    return record != &me && record->latency().value() >= LatencyScore::kQuarter;
  }));
  if (static_cast<double>(others) >= std::max(1.0, kFleetShare * static_cast<double>(all.size() - 1))) {
    return blameTheFleet(now, me, all, others);
  }
  const bool relapse = returning && me.cause_ == EjectCause::Latency;
  const bool alarm = me.latency_.value() >= LatencyScore::kAlarm || relapse;
  if (alarm && eject(now, me, all, latencyNews(Kind::Ejected, me), rng)) return;
  if (!std::exchange(me.suspected_, true)) news_.push_back(latencyNews(Kind::Suspected, me));
}

// The bar is out of date, too.
void Ejection::blameTheFleet(Instant now, EndpointRecord& me, Records all, size_t others) {
  if (now >= nextFleetNews_) {
    nextFleetNews_ = now + kFleetNewsEvery;
    news_.push_back(latencyNews(Kind::FleetSlow, me));
    news_.back().others = others;
  }
  for (EndpointRecord* record : all) absolve(*record);
  watch_.lookSoon();
}

EjectionNews Ejection::latencyNews(Kind kind, EndpointRecord& me) const {
  EjectionNews news{.kind = kind, .endpoint = &me, .cause = EjectCause::Latency};
  news.slow = me.latency_.slow();
  news.answers = me.latency_.answers();
  news.bar = watch_.bar().value_or(Duration::zero());
  news.barPercent = settings_->latency ? settings_->latency->barPercent : 0;
  return news;
}

void Ejection::absolve(EndpointRecord& me) {
  me.latency_.absolve();
  me.suspected_ = false;
}

// ---- Going and coming back ----------------------------------------------------------------------------------------

bool Ejection::mayEject(const EndpointRecord& me, Records all) const {
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

bool Ejection::eject(Instant now, EndpointRecord& me, Records all, EjectionNews why, Rng& rng) {
  if (!mayEject(me, all)) return false;
  me.wasReturning_ = me.state_ == State::Returning;
  me.state_ = State::Ejected;
  me.cause_ = why.cause;
  me.share_ = 0;
  me.runAtEjection_ = std::exchange(me.run_, 0);
  me.ejectedAt_ = now;
  me.ejectedUntil_ = now + jitteredPause(settings_->baseTime, me.exponent_, settings_->maxTime, rng);
  me.exponent_ = std::min(me.exponent_ + 1, kMostDoublings);
  ++me.ejections_;
  absolve(me);
  why.endpoint = &me;
  why.returning = me.wasReturning_;
  news_.push_back(why);
  watch_.lookSoon();
  return true;
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

void Ejection::forgiveRecent(Instant now, Records all) {
  for (EndpointRecord* me : all) {
    absolve(*me);
    if (me->state_ != State::Ejected || now - me->ejectedAt_ > kRecent) continue;
    me->exponent_ -= std::min(me->exponent_, 1U);
    if (me->wasReturning_) {
      beginReturn(*me);
    } else {
      heal(now, *me);
      me->window_.clear();
    }
  }
}

bool Ejection::tooManyOut(Records all) const {
  const auto out = static_cast<size_t>(std::ranges::count(all, State::Ejected, &EndpointRecord::state_));
  return out > 0 && settings_ && (out == all.size() || out > mostOut(all.size()));
}

void Ejection::forgetOldEjections(Instant now, EndpointRecord& me) const {
  if (me.exponent_ == 0 || me.state_ != State::Healthy) return;
  const Duration baseTime = std::max<Duration>(settings_->baseTime, 1ns);
  const int64_t clean = (now - me.cleanSince_) / baseTime;
  if (clean <= 0) return;
  me.exponent_ -= static_cast<uint32_t>(std::min<int64_t>(me.exponent_, clean));
  me.cleanSince_ += clean * baseTime;
}

// It is judged by what it does from now on.
void Ejection::beginReturn(EndpointRecord& me) {
  me.state_ = State::Returning;
  me.share_ = kFirstShare;
  me.run_ = 0;
  me.window_.clear();
  me.latency_ = {};
  me.suspected_ = false;
}

void Ejection::heal(Instant now, EndpointRecord& me) {
  me.state_ = State::Healthy;
  me.share_ = 1;
  me.run_ = 0;
  me.cleanSince_ = now;
}

bool Ejection::panics(size_t usable, size_t endpoints) const {
  constexpr double kHalf = 50;
  const double least = settings_ ? std::min(kHalf, 100 - settings_->maxPercent) : kHalf;
  return static_cast<double>(usable) * 100 < static_cast<double>(endpoints) * least;
}

double Ejection::panicShare(Instant now, const EndpointRecord& me) {
  return std::max(kLeastPanicShare, 1 - me.counts(now).failureShare());
}

}  // namespace outrigger::policy
