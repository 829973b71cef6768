#include "proxy/exchange/attempts.h"

#include <algorithm>

namespace outrigger::exchange {

using policy::AttemptEnd;
using policy::RetryRefusal;

// ---- Starting and ending

void Attempts::begin(const Errand& errand) {
  errand_ = errand;
  start();
}

Attempt& Attempts::make() {
  AttemptEvents& self = *this;
  return arena_.make<Attempt>(turn_, *errand_.cluster, *errand_.route, self, tried_, *errand_.request, body_, ++made_);
}

std::optional<std::span<const http::Field>> Attempts::fieldsOf(const Attempt& attempt) {
  if (errand_.deadline.at <= turn_.now) {
    events_.onDeadline();
    return std::nullopt;
  }
  reached_ = true;
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
  if (!setting.isAuto && setting.value) end = std::min(end, after(attempt.startedAt(), *setting.value));
  return end == kNever ? Duration::max() : end - turn_.now;
}

void Attempts::start() {
  state_ = State::Trying;
  first_ = &make();
  armCut();
  first_->start();
}

void Attempts::onRequestComplete() {
  if (state_ == State::Trying) armCut();
  if (streaming()) first_->sendEnd();
}

void Attempts::timeOut(Reason reason, bool callers) {
  disarm();
  if (first_ == nullptr) return;
  noteEndpoint(*first_);
  first_->timeOut(reason, callers);
}

void Attempts::cancel() {
  disarm();
  if (first_ != nullptr) first_->cancel();
}

void Attempts::reset() {
  disarm();
  static_cast<AttemptsState&>(*this) = AttemptsState();
  endpoint_ = Address();
}

void Attempts::disarm() {
  cutTimer_.disarm();
  backoffTimer_.disarm();
}

void Attempts::noteEndpoint(const Attempt& attempt) {
  if (attempt.endpoint() != nullptr) endpoint_ = *attempt.endpoint();
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
  const uint32_t before = made_ - 1;
  if (before >= retry.limit) return 1;
  if (!policy::timeoutCouldBeRetried(retry, retryContext()) || !errand_.cluster->canSpendRetry(1)) return 1;
  return 1 + retry.limit - before;
}

void Attempts::onCutDue() {
  if (state_ != State::Trying) return;
  // An endpoint cannot answer what the caller has not said; its time begins anew when the request is complete.
  if (!body_.complete() && !events_.callerWaits()) return armCut();
  const bool willRetry = tryAgain(first_->endByTimeout(Reason::AttemptTimeout, false), std::nullopt);
  // `auto` asks before it cuts: where no other try may start, this one runs on to the end of the request.
  if (!willRetry && errand_.target->timeout.attempt.isAuto) return;
  first_->timeOut(Reason::AttemptTimeout, false);
  noteEndpoint(*first_);
  if (willRetry) return waitForNext();
  first_ = nullptr;
  events_.onNoAnswer(Reason::AttemptTimeout, {});
}

// ---- Another one?

policy::RetryContext Attempts::retryContext() const {
  const auto& key = errand_.target->retry.idempotencyKey;
  policy::RetryContext context;
  context.method = errand_.request->method;
  context.hasIdempotencyKey = key && errand_.request->fields.find(Bytes(*key)) != nullptr;
  context.bodyReplayable = body_.replayable();
  context.responseStarted = state_ == State::Answering;
  context.triesMade = made_;
  context.resetsRetried = resetsRetried_;
  context.otherEndpoint = errand_.cluster->hasOther(tried_.ids());
  context.previousBackoff = backoff_;
  context.timeLeft = errand_.deadline.at == kNever ? Duration::max() : errand_.deadline.at - turn_.now;
  context.median = errand_.route->median.value();
  return context;
}

// Plans another attempt if the replay table, the budget and the time left allow one.
bool Attempts::tryAgain(const AttemptEnd& end, std::optional<Duration> retryAfter) {
  upstream::Cluster& cluster = *errand_.cluster;
  policy::RetryContext context = retryContext();
  context.retryAfter = retryAfter;
  const policy::RetryAnswer answer = policy::decideRetry(errand_.target->retry, end, context, turn_.rng);
  if (answer.refused) return refuseRetry(*answer.refused);
  if (!answer.plan) return false;
  if (cluster.breakerRefuses(*errand_.route)) return refuseRetry(RetryRefusal::Breaker);
  if (!cluster.spendRetry(answer.plan->cost)) return refuseRetry(RetryRefusal::Budget);
  cluster.series().retries[static_cast<size_t>(answer.plan->cause)].add();
  if (answer.plan->cause == policy::RetryCause::Reset) ++resetsRetried_;
  backoff_ = answer.plan->delay;
  cutTimer_.disarm();
  state_ = State::Backoff;
  return true;
}

bool Attempts::refuseRetry(RetryRefusal why) {
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

void Attempts::onAttemptInterim(http::ResponseHead& head) {
  events_.onInterim(head);
}

void Attempts::onAttemptFailed(Attempt& attempt, const AttemptFailure& failure) {
  noteEndpoint(attempt);
  if (!failure.refused && tryAgain(failure.end, std::nullopt)) return waitForNext();
  first_ = nullptr;
  events_.onNoAnswer(failure.error.reason, failure.error.detail);
}

void Attempts::onAttemptHead(Attempt& attempt, http::ResponseHead& head, const AttemptEnd& end) {
  cutTimer_.disarm();
  noteEndpoint(attempt);
  upstreamTime_ = turn_.now - attempt.startedAt();
  if (end.markedNotForwarded || errand_.target->retry.when.statuses.has(head.status)) {
    const http::Field* after = head.fields.find(http::Header::RetryAfter);
    const auto wait = after != nullptr ? policy::parseRetryAfter(after->value, turn_.wall) : std::nullopt;
    if (tryAgain(end, wait)) {
      attempt.cancel();
      return waitForNext();
    }
  }
  state_ = State::Answering;
  events_.onAnswerHead(head);
}

void Attempts::onAttemptEnd(const http::FieldList& trailers) {
  first_ = nullptr;
  events_.onAnswerEnd(trailers);
}

void Attempts::onAttemptCut(const Error& error) {
  first_ = nullptr;
  events_.onAnswerCut(error);
}

}  // namespace outrigger::exchange
