#include "proxy/exchange/attempt.h"

#include "proxy/http/grpc.h"

namespace outrigger::exchange {

using policy::AttemptEnd;
using policy::AttemptResult;

namespace {

// A gRPC call that has streamed for so long after its head is a success, whatever its trailers will say.
constexpr Duration kJudgedAfter = 1s;

// How much earlier than we an endpoint may see the end of the caller's deadline: grpc-timeout is rounded down.
constexpr Duration kClockSlack = 10ms;

}  // namespace

void Attempt::start() {
  note_.startedAt = turn_.now;
  cluster_.acquire(*this);
}

bool Attempt::startBeside() {
  note_.startedAt = turn_.now;
  return cluster_.acquireBeside(*this);
}

void Attempt::onEndpointChosen(const upstream::Endpoint& endpoint) {
  note_.chosenAt = turn_.now;
  note_.endpoint = endpoint.address();  // a copy: it may be gone by the end
  tried_.add(endpoint.id());
}

void Attempt::onLease() {
  const auto more = events_.fieldsOf(*this);
  if (!more) return;
  upstream::UpstreamStream& stream = lease().stream();
  stream.attach(*this);
  if (isTunnel()) return openTunnel();
  stream.sendHead(*errand_.request, *more);
  body_.forEachKept([&](Bytes data) { stream.sendBody(data); });
  request_ = RequestSide::Sending;
  const bool complete = body_.complete();
  if (complete) sendEnd();
  body_.onSent();
  if (!complete) events_.onAttemptWritable();
}

// A connection stands: that is all the answer there is to CONNECT.
void Attempt::openTunnel() {
  request_ = RequestSide::Sent;
  std::array<http::Field, 32> storage;
  http::ResponseHead granted{.status = 200, .fields = http::FieldList(storage)};
  granted.body = http::BodyFraming::untilClose();
  granted.upgraded = true;
  onResponseHead(granted);
}

// Both sides have ended, and with them the stream; but a raw connection's lessee says so (RawConnection).
void Attempt::closeUpgraded() {
  response_ = ResponseSide::Done;
  note_.endedAt = turn_.now;
  if (isTunnel()) lease().stream().cancel();
  lease().release();
}

void Attempt::sendEnd() {
  lease().stream().sendEnd(body_.trailers());
  request_ = RequestSide::Sent;
  if (response_ == ResponseSide::Ended) closeUpgraded();
}

void Attempt::onRefused(const upstream::Refusal& refusal) {
  response_ = ResponseSide::Done;
  AttemptFailure failure{.end = endAs(AttemptResult::Connect, refusal.error.reason), .error = refusal.error};
  failure.end.unsent = true;
  failure.end.connectLevel = refusal.connectLevel;
  failure.refused = !refusal.connectLevel;
  noteEnd(failure.end.result, failure.end.reason);
  events_.onAttemptFailed(*this, failure);
}

void Attempt::onResponseHead(http::ResponseHead& head) {
  response_ = ResponseSide::Body;
  upgraded_ = head.upgraded;
  if (upgraded_) request_ = RequestSide::Sending;  // the other protocol's octets
  latency_ = age();
  const auto stated = errand_.grpc ? http::statedGrpcStatus(head.fields) : std::nullopt;
  AttemptEnd end = endByStatus(stated ? http::httpStatusOfGrpc(*stated) : head.status);
  note_.headAt = turn_.now;
  note_.result = end.result;
  note_.status = end.status;
  if (cluster_.settings().sidecar) heed(marksOf(head.fields, end.status), end);
  if (errand_.grpc) {
    const auto pushback = http::grpcPushback(head.fields);
    if (pushback && !pushback->wait) end.markedNoRetry = true;
  }
  if (errand_.grpc && !stated && head.status == 200) {
    judgeLater(end);
  } else {
    judge(end);
  }
  if (cluster_.settings().holdsPlaces && !http::isShort(head)) lease().leavePlace();
  events_.onAttemptHead(*this, head, end);
}

AttemptEnd Attempt::endByStatus(uint16_t status) const {
  const bool failed = cluster_.settings().policy.failures.statuses.has(status);
  AttemptEnd end = endAs(failed ? AttemptResult::Status : AttemptResult::Ok, Reason::Ok);
  end.status = status;
  end.requestIncomplete = false;  // it has answered; whether it read all of the request does not matter
  // A gRPC server watches the deadline as well.
  const bool late = errand_.grpc && errand_.deadline.callers && turn_.now + kClockSlack >= errand_.deadline.at;
  end.callerDeadline = late && status == http::httpStatusOfGrpc(http::GrpcStatus::DeadlineExceeded);
  return end;
}

void Attempt::judgeLater(const AttemptEnd& end) {
  soFar_ = end;
  lease().answered();
  turn_.timers.arm(judgeTimer_, turn_.now + kJudgedAfter);
}

void Attempt::judge(const AttemptEnd& end) {
  judgeTimer_.disarm();
  lease().observe(end, response_ == ResponseSide::Awaiting ? age() : latency_);
}

// What the sidecar before the endpoint says of its own answer. Where the upstream has TLS there is no connection to it
// but to a peer that was verified, so that this is believed of nobody else (POLICIES §1).
void Attempt::heed(const Marks& marks, AttemptEnd& end) {
  end.markedNotForwarded = marks.notForwarded;
  end.markedNoRetry = marks.noRetry;
  // Its clock runs a little ahead of ours, for each hop rounds down: it was the same deadline of the same caller.
  end.cutShort = marks.deadlineExceeded && errand_.deadline.callers;
  if (marks.draining) lease().markDraining();
}

void Attempt::onResponseEnd(http::FieldList trailers) {
  if (response_ == ResponseSide::Done) return;
  if (judgeTimer_.armed()) {
    const auto status = http::statedGrpcStatus(trailers).value_or(http::GrpcStatus::Unknown);
    judge(endByStatus(http::httpStatusOfGrpc(status)));
  }
  if (upgraded_) {
    response_ = ResponseSide::Ended;
    if (!streaming()) closeUpgraded();
  } else {
    response_ = ResponseSide::Done;
    note_.endedAt = turn_.now;
    lease().release();
  }
  events_.onAttemptEnd(trailers);
}

void Attempt::onStreamLost(const Error& error, bool stale) {
  const bool answering = response_ != ResponseSide::Awaiting;
  AttemptFailure failure{.end = endAs(AttemptResult::Reset, error.reason), .error = error};
  failure.end.unsent = error.unsent;
  failure.end.staleConnection = stale;
  if (answering) failure.end.requestIncomplete = false;
  judge(failure.end);
  noteEnd(failure.end.result, error.reason);
  response_ = ResponseSide::Done;
  lease().release();
  if (answering) return events_.onAttemptCut(error);
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
  if (leased()) judge(end);
  noteEnd(end.result, end.reason);
  dropStream();
}

void Attempt::cancel() {
  if (response_ == ResponseSide::Done) return;
  // Of one that was answered, the answer is what became of it.
  if (response_ == ResponseSide::Awaiting) note_.result = AttemptResult::Cancelled;
  note_.endedAt = turn_.now;
  if (leased()) judge(endAs(AttemptResult::Cancelled, Reason::ClientClosed));
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

void Attempt::noteEnd(AttemptResult result, Reason reason) {
  note_.result = result;
  note_.reason = reason;
  note_.endedAt = turn_.now;
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
