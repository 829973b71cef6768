#include "proxy/exchange/exchange.h"

#include <algorithm>

#include "proxy/exchange/local_reply.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/http/target.h"
#include "proxy/policy/deadline.h"

namespace outrigger::exchange {

using policy::AttemptEnd;
using policy::RetryRefusal;

namespace {

// Up to this size an answer of known length is covered by the request timeout to its last byte (CONTRACT §4).
constexpr uint64_t kShortAnswer = 1024 * 1024;

}  // namespace

Exchange::Exchange(ExchangeHome& home) : home_(home), turn_(home.turn()), arena_(turn_.chunks), body_(turn_) {}

// ---- Filter: from the head to an upstream, or to an answer of our own

void Exchange::open(GenerationPin generation, Direction direction, http::ResponseStream& stream) {
  generation_ = std::move(generation);
  direction_ = direction;
  stream_ = &stream;
  peer_ = &stream.peer();
  begunAt_ = stream.begunAt();
  phase_ = Phase::Filter;
  series_ = generation_->snapshot->unroutedSeries[static_cast<size_t>(direction)];
}

void Exchange::begin(GenerationPin generation, Direction direction, std::optional<uint32_t> route,
                     const http::RequestHead& head, http::ResponseStream& stream) {
  open(std::move(generation), direction, stream);
  request_ = head.copyTo(arena_);
  receivedHost_ = request_.authority;
  receivedPath_ = request_.path;
  body_.start(request_.body);
  if (hopsSoFar(request_.fields) >= kMostHops) return reply(Reason::Loop, {});
  stripRequestFields(request_.fields);
  ids_ = addForwardingFields(request_, direction, stream.peer(), arena_, turn_.rng);
  if (http::hasDotSegments(request_.path)) {
    char* room = static_cast<char*>(arena_.allocate(request_.path.size(), 1));
    request_.path = http::removeDotSegments(request_.path, room);
  }
  takeRoute(route);
}

void Exchange::refuse(GenerationPin generation, Direction direction, const Error& why, http::ResponseStream& stream) {
  open(std::move(generation), direction, stream);
  body_.start(http::BodyFraming::none());
  reply(why.reason, why.detail);
}

void Exchange::takeRoute(std::optional<uint32_t> route) {
  if (!route) {
    if (const auto found = generation_->snapshot->router->find(direction_, request_)) {
      route = static_cast<uint32_t>(*found);
    }
  }
  if (!route) return reply(Reason::NoRoute, {});
  route_ = &generation_->snapshot->routes[*route];
  series_ = route_->series;
  filters_.start(route_->filters);
  runFilters();
}

void Exchange::runFilters() {
  follow(filters_.runRequest(*this, request_));
}

void Exchange::follow(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::Continue: return std::visit([this](const auto& action) { act(action); }, route_->action);
    case Verdict::Kind::Reply: return reply(verdict.reply);
    case Verdict::Kind::Delay: return turn_.timers.arm(waitTimer_, turn_.now + verdict.delay);
    case Verdict::Kind::Await: return;
  }
}

Resumption Exchange::resumption() {
  if (awaited_ == nullptr) awaited_ = std::make_shared<Exchange*>(this);
  return [awaited = awaited_](const Verdict& verdict) {
    Exchange* exchange = std::exchange(*awaited, nullptr);
    if (exchange == nullptr) return;
    exchange->awaited_.reset();
    if (verdict.kind == Verdict::Kind::Continue) return exchange->runFilters();
    exchange->follow(verdict);
  };
}

void Exchange::act(const Redirect& redirect) {
  reply(redirectReply(redirect, request_, arena_));
}

void Exchange::act(const Respond& respond) {
  reply(respondReply(respond, arena_));
}

void Exchange::act(const Forward& forward) {
  target_ = &chooseTarget(forward);
  series_ = target_->series;
  cluster_ = generation_->clusters[target_->cluster].get();
  routeState_ = generation_->routes[target_->state].get();
  cluster_->series().inFlight[static_cast<size_t>(direction_)].add(1);
  rewrite(forward);
  body_.limitReplay(target_->retry.bufferBody);
  deadline_ = policy::requestDeadline(target_->timeout, begunAt_, kNever).at;
  turn_.timers.arm(deadlineTimer_, deadline_);
  if (!body_.complete()) armBodyTimer();
  startAttempt();
}

const RouteTarget& Exchange::chooseTarget(const Forward& forward) {
  if (forward.targets.size() == 1) return forward.targets.front();
  uint64_t draw = turn_.rng.below(forward.totalWeight);
  for (const RouteTarget& target : forward.targets) {
    if (draw < target.weight) return target;
    draw -= target.weight;
  }
  return forward.targets.back();
}

void Exchange::rewrite(const Forward& forward) {
  if (forward.rewritePrefix) {
    request_.path = replacePrefix(request_.path, forward.matchedPrefix, *forward.rewritePrefix, arena_);
  }
  if (forward.rewriteHost) request_.authority = *forward.rewriteHost;
  if (request_.authority.empty()) request_.authority = receivedHost_ = cluster_->name();
}

// ---- Attempting and Backoff

void Exchange::startAttempt() {
  phase_ = Phase::Attempting;
  ++attempts_;
  std::span<http::Field> more;
  if (attempts_ > 1) {
    more = arena_.array<http::Field>(1);
    const http::Header id = http::Header::OutriggerAttempt;
    more[0] = {id, http::headerName(id), arena_.number(attempts_)};
  }
  AttemptEvents& self = *this;
  attempt_ = &arena_.make<Attempt>(turn_, *cluster_, *routeState_, self, tried_, request_, more, body_);
  armAttemptTimer();
  attempt_->start();
}

void Exchange::armAttemptTimer() {
  const uint32_t tries = triesLeft();
  if (target_->timeout.attempt.isAuto && tries == 1) return attemptTimer_.disarm();  // the deadline is its limit
  turn_.timers.arm(attemptTimer_, policy::attemptDeadline(target_->timeout, turn_.now, deadline_, tries));
}

// The rest of the request is not here because of the other side: it does not take more, or has not asked for it yet.
bool Exchange::callerWaits() const {
  const bool awaitsContinue = request_.expectContinue && !toldToContinue_ && body_.received() == 0;
  return requestPaused_ || awaitsContinue;
}

uint32_t Exchange::triesLeft() const {
  const uint32_t made = attempts_ - 1;
  if (made >= target_->retry.limit) return 1;
  if (!policy::timeoutCouldBeRetried(target_->retry, retryContext()) || !cluster_->canSpendRetry(1)) return 1;
  return 1 + target_->retry.limit - made;
}

policy::RetryContext Exchange::retryContext() const {
  policy::RetryContext context;
  const auto& key = target_->retry.idempotencyKey;
  context.method = request_.method;
  context.hasIdempotencyKey = key && request_.fields.find(Bytes(*key)) != nullptr;
  context.bodyReplayable = body_.replayable();
  context.responseStarted = answering();
  context.triesMade = attempts_;
  context.resetsRetried = resetsRetried_;
  context.otherEndpoint = cluster_->hasOther(tried_.ids());
  context.previousBackoff = backoff_;
  context.timeLeft = deadline_ == kNever ? Duration::max() : deadline_ - turn_.now;
  context.median = routeState_->median.value();
  return context;
}

// Plans another attempt if the replay table, the budget and the time left allow one.
bool Exchange::tryAgain(const AttemptEnd& end, std::optional<Duration> retryAfter) {
  policy::RetryContext context = retryContext();
  context.retryAfter = retryAfter;
  const policy::RetryAnswer answer = policy::decideRetry(target_->retry, end, context, turn_.rng);
  if (answer.refused) return refuseRetry(*answer.refused);
  if (!answer.plan) return false;
  const bool breakerOpen =
      cluster_->breakerState() == policy::Breaker::State::Open && cluster_->breakerOpenUntil() > turn_.now;
  if (breakerOpen) return refuseRetry(RetryRefusal::Breaker);
  if (!cluster_->spendRetry(answer.plan->cost)) return refuseRetry(RetryRefusal::Budget);
  cluster_->series().retries[static_cast<size_t>(answer.plan->cause)].add();
  if (answer.plan->cause == policy::RetryCause::Reset) ++resetsRetried_;
  backoff_ = answer.plan->delay;
  attemptTimer_.disarm();
  phase_ = Phase::Backoff;
  return true;
}

bool Exchange::refuseRetry(RetryRefusal why) {
  cluster_->series().retriesRefused[static_cast<size_t>(why)].add();
  return false;
}

// After a plan was made and the old attempt is gone.
void Exchange::waitForNextAttempt() {
  attempt_ = nullptr;
  if (backoff_ == Duration::zero()) return startAttempt();
  turn_.timers.arm(waitTimer_, turn_.now + backoff_);
}

void Exchange::noteEndpoint() {
  if (attempt_->endpoint() != nullptr) lastEndpoint_ = *attempt_->endpoint();
}

void Exchange::onAttemptFailed(const AttemptFailure& failure) {
  noteEndpoint();
  if (!failure.refused && tryAgain(failure.end, std::nullopt)) return waitForNextAttempt();
  attempt_ = nullptr;
  reply(failure.error.reason, failure.error.detail);
}

void Exchange::onAttemptTimeout() {
  if (phase_ != Phase::Attempting) return;
  // An endpoint cannot answer what the caller has not said; its time begins anew when the request is complete.
  if (!body_.complete() && !callerWaits()) return armAttemptTimer();
  const bool willRetry = tryAgain(attempt_->endByTimeout(Reason::AttemptTimeout, false), std::nullopt);
  // `auto` asks before it cuts: where no other try may start, this one runs on to the end of the request.
  if (!willRetry && target_->timeout.attempt.isAuto) return;
  attempt_->timeOut(Reason::AttemptTimeout, false);
  noteEndpoint();
  if (willRetry) return waitForNextAttempt();
  attempt_ = nullptr;
  reply(Reason::AttemptTimeout, {});
}

void Exchange::onWaitOver() {
  if (phase_ == Phase::Backoff) return startAttempt();
  if (phase_ == Phase::Filter) runFilters();
}

void Exchange::onAttemptHead(http::ResponseHead& head, const AttemptEnd& end) {
  attemptTimer_.disarm();
  noteEndpoint();
  upstreamTime_ = turn_.now - attempt_->startedAt();
  if (target_->retry.when.statuses.has(head.status)) {
    const http::Field* after = head.fields.find(http::Header::RetryAfter);
    const auto wait = after != nullptr ? policy::parseRetryAfter(after->value, turn_.wall) : std::nullopt;
    if (tryAgain(end, wait)) {
      attempt_->cancel();
      return waitForNextAttempt();
    }
  }
  relay(head);
}

// ---- Relay: the answer goes downstream

void Exchange::onAttemptInterim(http::ResponseHead& head) {
  if (head.status == 100) {
    toldToContinue_ = true;
    if (bodyTimer_.armed()) armBodyTimer();
  }
  stripResponseFields(head.fields);
  stream_->sendInterim(head);
}

void Exchange::relay(http::ResponseHead& head) {
  phase_ = Phase::Relay;
  status_ = head.status;
  body_.drop();
  stripResponseFields(head.fields);
  addDate(head.fields, turn_.wall, arena_);
  if (attempts_ > 1) head.fields.add(http::Header::OutriggerAttempts, arena_.number(attempts_));
  filters_.runResponse(*this, head);
  const bool lengthKnown = head.headOnly || head.body.kind == http::BodyFraming::Kind::None ||
                           head.body.kind == http::BodyFraming::Kind::Length;
  const bool isShort = lengthKnown && head.body.length <= kShortAnswer;
  if (!isShort) {
    deadlineTimer_.disarm();
    armIdleTimer();
  }
  stream_->sendHead(head);
}

void Exchange::onAttemptBody(Bytes data) {
  responseBytes_ += data.size();
  stream_->sendBody(data);
  if (idleTimer_.armed()) armIdleTimer();
  if (stream_->pending() > kHighWater && !attempt_->paused()) attempt_->pause();
}

void Exchange::onResponseDrained() {
  if (!answering() || attempt_ == nullptr || !attempt_->paused()) return;
  if (idleTimer_.armed()) armIdleTimer();
  attempt_->resume();
}

void Exchange::onAttemptEnd(const http::FieldList& trailers) {
  attempt_ = nullptr;
  stream_->sendEnd(trailers);
  finish(Reason::Ok);
}

void Exchange::onAttemptCut(const Error& error) {
  attempt_ = nullptr;
  abandon(error.reason);
}

// ---- The request's body

void Exchange::onRequestBody(Bytes data) {
  if (phase_ == Phase::Done) return;
  const bool streaming = attempt_ != nullptr && attempt_->streaming();
  if (streaming) attempt_->sendBody(data);
  body_.append(data, streaming);
  if (bodyTimer_.armed()) armBodyTimer();
  const size_t waiting = streaming ? attempt_->queued() : body_.kept();
  if (waiting > kHighWater && !requestPaused_) {
    requestPaused_ = true;
    stream_->pauseRequest();
  }
}

void Exchange::onRequestEnd(http::FieldList trailers) {
  if (phase_ == Phase::Done || body_.complete()) return;
  bodyTimer_.disarm();
  body_.end(trailers, arena_);
  if (phase_ == Phase::Attempting) armAttemptTimer();
  if (attempt_ != nullptr && attempt_->streaming()) attempt_->sendEnd();
}

void Exchange::onAttemptWritable() {
  if (!requestPaused_ || attempt_->queued() > kHighWater) return;
  requestPaused_ = false;
  if (bodyTimer_.armed()) armBodyTimer();
  stream_->resumeRequest();
}

void Exchange::onRequestLost(const Error& why, bool answerable) {
  if (phase_ == Phase::Done) return;
  if (answerable && !answering()) return reply(why.reason, why.detail);
  if (!answerable) stream_ = nullptr;
  abandon(why.reason);
}

// ---- Time

void Exchange::onDeadline() {
  if (phase_ == Phase::Done) return;
  if (attempt_ != nullptr) {
    noteEndpoint();
    attempt_->timeOut(Reason::RequestTimeout, false);
  }
  if (answering()) return abandon(Reason::RequestTimeout);
  reply(Reason::RequestTimeout, {});
}

void Exchange::armBodyTimer() {
  if (const auto limit = target_->timeout.body) turn_.timers.arm(bodyTimer_, after(turn_.now, *limit));
}

void Exchange::onBodyTimeout() {
  if (phase_ == Phase::Done || body_.complete()) return;
  if (callerWaits()) return armBodyTimer();
  if (answering()) return abandon(Reason::BodyTimeout);
  stream_->closeAfterAnswer();  // RFC 9110 §15.5.9; the rest will hardly come
  reply(Reason::BodyTimeout, {});
}

void Exchange::armIdleTimer() {
  if (const auto limit = target_->timeout.idle) turn_.timers.arm(idleTimer_, after(turn_.now, *limit));
}

void Exchange::onIdle() {
  if (!answering()) return;
  // While the caller does not read, the upstream cannot send: it is the caller who has gone silent then.
  abandon(attempt_ != nullptr && attempt_->paused() ? Reason::ClientClosed : Reason::IdleTimeout);
}

// ---- The end

void Exchange::reply(Reason reason, Bytes detail) {
  LocalReply local;
  local.reason = reason;
  local.detail = detail;
  reply(local);
}

void Exchange::reply(const LocalReply& local) {
  if (attempt_ != nullptr) attempt_->cancel();
  LocalAnswer answer = makeLocalAnswer(local, request_.method == http::Method::Head, turn_.wall, arena_);
  filters_.runResponse(*this, answer.head);
  status_ = answer.head.status;
  stream_->sendHead(answer.head);
  if (!answer.head.headOnly && !answer.body.empty()) {
    responseBytes_ = answer.body.size();
    stream_->sendBody(answer.body);
  }
  stream_->sendEnd({});
  finish(local.reason);
}

// Ends it where no proper answer can be given any more.
void Exchange::abandon(Reason reason) {
  if (attempt_ != nullptr) attempt_->cancel();
  if (stream_ != nullptr) stream_->abort();
  if (!answering()) status_ = replyRow(reason).status;
  finish(reason);
}

void Exchange::cut(Reason reason) {
  if (phase_ != Phase::Done) abandon(reason);
}

void Exchange::finish(Reason reason) {
  count(reason);
  if (home_.wantsRecord(*generation_->snapshot, reason, status_)) record(reason);
  phase_ = Phase::Done;
  deadlineTimer_.disarm();
  attemptTimer_.disarm();
  waitTimer_.disarm();
  bodyTimer_.disarm();
  idleTimer_.disarm();
  if (awaited_ != nullptr) *awaited_ = nullptr;
  // Callers up the stack may still look at it; it is used again once the turn has unwound.
  struct Recycle {
    void operator()(Exchange* exchange) const { exchange->recycle(); }
  };
  turn_.graveyard.bury(std::unique_ptr<Exchange, Recycle>(this));
}

void Exchange::count(Reason reason) {
  if (cluster_ != nullptr) cluster_->series().inFlight[static_cast<size_t>(direction_)].add(-1);
  metrics::RequestSeries& series = home_.metrics().requests[series_];
  series.requests.add(status_, reason);
  series.duration.observe(turn_.now - begunAt_, home_.metrics().bounds);
}

void Exchange::record(Reason reason) {
  AccessRecord record;
  record.duration = turn_.now - begunAt_;
  record.time = turn_.wall - record.duration;
  record.id = ids_.requestId;
  record.trace = ids_.traceId;
  record.direction = direction_;
  record.method = request_.methodText;
  record.host = receivedHost_;
  record.path = receivedPath_;
  if (route_ != nullptr) record.route = route_->name;
  if (cluster_ != nullptr) record.upstream = cluster_->name();
  if (lastEndpoint_.family() != Address::Family::None) record.endpoint = &lastEndpoint_;
  record.status = status_;
  record.reason = reason;
  record.attempts = attempts_;
  record.requestBytes = body_.received();
  record.responseBytes = responseBytes_;
  record.upstreamTime = upstreamTime_;
  record.peer = peer_;
  record.minorVersion = request_.minorVersion;
  for (const std::string& name : generation_->snapshot->loggedHeaders) {
    if (const http::Field* field = request_.fields.find(Bytes(name))) record.headers.emplace_back(name, field->value);
  }
  home_.onRecord(record);
}

void Exchange::recycle() {
  static_cast<ExchangeState&>(*this) = ExchangeState();
  generation_.reset();
  filters_ = FilterChain();
  awaited_.reset();
  lastEndpoint_ = Address();
  body_.drop();
  arena_.reset();  // keeps its first chunk, still warm
  home_.onRecyclable(*this);
}

}  // namespace outrigger::exchange
