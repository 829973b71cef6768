#include "proxy/upstream/h1_connection.h"

#include "proxy/http/h1/encoder.h"
#include "proxy/http/upgrade.h"
#include "proxy/http/websocket_key.h"
#include "proxy/upstream/idle_time.h"

namespace outrigger::upstream {
namespace {

// A cancelled answer of at most this many octets is read to its end: cheaper than a new connection.
constexpr uint64_t kWorthDraining = 64 * 1024;
constexpr Duration kDrainTime = 1s;

// A reused connection that is reset within this time was being closed by the peer when we wrote to it; later, it is the
// request that went wrong.
constexpr Duration kStaleWithin = 250ms;

// An upgraded connection that has ended is closed once the peer has taken the rest; one that takes nothing is cut after
// so many times kDrainTime.
constexpr uint8_t kMostStalls = 30;

}  // namespace

H1Connection::H1Connection(Turn& turn, http::h1::HeadScratch& scratch, ConnectionOwner& owner,
                           metrics::UpstreamSeries& series, std::unique_ptr<Transport> transport)
    : turn_(turn),
      owner_(owner),
      series_(series),
      transport_(std::move(transport)),
      out_(turn, *transport_),
      codec_(scratch, *this),
      bornAt_(turn.now),
      idleSince_(turn.now),
      leasedAt_(turn.now) {
  enter(State::Idle);
  transport_->attach(*this);
}

H1Connection::~H1Connection() {
  enter(State::Dead);
}

void H1Connection::enter(State state) {
  const auto gauge = [this](State s) -> metrics::Gauge* {
    if (s == State::Dead) return nullptr;
    return s == State::Idle ? &series_.connectionsIdle : &series_.connectionsActive;
  };
  if (metrics::Gauge* before = gauge(state_)) before->add(-1);
  if (metrics::Gauge* now = gauge(state)) now->add(1);
  state_ = state;
}

UpstreamStream& H1Connection::lease() {
  unlink();
  enter(State::Busy);
  sink_ = nullptr;
  answerBegun_ = false;
  requestSent_ = false;
  leasedAt_ = turn_.now;
  ++streams_;
  out_.forgetHandedOver();
  return *this;
}

void H1Connection::rest() {
  enter(State::Idle);
  idleSince_ = turn_.now;
}

void H1Connection::close() {
  enter(State::Dead);
  sink_ = nullptr;
  unlink();
  drainTimer_.disarm();
  out_.discard();
  transport_->close(Transport::CloseMode::Normal);
}

void H1Connection::drain() {
  if (state_ == State::Idle) return die(ConnectionEnd::Ordinary);
  last_ = true;
}

void H1Connection::attach(ResponseSink& sink) {
  sink_ = &sink;
}

void H1Connection::sendHead(const http::RequestHead& head, std::span<const http::Field> more) {
  requestChunked_ = head.body.kind == http::BodyFraming::Kind::Chunked;
  if (!head.upgrade.empty()) return askForUpgrade(head, more);
  codec_.expect(head.method);
  http::h1::writeRequestHead(out_, head, more);
}

// A caller that speaks HTTP/2 asks with CONNECT, and for a WebSocket without a key (RFC 8441 §5): then the key is ours,
// and we look whether the answer fits.
void H1Connection::askForUpgrade(const http::RequestHead& head, std::span<const http::Field> more) {
  if (head.version != http::Version::Http2) {
    codec_.expect(head.method, head.upgrade);
    return http::h1::writeRequestHead(out_, head, more);
  }
  http::RequestHead asking = head;
  asking.method = http::Method::Get;
  asking.methodText = http::methodName(http::Method::Get);
  const http::WebSocketKey key(turn_.rng);
  const http::WebSocketAccept accept(key.text());
  const bool keyed = http::asksForWebSocket(head);
  std::vector<http::Field> fields(more.begin(), more.end());
  if (keyed) fields.push_back({http::Header::Other, "sec-websocket-key", key.text()});
  codec_.expect(asking.method, asking.upgrade, keyed ? accept.text() : Bytes());
  http::h1::writeRequestHead(out_, asking, fields);
}

void H1Connection::sendBody(Bytes data) {
  if (data.empty()) return;
  if (requestChunked_) {
    http::h1::writeChunk(out_, data);
  } else {
    out_.borrow(data);
  }
}

void H1Connection::sendEnd(const http::FieldList& trailers) {
  if (upgraded_) return endUpgraded();
  requestSent_ = true;
  if (requestChunked_) http::h1::writeLastChunk(out_, trailers);
}

void H1Connection::endUpgraded() {
  halfClosed_ = true;
  out_.flush();
  transport_->shutdown();
  if (peerEnded_) closeWhenWritten();
}

void H1Connection::closeWhenWritten() {
  sink_ = nullptr;
  unwritten_ = transport_->queued();
  if (unwritten_ == 0) return die(ConnectionEnd::Ordinary);
  enter(State::Draining);
  stalls_ = 0;
  turn_.timers.arm(drainTimer_, turn_.now + kDrainTime);
}

void H1Connection::onDrainTimeout() {
  const size_t left = transport_->queued();
  if (!upgraded_ || left == 0) return die(ConnectionEnd::Ordinary);
  stalls_ = left < unwritten_ ? 0 : stalls_ + 1;
  unwritten_ = left;
  if (stalls_ == kMostStalls) return die(ConnectionEnd::Ordinary);
  turn_.timers.arm(drainTimer_, turn_.now + kDrainTime);
}

bool H1Connection::worthDraining() const {
  return requestSent_ && !halfClosed_ && answerBegun_ && codec_.reusable() && answerLeft_ <= kWorthDraining;
}

void H1Connection::pause() {
  if (std::exchange(paused_, true)) return;
  transport_->pause();
}

void H1Connection::resume() {
  if (!std::exchange(paused_, false)) return;
  transport_->resume();
}

void H1Connection::endRequest() {
  if (state_ != State::Busy) return;
  halfClosed_ = true;
  out_.discard();
  transport_->shutdown();
}

void H1Connection::cancel() {
  sink_ = nullptr;
  if (state_ == State::Ended || state_ == State::Dead) return;
  if (worthDraining()) {
    enter(State::Draining);
    dropped_ = 0;
    resume();
    turn_.timers.arm(drainTimer_, turn_.now + kDrainTime);
    return;
  }
  // What is only gathered was never handed over; what was is not wanted any more, and the peer should know at once.
  out_.discard();
  transport_->close(Transport::CloseMode::Reset);
  die(ConnectionEnd::Ordinary);
}

void H1Connection::onBytes(Bytes data) {
  if (state_ == State::Idle) return die(ConnectionEnd::Ordinary);  // nobody asked
  spent_.clear();
  if (!carried_.empty()) {
    carried_.append(data);
    spent_.swap(carried_);
    data = spent_;
  }
  const auto used = codec_.feed(data);
  if (state_ == State::Dead) return;
  if (!used) return lose(used.error());
  keepRest(data.substr(*used));
  afterRead();
}

void H1Connection::keepRest(Bytes rest) {
  if (!rest.empty()) carried_.assign(rest);
}

void H1Connection::afterRead() {
  if (state_ != State::Ended) return;
  drainTimer_.disarm();
  // An answer that came before the request was complete leaves a peer that still expects the rest of it.
  if (last_ || !codec_.reusable() || !requestSent_ || halfClosed_ || out_.pending() > 0)
    return die(ConnectionEnd::Ordinary);
  resume();
  owner_.onFree(*this);
}

void H1Connection::onEnd() {
  if (state_ == State::Idle) return die(ConnectionEnd::ClosedWhileIdle);
  if (state_ == State::Dead) return;
  if (upgraded_) return onPeerEnded();
  if (codec_.finishAtClose()) return die(ConnectionEnd::Ordinary);
  if (state_ != State::Dead) lose(upstreamError(Reason::UpstreamReset, "the upstream closed the connection"));
}

// Of the other protocol. Ours may go on.
void H1Connection::onPeerEnded() {
  if (state_ != State::Busy || std::exchange(peerEnded_, true)) return;
  const bool last = halfClosed_;
  ResponseSink* sink = last ? std::exchange(sink_, nullptr) : sink_;
  sink->onResponseEnd({});
  if (last) closeWhenWritten();
}

void H1Connection::onLost(const char* why) {
  if (state_ == State::Idle) return die(ConnectionEnd::ClosedWhileIdle);
  if (state_ != State::Dead) lose(upstreamError(Reason::UpstreamReset, why));
}

void H1Connection::onDrained() {
  if (sink_ != nullptr) sink_->onRequestDrained();
}

void H1Connection::onInterim(http::ResponseHead& head) {
  answerBegun_ = true;
  if (sink_ != nullptr) sink_->onInterim(head);
}

void H1Connection::onResponseHead(http::ResponseHead& head) {
  answerBegun_ = true;
  if (head.upgraded) {
    upgraded_ = true;
    requestChunked_ = false;
    if (!requestSent_) return lose(upstreamError(Reason::UpstreamMalformed, "101 before the request was complete"));
  }
  const bool lengthKnown = head.headOnly || head.body.kind == http::BodyFraming::Kind::Length ||
                           head.body.kind == http::BodyFraming::Kind::None;
  answerLeft_ = head.headOnly ? 0 : head.body.length;
  if (!lengthKnown) answerLeft_ = UINT64_MAX;
  if (const http::Field* hint = head.fields.find(http::Header::KeepAlive)) {
    if (const auto timeout = keepAliveTimeout(hint->value)) owner_.onKeepAliveHint(*timeout);
  }
  if (sink_ != nullptr) sink_->onResponseHead(head);
}

void H1Connection::onBody(Bytes data) {
  if (answerLeft_ != UINT64_MAX) answerLeft_ -= data.size();
  if (sink_ != nullptr) return sink_->onResponseBody(data);
  dropped_ += data.size();
  if (dropped_ > kWorthDraining && state_ == State::Draining) die(ConnectionEnd::Ordinary);
}

void H1Connection::onResponseEnd(http::FieldList trailers) {
  if (state_ == State::Dead) return;
  enter(State::Ended);
  if (ResponseSink* sink = std::exchange(sink_, nullptr)) sink->onResponseEnd(trailers);
}

void H1Connection::lose(const Error& error) {
  ResponseSink* sink = std::exchange(sink_, nullptr);
  const bool stale =
      reused() && !answerBegun_ && error.reason == Reason::UpstreamReset && turn_.now - leasedAt_ <= kStaleWithin;
  Error told = error;
  told.unsent = !out_.handedOver();
  unwritten_ = out_.pending();
  die(stale ? ConnectionEnd::StaleOnReuse : ConnectionEnd::Ordinary);
  if (sink != nullptr) sink->onStreamLost(told, stale);
}

void H1Connection::die(ConnectionEnd end) {
  const Duration idle = idleFor();
  close();
  owner_.onDead(*this, end, idle);
}

}  // namespace outrigger::upstream
