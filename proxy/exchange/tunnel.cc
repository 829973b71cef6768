#include "proxy/exchange/tunnel.h"

#include <utility>

namespace outrigger::exchange {
namespace {

using policy::AttemptEnd;
using policy::AttemptResult;
using policy::RetryRefusal;

// A connection that has stood for so long is a good one, though its endpoint may have nothing to say yet.
constexpr Duration kProof = 1s;

// How often we look, once both sides have ended, whether the last octets have gone out.
constexpr Duration kLookEvery = 50ms;

}  // namespace

Tunnel::Tunnel(TunnelHome& home, TunnelErrand errand)
    : home_(home),
      turn_(home.turn()),
      errand_(std::move(errand)),
      cluster_(*errand_.cluster),
      series_(home.metrics().tunnels[errand_.series]) {}

Tunnel::~Tunnel() {
  letGo();
}

// ---- From the caller to a connection

void Tunnel::open(TunnelCaller& caller, bool onTrial) {
  caller_ = &caller;
  onTrial_ = onTrial;
  begunAt_ = turn_.now;
  if (!onTrial) begin();
  if (const auto why = home_.refusesTunnel(errand_.direction, caller.peer())) return finish(*why);
  start();
}

void Tunnel::take(TunnelCaller& caller) {
  caller_ = &caller;
  if (std::exchange(onTrial_, false)) begin();
}

void Tunnel::begin() {
  series_.open.add(1);
  home_.onTunnelBegun();
}

void Tunnel::start() {
  phase_ = Phase::Connecting;
  ++made_;
  cluster_.acquire(*this);
}

void Tunnel::onEndpointChosen(const upstream::Endpoint& endpoint) {
  chosenAt_ = turn_.now;
  tried_.add(endpoint.id());
  endpoint_ = endpoint.address();
}

void Tunnel::onLease() {
  phase_ = Phase::Open;
  connectTime_ = turn_.now - chosenAt_;
  stream().attach(*this);
  const upstream::ClusterSettings& settings = cluster_.settings();
  if (settings.proxyProtocol != policy::ProxyProtocol::None) {
    stream().sendBody(caller_->introduction(settings.proxyProtocol, endpoint_));
  }
  if (!kept_.empty()) sendUp(std::exchange(kept_, {}));
  if (callerEnded_) stream().sendEnd({});
  if (stream().queued() <= kHighWater) holdCaller(false);
  turn_.timers.arm(timer_, turn_.now + kProof);
  if (const auto age = settings.policy.limits.maxAge) turn_.timers.arm(ageTimer_, after(turn_.now, *age));
  touch();
}

void Tunnel::onRefused(const upstream::Refusal& refusal) {
  AttemptEnd end;
  end.result = AttemptResult::Connect;
  end.reason = refusal.error.reason;
  end.unsent = end.connectLevel = true;
  if (refusal.connectLevel && tryAgain(end)) return;
  finish(refusal.error.reason);
}

bool Tunnel::tryAgain(const AttemptEnd& end) {
  policy::RetryContext context;
  context.triesMade = made_;
  context.otherEndpoint = cluster_.hasOther(tried_.ids());
  context.previousBackoff = backoff_;
  const auto answer = policy::decideRetry(cluster_.settings().policy.retry, end, context, turn_.rng);
  if (answer.refused) return refuseRetry(*answer.refused);
  if (!answer.plan) return false;
  if (cluster_.breakerRefuses(*errand_.route)) return refuseRetry(RetryRefusal::Breaker);
  if (!cluster_.spendRetry(answer.plan->cost)) return refuseRetry(RetryRefusal::Budget);
  cluster_.series().retries[static_cast<size_t>(answer.plan->cause)].add();
  backoff_ = answer.plan->delay;
  phase_ = Phase::Backoff;
  turn_.timers.arm(timer_, turn_.now + backoff_);
  return true;
}

bool Tunnel::refuseRetry(RetryRefusal why) {
  cluster_.series().retriesRefused[static_cast<size_t>(why)].add();
  return false;
}

// ---- Octets

void Tunnel::onCallerBytes(Bytes data) {
  if (phase_ == Phase::Done) return;
  if (connected()) return sendUp(data);
  kept_.append(data);
  if (kept_.size() > kHighWater) holdCaller(true);
}

void Tunnel::sendUp(Bytes data) {
  sent_ += data.size();
  series_.sent.add(data.size());
  stream().sendBody(data);
  touch();
  if (stream().queued() > kHighWater) holdCaller(true);
}

void Tunnel::holdCaller(bool held) {
  if (std::exchange(callerHeld_, held) == held) return;
  if (held) {
    caller_->pause();
  } else {
    caller_->resume();
  }
}

void Tunnel::onRequestDrained() {
  holdCaller(false);
}

void Tunnel::onResponseBody(Bytes data) {
  observe(AttemptResult::Ok, Reason::Ok);
  caller_->send(data);  // on trial it changes hands here
  received_ += data.size();
  series_.received.add(data.size());
  touch();
  if (caller_->pending() <= kHighWater || std::exchange(peerHeld_, true)) return;
  stream().pause();
}

void Tunnel::onCallerDrained() {
  if (connected() && std::exchange(peerHeld_, false)) stream().resume();
}

// ---- Ends

void Tunnel::onCallerEnd() {
  if (phase_ == Phase::Done) return;
  callerEnded_ = true;
  if (!connected()) return;
  stream().sendEnd({});
  closeIfComplete();
}

void Tunnel::onResponseEnd(http::FieldList) {
  observe(AttemptResult::Ok, Reason::Ok);
  peerEnded_ = true;
  caller_->sendEnd();
  closeIfComplete();
}

void Tunnel::closeIfComplete() {
  if (!callerEnded_ || !peerEnded_ || phase_ == Phase::Done) return;
  if (stream().queued() == 0 && caller_->pending() == 0) return finish(Reason::Ok);
  phase_ = Phase::Closing;
  turn_.timers.arm(timer_, turn_.now + kLookEvery);
}

// An endpoint that is reset after its end was told to us had said all there was.
void Tunnel::onStreamLost(const Error& error, bool) {
  const bool spoke = received_ > 0 || peerEnded_;
  observe(spoke ? AttemptResult::Ok : AttemptResult::Reset, spoke ? Reason::Ok : error.reason);
  lease().release();
  finish(peerEnded_ ? Reason::Ok : error.reason);
}

// A caller that leaves once it has the endpoint's end has had all there was.
void Tunnel::onCallerLost() {
  finish(peerEnded_ ? Reason::Ok : Reason::ClientClosed);
}

void Tunnel::onTimer() {
  switch (phase_) {
    case Phase::Backoff: return start();
    case Phase::Open: return observe(AttemptResult::Ok, Reason::Ok);
    case Phase::Closing: return closeIfComplete();
    case Phase::Connecting:
    case Phase::Done: return;
  }
}

void Tunnel::touch() {
  if (const auto idle = cluster_.settings().policy.timeout.idle) {
    turn_.timers.arm(idleTimer_, after(turn_.now, *idle));
  }
}

// How long the endpoint takes to speak is its protocol's affair; how long it takes to accept is its own.
void Tunnel::observe(AttemptResult result, Reason reason) {
  AttemptEnd end;
  end.result = result;
  end.reason = reason;
  lease().observe(end, connectTime_);
}

void Tunnel::finish(Reason reason) {
  if (phase_ == Phase::Done) return;
  const bool counts = !onTrial_;
  if (counts) {
    series_.open.add(-1);
    home_.onTunnelEnded();
    series_.ended.add(0, reason);
    series_.duration.observe(turn_.now - begunAt_, home_.metrics().bounds);
    if (home_.wantsTunnelRecord(reason)) record(reason);
  }
  letGo();
  const bool orderly = reason == Reason::Ok && caller_->pending() == 0;
  caller_->onTunnelEnd(orderly ? Transport::CloseMode::Normal : Transport::CloseMode::Reset);
}

// Gives everything back; the caller is told by finish().
void Tunnel::letGo() {
  phase_ = Phase::Done;
  timer_.disarm();
  idleTimer_.disarm();
  ageTimer_.disarm();
  if (lease().hasStream()) {
    observe(received_ > 0 ? AttemptResult::Ok : AttemptResult::Cancelled, Reason::Ok);
    stream().cancel();
  }
  if (lease().connecting()) return cluster_.stopConnecting(*this);
  withdraw();
}

void Tunnel::record(Reason reason) {
  AccessRecord record;
  record.duration = turn_.now - begunAt_;
  record.time = turn_.wall - record.duration;
  record.direction = errand_.direction;
  record.route = errand_.route->name;
  record.upstream = cluster_.name();
  if (endpoint_.family() != Address::Family::None) record.endpoint = &endpoint_;
  record.reason = reason;
  record.attempts = made_;
  record.requestBytes = sent_;
  record.responseBytes = received_;
  record.upstreamTime = connectTime_;
  record.peer = &caller_->peer();
  record.protocol = "TCP";
  home_.onTunnelRecord(record);
}

}  // namespace outrigger::exchange
