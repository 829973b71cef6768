#include "proxy/exchange/attempt.h"

namespace outrigger::exchange {

using policy::AttemptEnd;
using policy::AttemptResult;

void Attempt::start() {
  startedAt_ = turn_.now;
  cluster_.acquire(*this);
}

bool Attempt::startBeside() {
  startedAt_ = turn_.now;
  return cluster_.acquireBeside(*this);
}

void Attempt::onEndpointChosen(const upstream::Endpoint& endpoint) {
  chosenAt_ = turn_.now;
  tried_.add(endpoint.id());
  endpoint_ = &endpoint.address();
}

void Attempt::onLease() {
  const auto more = events_.fieldsOf(*this);
  if (!more) return;
  upstream::UpstreamStream& stream = lease().stream();
  stream.attach(*this);
  stream.sendHead(*errand_.request, *more);
  body_.forEachKept([&](Bytes data) { stream.sendBody(data); });
  request_ = RequestSide::Sending;
  const bool complete = body_.complete();
  if (complete) sendEnd();
  body_.onSent();
  if (!complete) events_.onAttemptWritable();
}

void Attempt::sendEnd() {
  lease().stream().sendEnd(body_.trailers());
  request_ = RequestSide::Sent;
  if (response_ != ResponseSide::Ended) return;
  response_ = ResponseSide::Done;
  lease().release();
}

void Attempt::onRefused(const upstream::Refusal& refusal) {
  response_ = ResponseSide::Done;
  AttemptFailure failure{.end = endAs(AttemptResult::Connect, refusal.error.reason), .error = refusal.error};
  failure.end.unsent = true;
  failure.end.connectLevel = refusal.connectLevel;
  failure.refused = !refusal.connectLevel;
  events_.onAttemptFailed(*this, failure);
}

void Attempt::onResponseHead(http::ResponseHead& head) {
  response_ = ResponseSide::Body;
  upgraded_ = head.upgraded;
  if (upgraded_) request_ = RequestSide::Sending;  // the other protocol's octets
  const bool failed = cluster_.settings().policy.failures.statuses.has(head.status);
  AttemptEnd end = endAs(failed ? AttemptResult::Status : AttemptResult::Ok, Reason::Ok);
  end.status = head.status;
  end.requestIncomplete = false;  // it has answered; whether it read all of the request does not matter
  if (cluster_.settings().sidecar) heed(marksOf(head), end);
  lease().observe(end, age());
  if (cluster_.settings().holdsPlaces && !http::isShort(head)) lease().leavePlace();
  events_.onAttemptHead(*this, head, end);
}

// What the sidecar before the endpoint says of its own answer.
void Attempt::heed(const Marks& marks, AttemptEnd& end) {
  end.markedNotForwarded = marks.notForwarded;
  end.markedNoRetry = marks.noRetry;
  // Its clock runs a little ahead of ours, for each hop rounds down: it was the same deadline of the same caller.
  end.cutShort = marks.deadlineExceeded && errand_.deadline.callers;
  if (marks.draining) lease().markDraining();
}

void Attempt::onResponseEnd(http::FieldList trailers) {
  if (response_ == ResponseSide::Done) return;
  if (upgraded_ && streaming()) {
    response_ = ResponseSide::Ended;
  } else {
    response_ = ResponseSide::Done;
    lease().release();
  }
  events_.onAttemptEnd(trailers);
}

void Attempt::onStreamLost(const Error& error, bool stale) {
  const bool answering = response_ != ResponseSide::Awaiting;
  response_ = ResponseSide::Done;
  if (answering) {
    lease().release();
    return events_.onAttemptCut(error);
  }
  AttemptFailure failure{.end = endAs(AttemptResult::Reset, error.reason), .error = error};
  failure.end.unsent = error.unsent;
  failure.end.staleConnection = stale;
  lease().observe(failure.end, age());
  lease().release();
  events_.onAttemptFailed(*this, failure);
}

void Attempt::pause() {
  paused_ = true;
  lease().stream().pause();
}

void Attempt::resume() {
  paused_ = false;
  lease().stream().resume();
}

AttemptEnd Attempt::endByTimeout(const Cut& cut) const {
  AttemptEnd end = endAs(AttemptResult::Timeout, cut.reason);
  end.callerDeadline = cut.because == Cut::Because::CallersDeadline;
  end.cutShort = cut.because == Cut::Because::CallersHurry;
  end.unsent = !leased() || !lease().stream().handedOver();
  return end;
}

void Attempt::timeOut(const Cut& cut) {
  if (response_ == ResponseSide::Done) return;
  const AttemptEnd end = endByTimeout(cut);
  if (lease().connecting()) cluster_.giveUpConnecting(*this, end);
  if (leased() && response_ == ResponseSide::Awaiting) lease().observe(end, age());
  dropStream();
}

void Attempt::cancel() {
  if (response_ == ResponseSide::Done) return;
  if (leased() && response_ == ResponseSide::Awaiting) {
    lease().observe(endAs(AttemptResult::Cancelled, Reason::ClientClosed), age());
  }
  dropStream();
}

void Attempt::dropStream() {
  const bool awaiting = std::exchange(response_, ResponseSide::Done) == ResponseSide::Awaiting;
  const bool worksOn = awaiting && leased() && lease().stream().handedOver();
  if (worksOn && cluster_.settings().holdsPlaces) {
    cluster_.leaveBehind(std::move(lease()));
  } else if (leased()) {
    lease().stream().cancel();
  }
  withdraw();
}

AttemptEnd Attempt::endAs(AttemptResult result, Reason reason) const {
  AttemptEnd end;
  end.result = result;
  end.reason = reason;
  end.requestIncomplete = leased() && (request_ != RequestSide::Sent || lease().stream().queued() > 0);
  end.pausedByUs = paused_;
  return end;
}

}  // namespace outrigger::exchange
