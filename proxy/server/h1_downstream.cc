#include "proxy/server/h1_downstream.h"

#include "proxy/http/upgrade.h"
#include "proxy/http/websocket_key.h"

namespace outrigger::server {
namespace {

using http::BodyFraming;
using http::Version;
using http::h1::ConnectionWord;

// Requests that come before the answer to the one before them (pipelining) wait here, up to this many octets.
constexpr size_t kMostCarried = 64 * 1024;

// How much of a request is read for nothing once it has been answered, so that the connection can go on, or so that the
// peer can read the answer before it learns that we have closed.
constexpr uint64_t kMostDropped = 256 * 1024;
constexpr Duration kDropTime = 2s;

// How often we look, while our side is closed, whether the peer still reads.
constexpr Duration kLingerTime = 1s;

// A peer that takes nothing of its answer for this long while we wait to close is cut.
constexpr Duration kMostStall = 30s;

// A peer that has ended its side may wait for its answer, or be gone. It is asked after this time, and looked at again
// less and less often.
constexpr Duration kProbeAfter = 20ms;
constexpr int kMostProbeDoublings = 4;

// Requests that one callback begins at most: what they need is only free again once it has ended.
constexpr int kMostAtOnce = 32;

constexpr Bytes kKeyField = "sec-websocket-key";
constexpr Bytes kAcceptField = "sec-websocket-accept";

}  // namespace

H1Downstream::H1Downstream(DownstreamHome& home, http::StreamHandler& handler, const ServingRules& rules,
                           std::unique_ptr<Transport> transport)
    : turn_(home.turn()),
      home_(home),
      handler_(handler),
      rules_(rules),
      transport_(std::move(transport)),
      out_(turn_, *transport_),
      codec_(home.scratch(), rules.limits, *this),
      bornAt_(turn_.now),
      begunAt_(turn_.now) {
  armTimer(keepAlive());
  transport_->attach(*this);
}

// A line end that a peer put behind its last request is none of the next.
bool H1Downstream::betweenRequests() const {
  return (phase_ == Phase::Idle && carried_.empty()) || (phase_ == Phase::Head && codec_.atStart());
}

void H1Downstream::closeIfIdle() {
  if (betweenRequests()) finish();
}

void H1Downstream::judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings) {
  if (rules_.trusts(*transport_, settings)) return;
  lastAnswer_ = true;
  closeIfIdle();
}

// Between two requests: no further one is wanted.
void H1Downstream::finish() {
  if (out_.pending() > 0) return linger();
  die(Transport::CloseMode::Normal);
}

void H1Downstream::close() {
  if (phase_ == Phase::Closed) return;
  loseRequest(localError(Reason::Draining, "cut at the end of the drain"));
}

// ---- Reading

void H1Downstream::onBytes(Bytes data) {
  if (phase_ == Phase::Closed) return;
  if (phase_ == Phase::Lingering || broken_) {
    dropped_ += data.size();
    if (dropped_ > kMostDropped) die(Transport::CloseMode::Normal);
    return;
  }
  if (serving_.upgraded && phase_ == Phase::Serving) return handOn(data);
  const bool mustWait =
      phase_ == Phase::Serving ? codec_.requestComplete() : phase_ == Phase::Idle && !carried_.empty();
  if (mustWait) {
    carried_.append(data);
    return updateReading();
  }
  if (carried_.empty()) return read(data);
  carried_.append(data);
  readCarried();
}

void H1Downstream::read(Bytes input) {
  int begun = 0;
  while (!input.empty() && !codec_.requestComplete() && begun < kMostAtOnce && !answersPileUp()) {
    if (phase_ == Phase::Idle) {
      begunAt_ = turn_.now;
      phase_ = Phase::Head;
      ++begun;
    }
    decoding_ = true;
    const auto used = codec_.feed(input);
    decoding_ = false;
    if (phase_ == Phase::Closed || phase_ == Phase::Lingering) return;
    if (!used) return refuse(used.error());
    if (*used == 0) break;
    input.remove_prefix(*used);
  }
  carried_.assign(input);
  if (phase_ == Phase::Head) turn_.timers.arm(timer_, after(begunAt_, rules_.headTimeout));
  if (phase_ == Phase::Idle && !carried_.empty() && !answersPileUp()) armTimer(Duration::zero());  // others first
  updateReading();
}

// What is read may be borrowed until the callback settles.
void H1Downstream::readCarried() {
  auto spent = std::make_unique<std::string>(std::exchange(carried_, {}));
  const Bytes text = *spent;
  turn_.graveyard.bury(std::move(spent));
  read(text);
}

// What waited behind the request that has just been answered.
void H1Downstream::atSettle() {
  if (serving_.upgraded && phase_ == Phase::Serving) return handOnCarried();
  if (phase_ != Phase::Idle || carried_.empty() || answersPileUp()) return;
  readCarried();
  if (peerEnded_ && betweenRequests()) return finish();
  if (peerEnded_ && phase_ == Phase::Head) die(Transport::CloseMode::Normal);
}

void H1Downstream::onEnd() {
  peerEnded_ = true;
  switch (phase_) {
    case Phase::Idle:
      if (!carried_.empty()) return;  // pipelined requests are still to be answered
      return finish();
    case Phase::Head: return die(Transport::CloseMode::Normal);
    case Phase::Serving:
      if (serving_.upgraded) return turn_.settleLater(*this);
      if (!codec_.requestComplete()) {
        return loseRequest(downstreamError(Reason::ClientClosed, "the caller closed before its request was complete"));
      }
      probes_ = 0;
      return armTimer(kProbeAfter);
    case Phase::Dropping: return linger();
    case Phase::Lingering:
      if (out_.pending() == 0) die(Transport::CloseMode::Normal);
      return;
    case Phase::Closed: return;
  }
}

void H1Downstream::onLost(const char*) {
  if (phase_ != Phase::Closed) loseRequest(downstreamError(Reason::ClientClosed, "the caller closed the connection"));
}

// Tells the handler that nobody will read its answer, and ends the connection.
void H1Downstream::loseRequest(const Error& why) {
  if (http::RequestSink* sink = std::exchange(sink_, nullptr)) sink->onRequestLost(why, false);
  die(Transport::CloseMode::Normal);
}

// RFC 9112 §9.6 lets a peer end its side and still wait for the answer; a peer that has left looks the same until we
// send something. An unasked-for 100 is harmless to the first (RFC 9110 §15.2) and provokes a reset from the second.
void H1Downstream::probePeer() {
  if (transport_->probe() == Transport::PeerState::Broken) return onLost("");
  if (probes_ == 0 && !serving_.begun && serving_.version != Version::Http10)
    sendInterim(http::ResponseHead{.status = 100});
  if (probes_ < kMostProbeDoublings) ++probes_;
  armTimer(kProbeAfter * (1 << probes_));
}

// Nothing is read while the handler asks for a pause, while too much waits that came too early, or while the peer
// leaves too much of its answers unread. What is read to be dropped needs no pause.
void H1Downstream::updateReading() {
  const bool drops = phase_ == Phase::Dropping || phase_ == Phase::Lingering;
  const bool tooEarly = phase_ != Phase::Head && carried_.size() > kMostCarried;
  const bool wanted = drops || !(serving_.requestPaused || tooEarly || answersPileUp());
  if (phase_ == Phase::Closed || reading_ == wanted) return;
  reading_ = wanted;
  if (wanted) {
    transport_->resume();
  } else {
    transport_->pause();
  }
}

void H1Downstream::pauseRequest() {
  serving_.requestPaused = true;
  updateReading();
}

void H1Downstream::resumeRequest() {
  serving_.requestPaused = false;
  updateReading();
}

// ---- The request

void H1Downstream::beginRequest(Version version, bool persists) {
  phase_ = Phase::Serving;
  serving_ = Serving{.version = version, .persists = persists};
  upgrade_.reset();
}

void H1Downstream::onRequestHead(http::RequestHead& head) {
  beginRequest(head.version, head.keepAlive);
  serving_.awaitsContinue = head.expectContinue;
  if (!head.upgrade.empty()) {
    upgrade_ = std::make_unique<Upgrade>(std::string(head.upgrade));
    if (const http::Field* key = head.fields.find(kKeyField)) upgrade_->key = key->value;
  }
  http::RequestSink& sink = handler_.onRequest(head, *this);
  if (!serving_.ended && phase_ == Phase::Serving) sink_ = &sink;
}

void H1Downstream::onBody(Bytes data) {
  serving_.awaitsContinue = false;
  if (sink_ != nullptr) return sink_->onRequestBody(data);
  dropped_ += data.size();
  if (dropped_ > kMostDropped && phase_ == Phase::Dropping) linger();
}

void H1Downstream::onRequestEnd(http::FieldList trailers) {
  serving_.requestDone = true;
  if (sink_ != nullptr) sink_->onRequestEnd(trailers);
  if (serving_.ended && phase_ == Phase::Dropping) nextRequest();
}

void H1Downstream::refuse(const Error& why) {
  broken_ = lastAnswer_ = true;
  if (phase_ == Phase::Dropping) return linger();
  if (phase_ != Phase::Serving) {
    beginRequest(Version::Http11, false);
    return handler_.onBadRequest(why, *this);
  }
  if (serving_.begun) return loseRequest(why);
  sink_->onRequestLost(why, true);
}

// ---- The answer

void H1Downstream::sendInterim(const http::ResponseHead& head) {
  if (serving_.version == Version::Http10 || serving_.begun) return;
  if (head.status == 100) serving_.awaitsContinue = false;
  http::h1::writeInterim(out_, head);
}

bool H1Downstream::isLastAnswer() const {
  const auto ageLimit = rules_.ageLimit(peer());
  const bool tooOld = ageLimit && turn_.now - bornAt_ >= *ageLimit;
  // Whoever was not told to continue may still send the body or not: the next octet could be either.
  const bool ambiguous = serving_.awaitsContinue && !serving_.requestDone;
  const bool nothingFollows = peerEnded_ && carried_.empty() && !decoding_;
  return lastAnswer_ || !serving_.persists || rules_.lastAnswers || tooOld || ambiguous || nothingFollows;
}

void H1Downstream::sendHead(const http::ResponseHead& head) {
  if (head.upgraded) return goOver(head);
  serving_.begun = true;
  serving_.headOnly = head.headOnly;
  lastAnswer_ = isLastAnswer();
  http::ResponseHead framed = head;
  const bool unframed = head.body.kind == BodyFraming::Kind::UntilClose && !head.headOnly;
  if (unframed && serving_.version != Version::Http10) framed.body = BodyFraming::chunked();
  if (serving_.version == Version::Http10 && framed.body.kind == BodyFraming::Kind::Chunked)
    framed.body = BodyFraming::untilClose();
  if (framed.body.kind == BodyFraming::Kind::UntilClose && !head.headOnly) lastAnswer_ = true;
  serving_.chunked = framed.body.kind == BodyFraming::Kind::Chunked && !head.headOnly;
  serving_.untilClose = framed.body.kind == BodyFraming::Kind::UntilClose;
  ConnectionWord word = serving_.version == Version::Http10 ? ConnectionWord::KeepAlive : ConnectionWord::None;
  if (lastAnswer_) word = ConnectionWord::Close;
  http::h1::writeResponseHead(out_, framed, word);
}

void H1Downstream::sendBody(Bytes data) {
  if (data.empty() || serving_.headOnly) return;
  if (serving_.chunked) {
    http::h1::writeChunk(out_, data);
  } else {
    out_.borrow(data);
  }
}

void H1Downstream::sendEnd(const http::FieldList& trailers) {
  if (serving_.upgraded) return endOurSide();
  if (serving_.chunked) http::h1::writeLastChunk(out_, trailers);
  answered();
}

void H1Downstream::abort() {
  sink_ = nullptr;
  serving_.ended = true;
  // A peer that reads until the connection ends would take an orderly end for the whole answer.
  if (serving_.untilClose) {
    if (serving_.upgraded) out_.flush();
    out_.discard();
    return die(Transport::CloseMode::Reset);
  }
  out_.flush();
  die(Transport::CloseMode::Normal);
}

void H1Downstream::answered() {
  sink_ = nullptr;
  serving_.ended = true;
  dropped_ = 0;
  if (serving_.requestDone) return nextRequest();
  if (lastAnswer_) return linger();
  phase_ = Phase::Dropping;
  updateReading();
  armTimer(kDropTime);
}

void H1Downstream::nextRequest() {
  if (lastAnswer_) return linger();
  codec_.next();
  phase_ = Phase::Idle;
  serving_.requestPaused = false;
  armTimer(keepAlive());
  goOn();
}

void H1Downstream::goOn() {
  if (answersPileUp()) return updateReading();  // until onDrained()
  if (!carried_.empty()) return turn_.settleLater(*this);
  if (peerEnded_ && !decoding_) return finish();
  updateReading();
}

void H1Downstream::onDrained() {
  if (phase_ == Phase::Serving && sink_ != nullptr) sink_->onResponseDrained();
  if (phase_ == Phase::Idle) goOn();
}

// ---- Another protocol

// An upstream that speaks HTTP/2 has not seen the key (RFC 8441 §5), so that we answer it.
void H1Downstream::goOver(const http::ResponseHead& head) {
  serving_.begun = serving_.upgraded = serving_.untilClose = lastAnswer_ = true;
  timer_.disarm();
  http::ResponseHead granted = head;
  const http::WebSocketAccept accept(upgrade_->key);
  if (!upgrade_->key.empty() && head.version == Version::Http2) {
    granted.fields.add(kAcceptField, accept.text());
  }
  http::h1::writeUpgrade(out_, granted, upgrade_->protocol);
  turn_.settleLater(*this);  // for what came early
}

void H1Downstream::handOn(Bytes data) {
  if (!carried_.empty()) return static_cast<void>(carried_.append(data));
  sink_->onRequestBody(data);
}

// What came before the answer that granted it, and the end that came behind.
void H1Downstream::handOnCarried() {
  if (!carried_.empty()) {
    auto spent = std::make_unique<std::string>(std::exchange(carried_, {}));
    const Bytes text = *spent;
    turn_.graveyard.bury(std::move(spent));
    sink_->onRequestBody(text);
  }
  if (phase_ != Phase::Serving) return;
  updateReading();
  if (peerEnded_) endCallersSide();
}

void H1Downstream::endCallersSide() {
  if (std::exchange(serving_.callerEnded, true)) return;
  http::RequestSink& sink = *sink_;
  if (serving_.ended) linger();
  sink.onRequestEnd({});
}

void H1Downstream::endOurSide() {
  serving_.ended = true;
  if (serving_.callerEnded) return linger();
  out_.flush();
  transport_->shutdown();
}

// ---- The end

// Closing at once while the peer still sends would reset the connection and could take the answer with it
// (RFC 9112 §9.6): close our side, and wait for the peer's.
void H1Downstream::linger() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Lingering;
  sink_ = nullptr;  // both sides of what it carried have ended
  dropped_ = 0;
  out_.flush();
  lastQueued_ = transport_->queued();
  if (peerEnded_ && lastQueued_ == 0) return die(Transport::CloseMode::Normal);
  transport_->shutdown();
  begunAt_ = turn_.now;  // from now on: when the peer last read something
  updateReading();
  armTimer(kLingerTime);
}

void H1Downstream::watchLinger() {
  const size_t queued = transport_->queued();
  if (queued < lastQueued_) begunAt_ = turn_.now;
  lastQueued_ = queued;
  if (queued == 0 || turn_.now - begunAt_ >= kMostStall) return die(Transport::CloseMode::Normal);
  armTimer(kLingerTime);
}

void H1Downstream::onTimer() {
  switch (phase_) {
    case Phase::Idle: return carried_.empty() || answersPileUp() ? finish() : goOn();
    case Phase::Head:
      if (codec_.atStart()) return finish();
      return refuse(downstreamError(Reason::HeaderTimeout, "the request's head did not arrive in time"));
    case Phase::Serving:
      if (peerEnded_) probePeer();
      return;
    case Phase::Dropping: return linger();
    case Phase::Lingering: return watchLinger();
    case Phase::Closed: return;
  }
}

void H1Downstream::die(Transport::CloseMode mode) {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  sink_ = nullptr;
  timer_.disarm();
  out_.discard();
  transport_->close(mode);
  AtSettle::unlink();
  home_.onClosed(*this);
}

}  // namespace outrigger::server
