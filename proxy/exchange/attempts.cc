#include "proxy/exchange/attempts.h"

#include <algorithm>

#include "proxy/exchange/trace_context.h"
#include "proxy/http/grpc.h"
#include "proxy/policy/mode.h"

namespace outrigger::exchange {

using policy::AttemptEnd;
using policy::RetryRefusal;

// ---- Starting and ending

void Attempts::begin(const Errand& errand) {
  errand_ = errand;
  if (hedgeable()) armHedge();
  start();
}

Attempt& Attempts::make() {
  AttemptEvents& self = *this;
  Attempt& attempt = arena_.make<Attempt>(turn_, errand_, self, tried_, body_, ++made_);
  if (errand_.spanOut != nullptr) attempt.note().span = turn_.rng.next() | 1;
  return attempt;
}

std::optional<std::span<const http::Field>> Attempts::fieldsOf(const Attempt& attempt) {
  if (errand_.deadline.at <= turn_.now) {
    events_.onDeadline();
    return std::nullopt;
  }
  reached_ = true;
  // The head is written out in this very turn of its connection: what another attempt writes there does not touch it.
  if (errand_.spanOut != nullptr) writeSpanId(errand_.spanOut, attempt.note().span);
  http::FieldList fields(arena_.array<http::Field>(3));
  addAttemptFields(attempt, fields);
  return std::span<const http::Field>(fields.begin(), fields.end());
}

void Attempts::addAttemptFields(const Attempt& attempt, http::FieldList& fields) {
  const uint32_t number = errand_.caller.attempt + attempt.number() - 1;
  if (number > 1) fields.add(http::Header::OutriggerAttempt, arena_.number(number));
  const Duration left = timeFor(attempt);
  if (left == Duration::max()) return;
  const auto milliseconds = std::max<int64_t>(wholeMilliseconds(left), 1);
  fields.add(http::Header::OutriggerTimeoutMs, arena_.number(static_cast<uint64_t>(milliseconds)));
  if (errand_.caller.grpcLeft != Duration::max()) {
    fields.add(http::Header::GrpcTimeout, grpcTimeoutText(std::min(left, errand_.caller.grpcLeft), arena_));
  }
}

// What is left for it: `auto` may let it run to the end of the request, a fixed attempt timeout does not.
Duration Attempts::timeFor(const Attempt& attempt) const {
  Instant end = errand_.deadline.at;
  const policy::AutoDuration& setting = errand_.target->timeout.attempt;
  if (!setting.isAuto && setting.value) end = std::min(end, after(attempt.note().startedAt, *setting.value));
  return end == kNever ? Duration::max() : end - turn_.now;
}

void Attempts::start() {
  state_ = State::Trying;
  first_ = &make();
  link(*first_);
  armCut();
  first_->start();
}

void Attempts::link(Attempt& attempt) {
  (last_ == nullptr ? trail_ : last_->later) = &attempt.note();
  last_ = &attempt.note();
}

void Attempts::onRequestComplete() {
  if (state_ == State::Trying) armCut();
  if (streaming()) first_->sendEnd();
  if (state_ == State::Trying && made_ == 1 && hedgeable()) armHedge();
}

uint32_t Attempts::tried() const {
  uint32_t count = 0;
  for (const AttemptNote* note = trail_; note != nullptr; note = note->later) {
    if (note->endpoint.family() != Address::Family::None) ++count;
  }
  return count;
}

void Attempts::endUpgraded() {
  first_->sendEnd();
  if (first_->ended()) first_ = nullptr;
}

void Attempts::timeOut(const Cut& cut) {
  disarm();
  if (first_ != nullptr) noteEndpoint(*first_);
  for (Attempt* attempt : {first_, second_}) {
    if (attempt != nullptr) attempt->timeOut(cut);
  }
}

void Attempts::cancel() {
  disarm();
  for (Attempt* attempt : {first_, second_}) {
    if (attempt != nullptr) attempt->cancel();
  }
}

void Attempts::reset() {
  disarm();
  static_cast<AttemptsState&>(*this) = AttemptsState();
}

void Attempts::disarm() {
  cutTimer_.disarm();
  backoffTimer_.disarm();
  hedgeTimer_.disarm();
}

void Attempts::noteEndpoint(const Attempt& attempt) {
  if (attempt.note().endpoint.family() != Address::Family::None) told_ = &attempt.note();
}

// ---- The attempt timeout

void Attempts::armCut() {
  const policy::TimeoutSettings& timeout = errand_.target->timeout;
  const uint32_t tries = triesLeft();
  if (timeout.attempt.isAuto && tries == 1) return cutTimer_.disarm();  // the deadline is its limit
  turn_.timers.arm(cutTimer_, policy::attemptDeadline(timeout, turn_.now, errand_.deadline.at, tries));
}

uint32_t Attempts::triesLeft() const {
  const policy::RetrySettings& retry = errand_.target->retry;
  const uint32_t before = triesMade() - 1;
  if (before >= retry.limit) return 1;
  if (!policy::timeoutCouldBeRetried(retry, retryContext())) return 1;
  if (!errand_.cluster->canSpendRetry(1) && !observes()) return 1;
  return 1 + retry.limit - before;
}

void Attempts::onCutDue() {
  if (state_ != State::Trying) return;
  // An endpoint cannot answer what the caller has not said; its time begins anew when the request is complete.
  if (!body_.complete() && !events_.callerWaits()) return armCut();
  hedgeTimer_.disarm();  // the age that it waited for was not reached
  if (second_ != nullptr) return cutFirstOfTwo();
  const bool willRetry = tryAgain(*first_, first_->endByTimeout(attemptCut()), std::nullopt);
  // `auto` asks before it cuts: where no other try may start, this one runs on to the end of the request.
  if (!willRetry && errand_.target->timeout.attempt.isAuto) return;
  first_->timeOut(attemptCut());
  noteEndpoint(*first_);
  if (willRetry) return waitForNext();
  first_ = nullptr;
  events_.onNoAnswer(Reason::AttemptTimeout, {});
}

// A share of what the caller has left may be less than the service needs on its best days.
Cut Attempts::attemptCut() const {
  const bool hurried = errand_.deadline.callers && errand_.target->timeout.attempt.isAuto;
  return {Reason::AttemptTimeout, hurried ? Cut::Because::CallersHurry : Cut::Because::Timeout};
}

// No other try may start while the second one runs, so `auto` does not cut.
void Attempts::cutFirstOfTwo() {
  if (errand_.target->timeout.attempt.isAuto) return;
  first_->timeOut(attemptCut());
  goesOnWithout(*first_);
}

// ---- Another one beside it?

// Safe or keyed, all of it here, and with somewhere else to go. What may go over to another protocol is one long
// stream.
bool Attempts::hedgeable() const {
  if (!errand_.request->upgrade.empty()) return false;
  if (errand_.target->hedge.percent <= 0 || !body_.complete() || !body_.replayable()) return false;
  if (errand_.cluster->endpoints().size() < 2) return false;
  return http::isSafe(errand_.request->method) || hasIdempotencyKey();
}

void Attempts::armHedge() {
  policy::Hedge& hedge = errand_.route->hedge;
  hedge.configure(errand_.target->hedge);
  hedge.onFirst();
  turn_.timers.arm(hedgeTimer_, turn_.now + hedge.delay());
}

// The first attempt has been answered, or has failed, before anybody thought of a second.
void Attempts::firstInTime() {
  if (!hedgeTimer_.armed()) return;
  hedgeTimer_.disarm();
  errand_.route->hedge.onInTime();
}

void Attempts::onHedgeDue() {
  policy::Hedge& hedge = errand_.route->hedge;
  hedge.onOverdue();
  if (state_ != State::Trying || !hedge.canSpend()) return;
  if (observes()) {
    hedge.spend();
    return errand_.cluster->series().would[static_cast<size_t>(policy::Would::Hedge)].add();
  }
  hedge_ = second_ = &make();
  second_->note().hedge = true;
  if (second_->startBeside()) {
    link(*second_);
    hedge.spend();
    hedged_ = true;
  } else {
    hedge_ = second_ = nullptr;
    --made_;
  }
}

void Attempts::settleHedge(policy::HedgeResult result) {
  if (std::exchange(hedge_, nullptr) == nullptr) return;
  errand_.cluster->series().hedges[static_cast<size_t>(result)].add();
}

// True if another attempt is still under way, now that this one has come to nothing.
bool Attempts::goesOnWithout(const Attempt& attempt) {
  if (&attempt == hedge_) settleHedge(policy::HedgeResult::Lost);
  if (&attempt == first_) first_ = second_;
  second_ = nullptr;
  if (first_ == nullptr) return false;
  armCut();
  return true;
}

void Attempts::answered(Attempt& attempt) {
  settleHedge(&attempt == hedge_ ? policy::HedgeResult::Won : policy::HedgeResult::Lost);
  if (second_ != nullptr) (&attempt == first_ ? second_ : first_)->cancel();
  first_ = &attempt;
  second_ = nullptr;
  cutTimer_.disarm();
  attempt.note().next = AttemptNote::Next::Answered;
  state_ = State::Answering;
}

// ---- Another one after it?

bool Attempts::hasIdempotencyKey() const {
  const auto& key = errand_.target->retry.idempotencyKey;
  return key && errand_.request->fields.find(Bytes(*key)) != nullptr;
}

policy::RetryContext Attempts::retryContext() const {
  policy::RetryContext context;
  context.method = errand_.request->method;
  context.hasIdempotencyKey = hasIdempotencyKey();
  context.bodyReplayable = body_.replayable();
  context.responseStarted = state_ == State::Answering;
  context.triesMade = triesMade();
  context.resetsRetried = resetsRetried_;
  context.otherEndpoint = errand_.cluster->hasOther(tried_.ids());
  context.previousBackoff = backoff_;
  context.timeLeft = errand_.deadline.at == kNever ? Duration::max() : errand_.deadline.at - turn_.now;
  context.median = errand_.route->median.value();
  return context;
}

// Plans another attempt if the replay table, the budget and the time left allow one.
bool Attempts::tryAgain(Attempt& attempt, const AttemptEnd& end, std::optional<Duration> retryAfter) {
  upstream::Cluster& cluster = *errand_.cluster;
  policy::RetryContext context = retryContext();
  context.retryAfter = retryAfter;
  const policy::RetryAnswer answer = policy::decideRetry(errand_.target->retry, end, context, turn_.rng);
  if (answer.refused) return refuseRetry(attempt, *answer.refused);
  if (!answer.plan) return false;
  if (cluster.breakerRefuses(*errand_.route)) return refuseRetry(attempt, RetryRefusal::Breaker);
  if (!cluster.spendRetry(answer.plan->cost)) {
    if (!observes()) return refuseRetry(attempt, RetryRefusal::Budget);
    cluster.series().would[static_cast<size_t>(policy::Would::RefuseRetry)].add();
  }
  cluster.series().retries[static_cast<size_t>(answer.plan->cause)].add();
  if (answer.plan->cause == policy::RetryCause::Reset) ++resetsRetried_;
  backoff_ = answer.plan->delay;
  AttemptNote& note = attempt.note();
  note.next = AttemptNote::Next::Retried;
  note.cause = answer.plan->cause;
  note.backoff = backoff_;
  cutTimer_.disarm();
  state_ = State::Backoff;
  return true;
}

bool Attempts::refuseRetry(Attempt& attempt, RetryRefusal why) {
  refused_ = true;
  attempt.note().refusal = why;
  pushedBack_ = pushedBack_ || why == RetryRefusal::Budget || why == RetryRefusal::Pushback;
  errand_.cluster->series().retriesRefused[static_cast<size_t>(why)].add();
  return false;
}

// After a plan was made and the old attempt is gone.
void Attempts::waitForNext() {
  first_ = nullptr;
  if (backoff_ == Duration::zero()) return start();
  turn_.timers.arm(backoffTimer_, turn_.now + backoff_);
}

// ---- What attempts tell

void Attempts::onAttemptFailed(Attempt& attempt, const AttemptFailure& failure) {
  noteEndpoint(attempt);
  firstInTime();
  if (goesOnWithout(attempt)) return;  // no retry until the other one has ended
  if (!failure.refused && tryAgain(attempt, failure.end, std::nullopt)) return waitForNext();
  events_.onNoAnswer(failure.error.reason, failure.error.detail);
}

void Attempts::onAttemptHead(Attempt& attempt, http::ResponseHead& head, const AttemptEnd& end) {
  noteEndpoint(attempt);
  firstInTime();
  upstreamTime_ = attempt.age();
  if (end.markedNotForwarded || errand_.target->retry.when.statuses.has(end.status)) {
    if (letGo(attempt, head, end)) return;
  }
  answered(attempt);
  events_.onAnswerHead(head);
}

// How long to wait before another try, if the answer says so.
std::optional<Duration> Attempts::askedWait(const http::FieldList& fields) const {
  if (errand_.grpc) {
    const auto pushback = http::grpcPushback(fields);
    if (pushback && pushback->wait) return pushback->wait;
  }
  const http::Field* after = fields.find(http::Header::RetryAfter);
  return after != nullptr ? policy::parseRetryAfter(after->value, turn_.wall) : std::nullopt;
}

// A failure status: whether another attempt, under way or yet to come, may bring a better answer.
bool Attempts::letGo(Attempt& attempt, const http::ResponseHead& head, const AttemptEnd& end) {
  if (second_ != nullptr) {
    attempt.cancel();
    return goesOnWithout(attempt);
  }
  if (!tryAgain(attempt, end, askedWait(head.fields))) return false;
  attempt.cancel();
  waitForNext();
  return true;
}

void Attempts::onAttemptEnd(const http::FieldList& trailers) {
  if (first_->ended()) first_ = nullptr;
  events_.onAnswerEnd(trailers);
}

void Attempts::onAttemptCut(const Error& error) {
  first_ = nullptr;
  events_.onAnswerCut(error);
}

}  // namespace outrigger::exchange
