#include "proxy/exchange/exchange.h"

#include <algorithm>

#include "proxy/exchange/affinity.h"
#include "proxy/exchange/destination.h"
#include "proxy/exchange/local_reply.h"
#include "proxy/exchange/redaction.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/http/target.h"
#include "proxy/http/upgrade.h"

namespace outrigger::exchange {
namespace {

// What somebody above might take as a reason to try again.
bool tellsOfOverload(const http::ResponseHead& head, bool grpc) {
  const auto stated = grpc ? http::statedGrpcStatus(head.fields) : std::nullopt;
  const uint16_t status = stated ? http::httpStatusOfGrpc(*stated) : head.status;
  return status == 429 || (status >= 502 && status <= 504);
}

}  // namespace

Exchange::Exchange(ExchangeHome& home)
    : home_(home), turn_(home.turn()), arena_(turn_.chunks), body_(turn_), attempts_(turn_, arena_, body_, *this) {}

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

void Exchange::begin(GenerationPin generation, const Entrance& entrance, const http::RequestHead& head,
                     http::ResponseStream& stream) {
  open(std::move(generation), entrance.direction, stream);
  appPort_ = entrance.appPort.value_or(0);
  request_ = head.copyTo(arena_);
  receivedHost_ = request_.authority;
  receivedPath_ = request_.path;
  body_.start(request_.body);
  if (hopsSoFar(request_.fields) >= kMostHops) return reply(Reason::Loop, {});
  if (!entrance.appPort) return reply(Reason::NoRoute, "the app has no such port any more");
  caller_ = callersWord(request_.fields);
  if (http::isGrpc(request_.fields)) grpc_.emplace();
  stripRequestFields(request_.fields);
  if (caller_.grpcLeft != Duration::max())
    request_.fields.remove(http::Header::GrpcTimeout);         // each attempt has its own
  if (direction_ == Direction::Outbound) caller_.attempt = 1;  // the app's own word does not count
  const Snapshot& snapshot = *generation_->snapshot;
  ids_ = addForwardingFields(request_, direction_, stream.peer(), snapshot.identity,
                             snapshot.traces ? &*snapshot.traces : nullptr, arena_, turn_.rng);
  if (ids_.trace.spanOut != nullptr) span_ = turn_.rng.next() | 1;
  if (http::hasDotSegments(request_.path)) {
    char* room = static_cast<char*>(arena_.allocate(request_.path.size(), 1));
    request_.path = http::removeDotSegments(request_.path, room);
  }
  if (isProbe()) return take(*generation_->snapshot->probeRoute);
  if (admit()) takeRoute(entrance.route);
}

// A health probe of the app: whoever makes it knows no TLS, and has no identity.
bool Exchange::isProbe() const {
  const Snapshot& snapshot = *generation_->snapshot;
  if (direction_ != Direction::Inbound || snapshot.probes.empty()) return false;
  if (request_.method != http::Method::Get && request_.method != http::Method::Head) return false;
  if (!request_.body.isEmpty()) return false;
  return std::ranges::any_of(snapshot.probes, [this](Bytes probe) {
    return probe.size() == request_.path.size() + request_.query.size() && probe.starts_with(request_.path) &&
           probe.ends_with(request_.query);
  });
}

// Whether the caller may call the app; answers it if not. Before any filter, and before a byte goes upstream.
bool Exchange::admit() {
  const Snapshot& snapshot = *generation_->snapshot;
  if (direction_ != Direction::Inbound) return true;
  if (snapshot.inbound.tlsOnly && !peer_->secure) {
    reply(Reason::Unauthenticated, "this port takes TLS; in plain, nothing but health probes");
    return false;
  }
  if (snapshot.access == nullptr) return true;
  const policy::AccessDecision decision = snapshot.access->decide(peer_->identity, request_);
  if (decision.allowed) return true;
  if (snapshot.access->mode() == policy::Mode::Observe) {
    home_.onWouldDeny(snapshot, *peer_, decision.rule);
    return true;
  }
  accessRule_ = decision.rule;
  reply(peer_->identity.empty() ? Reason::Unauthenticated : Reason::Denied, {});
  return false;
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
  if (!route) return passOn();
  take(generation_->snapshot->routes[*route]);
}

void Exchange::take(const Route& route) {
  route_ = &route;
  series_ = route.series;
  filters_.start(route.filters);
  runFilters();
}

// No route names the host: the request goes where its connection was going, or where it asks us, as its forward proxy,
// to send it.
void Exchange::passOn() {
  const Passage* passage = generation_->snapshot->passages[static_cast<size_t>(direction_)].get();
  if (passage == nullptr) return reply(Reason::NoRoute, {});
  const bool tunnel = http::asksForTunnel(request_);
  const auto destination = destinationOf(request_, *peer_, direction_);
  if (!destination) return reply(Reason::NoRoute, {});
  passage_ = home_.passageTo(*passage, *destination, tunnel ? Protocol::Tcp : Protocol::Auto);
  if (passage_ == nullptr) return reply(Reason::Loop, "the request would come back to this sidecar");
  passageState_ = passage_->route(passage->route.name);
  if (request_.absoluteForm && isRedirected(*peer_)) {  // it is on its way to a proxy, which needs all of the target
    request_.path = arena_.join(Bytes("http://"), request_.authority, request_.path);
  }
  take(passage->route);
}

void Exchange::runFilters() {
  follow(filters_.runRequest(*this, request_));
}

void Exchange::follow(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::Continue: return std::visit([this](const auto& action) { act(action); }, route_->action);
    case Verdict::Kind::Reply: return reply(verdict.reply);
    case Verdict::Kind::Delay: return turn_.timers.arm(delayTimer_, turn_.now + verdict.delay);
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
  chooseCluster();
  cluster_->series().inFlight[static_cast<size_t>(direction_)].add(1);
  const bool tunnel = http::asksForTunnel(request_);
  if (tunnel != (cluster_->settings().protocol == Protocol::Tcp)) {
    return reply(Reason::Unsupported, tunnel ? "CONNECT leads only to upstreams with protocol: tcp"
                                             : "this upstream carries TCP and not HTTP");
  }
  if (tunnel && cluster_->settings().proxyProtocol != policy::ProxyProtocol::None) {
    return reply(Reason::Unsupported, "this upstream wants a PROXY header, which CONNECT has no place for");
  }
  rewrite(forward);
  body_.limitReplay(target_->retry.bufferBody);
  deadline_ = policy::requestDeadline(timeouts(), begunAt_, callersDeadline());
  if (deadline_.at <= turn_.now) return onDeadline();
  turn_.timers.arm(deadlineTimer_, deadline_.at);
  if (!body_.complete()) armBodyTimer();
  if (grpc_ && deadline_.at == kNever) armIdleTimer();
  phase_ = Phase::Attempting;
  attempts_.begin({cluster_, routeState_, target_, &request_, deadline_, grpc_.has_value(), caller_,
                   affinityOf(cluster_->settings().balance, request_.fields, *peer_), ids_.trace.spanOut});
  if (forward.mirror && request_.upgrade.empty() && turn_.rng.chance(forward.mirror->share)) copyTo(*forward.mirror);
}

void Exchange::chooseCluster() {
  if (passage_ != nullptr) {
    cluster_ = passage_.get();
    routeState_ = passageState_.get();
    return;
  }
  const uint32_t port = target_->perAppPort ? appPort_ : 0;
  cluster_ = generation_->clusters[target_->cluster + port].get();
  routeState_ = generation_->routes[target_->state + port].get();
}

// A stream of messages may last for hours, and its caller may be silent as long as it likes: what a call has is
// grpc-timeout, and `idle`.
policy::TimeoutSettings Exchange::timeouts() const {
  policy::TimeoutSettings timeout = target_->timeout;
  if (grpc_ && !target_->timeoutForGrpc) timeout.request.reset();
  return timeout;
}

// On the app's side the request becomes known by its ids; a call of the app looks whether it belongs to one.
Instant Exchange::callersDeadline() {
  Instant deadline = after(begunAt_, caller_.left);
  if (direction_ == Direction::Inbound) {
    call_.open(home_.inboundCalls(), ids_.requestId, ids_.trace.id, deadline);
    return deadline;
  }
  if (ids_.requestIdKept) parent_ = home_.inboundCalls().find(ids_.requestId);
  if (parent_ == nullptr && ids_.trace.kept) parent_ = home_.inboundCalls().find(ids_.trace.id);
  if (parent_ == nullptr) return callerHasLeft() ? turn_.now : deadline;
  parent_->follow(*this);
  return std::min(deadline, parent_->deadline());
}

// The app works on for a request that is wanted no more.
bool Exchange::callerHasLeft() const {
  InboundCalls& calls = home_.inboundCalls();
  if (ids_.requestIdKept) return calls.abandoned(ids_.requestId, turn_.now);
  return ids_.trace.kept && calls.abandoned(ids_.trace.id, turn_.now);
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

// A body is sent with it if it has come whole while it was kept for another try.
void Exchange::copyTo(const Mirror& mirror) {
  if (!body_.complete()) {
    mirror_ = &mirror;
  } else if (body_.received() == 0 || (body_.replayable() && body_.received() <= target_->retry.bufferBody)) {
    home_.mirrors().send(generation_.again(), mirror, request_, body_);
  }
}

// ---- Relay: the answer goes downstream

void Exchange::onInterim(http::ResponseHead& head) {
  if (head.status == 100) {
    toldToContinue_ = true;
    if (bodyTimer_.armed()) armBodyTimer();
  }
  stripResponseFields(head.fields);
  stream_->sendInterim(head);
}

void Exchange::onAnswerHead(http::ResponseHead& head) {
  phase_ = Phase::Relay;
  status_ = head.status;
  if (grpc_) grpc_->onHead(head);
  body_.drop();
  const Bytes reason = cluster_->settings().sidecar ? believedReason(head.fields) : Bytes();
  stripResponseFields(head.fields);
  if (!reason.empty()) head.fields.add(http::Header::OutriggerReason, reason);
  if (call_.noRetry && tellsOfOverload(head, grpc_.has_value())) addMarks(head.fields, {.noRetry = true});
  addDate(head.fields, turn_.wall, arena_);
  if (attempts_.made() > 1) head.fields.add(http::Header::OutriggerAttempts, arena_.number(attempts_.made()));
  keepSession(cluster_->settings(), attempts_.affinity(), *attempts_.endpoint(), head, arena_);
  if (head.upgraded) goOver(head);
  filters_.runResponse(*this, head);
  armForAnswer(head);
  stream_->sendHead(head);
}

// From here on both sides send until each has ended; no deadline counts, and no try follows.
void Exchange::goOver(http::ResponseHead& head) {
  upgraded_ = true;
  const bool says101 = request_.version != http::Version::Http2 && !http::asksForTunnel(request_);
  head.status = status_ = says101 ? 101 : 200;
}

// A timeout ends with the head of an answer that streams; grpc-timeout is for all of the call.
void Exchange::armForAnswer(const http::ResponseHead& head) {
  if (http::isShort(head)) return;
  armIdleTimer();
  if (caller_.grpcLeft == Duration::max()) return deadlineTimer_.disarm();
  deadline_ = {after(begunAt_, caller_.grpcLeft), true};
  turn_.timers.arm(deadlineTimer_, deadline_.at);
}

void Exchange::onAnswerBody(Bytes data) {
  responseBytes_ += data.size();
  if (grpc_) grpc_->onBody(data);
  stream_->sendBody(data);
  if (idleTimer_.armed()) armIdleTimer();
  if (stream_->pending() > kHighWater && !attempts_.paused()) attempts_.pause();
}

void Exchange::onResponseDrained() {
  if (!answering() || !attempts_.paused()) return;
  if (idleTimer_.armed()) armIdleTimer();
  attempts_.resume();
}

void Exchange::onAnswerEnd(const http::FieldList& trailers) {
  if (grpc_) grpc_->onTrailers(trailers);
  stream_->sendEnd(trailers);
  answerEnded_ = true;
  if (upgraded_) return onSideEnd();
  finish(Reason::Ok);
}

// Behind the end of an upgraded stream's answer: whoever is lost then had, or had said, all there was.
bool Exchange::saidAll() const {
  return upgraded_ && answerEnded_;
}

void Exchange::onSideEnd() {
  if (callerEnded_ && answerEnded_) return finish(Reason::Ok);
  if (idleTimer_.armed()) armIdleTimer();
}

void Exchange::onAnswerCut(const Error& error) {
  abandon(saidAll() ? Reason::Ok : error.reason, error.detail);
}

// ---- The request's body

void Exchange::onRequestBody(Bytes data) {
  if (phase_ == Phase::Done) return;
  const bool streaming = attempts_.streaming();
  if (streaming) attempts_.sendBody(data);
  body_.append(data, streaming);
  if (bodyTimer_.armed()) armBodyTimer();
  if ((grpc_ || upgraded_) && idleTimer_.armed()) armIdleTimer();
  const size_t waiting = streaming ? attempts_.queued() : body_.kept();
  if (waiting > kHighWater && !requestPaused_) {
    requestPaused_ = true;
    stream_->pauseRequest();
  }
}

void Exchange::onRequestEnd(http::FieldList trailers) {
  if (phase_ == Phase::Done) return;
  if (upgraded_) {
    callerEnded_ = true;
    attempts_.endUpgraded();
    return onSideEnd();
  }
  if (body_.complete()) return;
  bodyTimer_.disarm();
  body_.end(trailers, arena_);
  attempts_.onRequestComplete();
  if (mirror_ != nullptr) copyTo(*mirror_);
}

void Exchange::onAttemptWritable() {
  if (!requestPaused_ || attempts_.queued() > kHighWater) return;
  requestPaused_ = false;
  if (bodyTimer_.armed()) armBodyTimer();
  stream_->resumeRequest();
}

// The rest of the request is not here because of the other side: it does not take more, or has not asked for it yet.
bool Exchange::callerWaits() const {
  const bool awaitsContinue = request_.expectContinue && !toldToContinue_ && body_.received() == 0;
  return requestPaused_ || awaitsContinue;
}

void Exchange::onRequestLost(const Error& why, bool answerable) {
  if (phase_ == Phase::Done) return;
  call_.abandon(turn_.now);
  if (answerable && !answering()) return reply(why.reason, why.detail);
  if (!answerable) stream_ = nullptr;
  abandon(saidAll() ? Reason::Ok : why.reason);
}

// ---- Time

void Exchange::onDelayOver() {
  if (phase_ == Phase::Filter) runFilters();
}

void Exchange::onDeadline() {
  if (phase_ == Phase::Done) return;
  const Reason reason = deadline_.callers ? Reason::DeadlineExceeded : Reason::RequestTimeout;
  attempts_.timeOut({reason, deadline_.callers ? Cut::Because::CallersDeadline : Cut::Because::Timeout});
  if (deadline_.callers) call_.abandon(turn_.now);
  if (answering()) return abandon(reason);
  reply(reason, {});
}

void Exchange::onCallerGone() {
  attempts_.cancel();
  if (answering()) return abandon(Reason::ClientClosed);
  reply(Reason::DeadlineExceeded, "the caller of the request that this call belongs to has given it up");
}

void Exchange::armBodyTimer() {
  if (grpc_) return;
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
  if (phase_ == Phase::Done) return;
  if (!answering()) {
    attempts_.timeOut({Reason::IdleTimeout, Cut::Because::Timeout});
    return reply(Reason::IdleTimeout, {});
  }
  // While the caller does not read, the upstream cannot send: it is the caller who has gone silent then.
  abandon(attempts_.paused() ? Reason::ClientClosed : Reason::IdleTimeout);
}

// ---- The end

void Exchange::reply(Reason reason, Bytes detail) {
  LocalReply local;
  local.reason = reason;
  local.detail = detail;
  reply(local);
}

void Exchange::reply(const LocalReply& local) {
  attempts_.cancel();
  const bool configured = local.reason == Reason::Responded || local.reason == Reason::Redirected;
  LocalAnswer answer = grpc_ && !configured
                           ? makeGrpcAnswer(local, turn_.wall, arena_)
                           : makeLocalAnswer(local, request_.method == http::Method::Head, turn_.wall, arena_);
  // What `why` and the access log know this request by. An answer of the config's is the config's alone.
  if (!configured && !ids_.requestId.empty()) answer.head.fields.set(http::Header::XRequestId, ids_.requestId);
  if (direction_ == Direction::Inbound) addMarks(answer.head.fields, marksFor(local));
  filters_.runResponse(*this, answer.head);
  status_ = answer.head.status;
  if (grpc_) grpc_->onHead(answer.head);
  stream_->sendHead(answer.head);
  if (!answer.head.headOnly && !answer.body.empty()) {
    responseBytes_ = answer.body.size();
    stream_->sendBody(answer.body);
  }
  stream_->sendEnd({});
  finish(local.reason);
}

// What the sidecar that called should know of an answer of ours.
Marks Exchange::marksFor(const LocalReply& local) const {
  const uint16_t status = replyRow(local.reason).status;
  const bool refused = status == 503 || status == 429;
  return {.notForwarded = refused && !attempts_.reached(), .noRetry = local.reason == Reason::DeadlineExceeded};
}

// Ends it where no proper answer can be given any more.
void Exchange::abandon(Reason reason, Bytes detail) {
  attempts_.cancel();
  if (stream_ != nullptr) breakOff(reason, detail);
  if (grpc_) grpc_->onCut(reason);
  if (!answering()) status_ = replyRow(reason).status;
  finish(reason);
}

// A reset would be INTERNAL or CANCELLED to a gRPC caller, who then does not know that another try may help. Between
// two messages trailers can still say what happened; behind half a message they would make it look whole to some. A
// caller who does not read would not see them.
void Exchange::breakOff(Reason reason, Bytes detail) {
  const bool reads = reason != Reason::ClientClosed && request_.version != http::Version::Http10;
  if (!grpc_ || !reads || !answering() || !grpc_->canTakeTrailers()) return stream_->abort();
  stream_->sendEnd(grpcTrailers(reason, detail, arena_));
}

void Exchange::cut(Reason reason) {
  if (phase_ != Phase::Done) abandon(reason);
}

void Exchange::finish(Reason reason) {
  if (Follower::linked() && attempts_.pushedBack()) parent_->noRetry = true;
  Follower::unlink();
  call_.close();
  count(reason);
  const uint16_t counted = grpc_ ? http::httpStatusOfGrpc(grpc_->status()) : status_;
  const RecordUse use =
      home_.useOfRecord({*generation_->snapshot, reason, counted, attempts_.ordinary(), ids_.trace.id, span_ != 0});
  if (use.any()) record(reason, use);
  phase_ = Phase::Done;
  deadlineTimer_.disarm();
  delayTimer_.disarm();
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
  if (route_ != nullptr && route_ == generation_->snapshot->probe()) {
    home_.metrics().worker.probes[status_ >= 200 && status_ < 400 ? 0 : 1].add();
    return;
  }
  metrics::RequestSeries& series = home_.metrics().requests[series_];
  series.requests.add(status_, reason);
  if (grpc_) series.grpc.add(static_cast<size_t>(grpc_->status()));
  const Duration took = turn_.now - begunAt_;
  series.duration.observe(took, home_.metrics().bounds);
  if (ids_.trace.sampled) noteTrace(series, took);
}

// Only of a trace that somebody records: the caller, who said so, or we.
void Exchange::noteTrace(metrics::RequestSeries& series, Duration took) {
  if (!ids_.trace.kept && ids_.trace.spanOut == nullptr) return;
  series.exemplars.note(home_.metrics().bounds.bucketOf(took), ids_.trace.id, took, turn_.wall);
}

void Exchange::record(Reason reason, const RecordUse& use) {
  AccessRecord record;
  record.duration = turn_.now - begunAt_;
  record.time = turn_.wall - record.duration;
  record.id = recordedId(ids_.requestId, arena_);
  record.trace = ids_.trace.id;
  record.span = span_;
  record.parentSpan = ids_.trace.parentSpan;
  record.direction = direction_;
  record.method = recordedMethod(request_.method);
  if (route_ != nullptr) record.route = route_->name;
  if (cluster_ != nullptr) {
    record.upstream = cluster_->name();
    record.upstreamSecure = cluster_->settings().tls != nullptr;
    record.upstreamProtocol = cluster_->settings().protocol;
  }
  record.shape = shapeOf(route_, record.upstream);
  const bool asItCame = generation_->snapshot->logsTargets;
  record.host = asItCame ? receivedHost_ : record.shape.host;
  record.path = asItCame ? receivedPath_ : record.shape.path;
  record.accessRule = accessRule_;
  record.endpoint = attempts_.endpoint();
  record.trail = attempts_.trail();
  record.begunAt = begunAt_;
  record.status = status_;
  if (grpc_) record.grpcStatus = http::grpcStatusWord(grpc_->status());
  record.reason = reason;
  record.attempts = attempts_.tried();
  record.requestBytes = body_.received();
  record.responseBytes = responseBytes_;
  record.upstreamTime = attempts_.upstreamTime();
  record.peer = peer_;
  record.protocol = http::versionText(request_.version);
  for (const std::string& name : generation_->snapshot->loggedHeaders) {
    if (const http::Field* field = request_.fields.find(Bytes(name))) record.headers.emplace_back(name, field->value);
  }
  home_.onRecord(record, use);
}

void Exchange::recycle() {
  static_cast<ExchangeState&>(*this) = ExchangeState();
  generation_.reset();
  filters_ = FilterChain();
  awaited_.reset();
  attempts_.reset();
  body_.drop();
  arena_.reset();  // keeps its first chunk, still warm
  home_.onRecyclable(*this);
}

}  // namespace outrigger::exchange
