#include "proxy/server/h2_downstream.h"

#include <algorithm>
#include <utility>

namespace outrigger::server {
namespace {

using http::h2::ErrorCode;
using http::h2::Guard;
using http::h2::ServerStream;

// How long the peer may take to read the first word of our leave, before the second is said all the same.
constexpr Duration kAnnounceTime = 1s;

// Answers that wait are looked at so often. The peer is cut if it has taken next to nothing for so many looks.
constexpr Duration kLookEvery = 20s;
constexpr uint64_t kLeastProgress = 256;
constexpr int kMostStandstills = 3;

// What is read at most while the peer does not read: each octet of it may ask for an answer that must wait here.
constexpr size_t kMostWhileBlocked = 64 * 1024;

// As in HTTP/1: how often we look, while our side is closed, whether the peer still reads, and when we give up.
constexpr Duration kLingerTime = 1s;
constexpr Duration kMostStall = 30s;
constexpr size_t kMostDropped = 256 * 1024;

}  // namespace

/// One request and its answer. Owned by the connection, from the request's head until the library lets the stream go.
class H2Downstream::Stream final : public ServerStream, public http::ResponseStream {
 public:
  Stream(H2Downstream& connection, Instant begunAt) : connection_(connection), begunAt_(begunAt) {}

  void sendInterim(const http::ResponseHead& head) override {
    session().interim(*this, head);
    settleLater();
  }
  void sendHead(const http::ResponseHead& head) override {
    headOnly_ = head.headOnly;
    upgraded = head.upgraded;
    session().answer(*this, head);
    settleLater();
  }
  void sendBody(Bytes data) override {
    if (data.empty() || headOnly_) return;
    session().body(*this, data);
    settleLater();
  }
  void sendEnd(const http::FieldList& trailers) override {
    if (!upgraded || callerEnded) sink = nullptr;
    ended = true;
    session().end(*this, trailers);
    settleLater();
  }
  void abort() override {
    sink = nullptr;
    ended = true;
    session().reset(*this, ErrorCode::InternalError);
    settleLater();
  }
  size_t pending() const override { return ServerStream::pending(); }
  void pauseRequest() override { session().pause(*this); }
  void resumeRequest() override {
    session().resume(*this);
    settleLater();
  }
  void closeAfterAnswer() override { connection_.leave(Leave::Final); }
  const PeerInfo& peer() const override { return connection_.transport_->peer(); }
  Instant begunAt() const override { return begunAt_; }

  http::RequestSink* sink = nullptr;  // until the answer has ended, and behind an upgrade the caller's side too
  bool ended = false;
  bool upgraded = false;
  bool callerEnded = false;  // behind an upgrade
  size_t place = 0;

 private:
  http::h2::ServerSession& session() { return connection_.session_; }
  void settleLater() { connection_.turn_.settleLater(connection_); }

  H2Downstream& connection_;
  Instant begunAt_;
  bool headOnly_ = false;
};

H2Downstream::H2Downstream(DownstreamHome& home, http::StreamHandler& handler, const ServingRules& rules,
                           std::unique_ptr<Transport> transport)
    : turn_(home.turn()),
      home_(home),
      handler_(handler),
      rules_(rules),
      transport_(std::move(transport)),
      out_(turn_, *transport_),
      session_({turn_, home.http2()->workbench, rules.limits, out_, *this, rules.streams}),
      bornAt_(turn_.now),
      idleSince_(turn_.now) {
  out_.gatherOverTurn();
  transport_->attach(*this);
  turn_.settleLater(*this);  // our preface
}

H2Downstream::~H2Downstream() = default;

// ---- Reading

void H2Downstream::onBytes(Bytes data) {
  if (phase_ == Phase::Closed) return;
  if (phase_ == Phase::Lingering) {
    readWhileBlocked_ += data.size();
    if (readWhileBlocked_ > kMostDropped) die();
    return;
  }
  if (out_.pending() > kHighWater) readWhileBlocked_ += data.size();
  session_.feed(data);
  if (phase_ != Phase::Serving) return;
  lookAtHead();
  updateReading();
  turn_.settleLater(*this);
}

void H2Downstream::lookAtHead() {
  if (!session_.inHeaderBlock()) {
    headSince_ = kNever;
  } else if (headSince_ == kNever) {
    headSince_ = turn_.now;
  }
}

// A peer that has closed its side cannot give us windows any more; as good as all that do so have left.
void H2Downstream::onEnd() {
  if (phase_ == Phase::Closed) return;
  if (phase_ == Phase::Lingering && out_.pending() > 0) return;
  loseRequests(downstreamError(Reason::ClientClosed, "the caller closed the connection"));
  die();
}

void H2Downstream::onLost(const char*) {
  if (phase_ == Phase::Closed) return;
  loseRequests(downstreamError(Reason::ClientClosed, "the caller closed the connection"));
  die();
}

void H2Downstream::onDrained() {
  readWhileBlocked_ = 0;
  if (phase_ != Phase::Serving) return;
  turn_.settleLater(*this);
}

void H2Downstream::updateReading() {
  const bool wanted = phase_ == Phase::Lingering || readWhileBlocked_ <= kMostWhileBlocked;
  if (phase_ == Phase::Closed || reading_ == wanted) return;
  reading_ = wanted;
  if (wanted) {
    transport_->resume();
  } else {
    transport_->pause();
  }
}

// ---- Streams

H2Downstream::Stream& H2Downstream::open(int32_t id) {
  streams_.push_back(std::make_unique<Stream>(*this, std::min(headSince_, turn_.now)));
  Stream& stream = *streams_.back();
  stream.place = streams_.size() - 1;
  session_.open(id, stream);
  if (leave_ == Leave::No && isLast()) leave(Leave::Announced);
  return stream;
}

void H2Downstream::onRequest(int32_t id, http::RequestHead& head) {
  Stream& stream = open(id);
  http::RequestSink& sink = handler_.onRequest(head, stream);
  if (!stream.ended && phase_ != Phase::Closed) stream.sink = &sink;
}

void H2Downstream::onBadRequest(int32_t id, const Error& why) {
  handler_.onBadRequest(why, open(id));
}

void H2Downstream::onBody(ServerStream& stream, Bytes data) {
  if (http::RequestSink* sink = static_cast<Stream&>(stream).sink) sink->onRequestBody(data);
}

void H2Downstream::onRequestEnd(ServerStream& ended, http::FieldList trailers) {
  auto& stream = static_cast<Stream&>(ended);
  http::RequestSink* sink = stream.sink;
  stream.callerEnded = stream.upgraded;
  if (stream.callerEnded && stream.ended) stream.sink = nullptr;
  if (sink != nullptr) sink->onRequestEnd(trailers);
}

void H2Downstream::onStreamBroken(ServerStream& stream, const Error& why) {
  http::RequestSink* sink = std::exchange(static_cast<Stream&>(stream).sink, nullptr);
  if (sink != nullptr) sink->onRequestLost(why, false);
}

void H2Downstream::onStreamDrained(ServerStream& stream) {
  if (http::RequestSink* sink = static_cast<Stream&>(stream).sink) sink->onResponseDrained();
}

void H2Downstream::onStreamClosed(ServerStream& closed) {
  auto& stream = static_cast<Stream&>(closed);
  onStreamBroken(stream, downstreamError(Reason::ClientClosed, "the caller took its request back"));
  if (phase_ == Phase::Closed) return;
  const size_t place = stream.place;
  turn_.graveyard.bury(std::move(streams_[place]));
  if (place + 1 != streams_.size()) {
    streams_[place] = std::move(streams_.back());
    streams_[place]->place = place;
  }
  streams_.pop_back();
  if (streams_.empty()) idleSince_ = turn_.now;
}

void H2Downstream::loseRequests(const Error& why) {
  session_.stop();
  for (const auto& stream : streams_) onStreamBroken(*stream, why);
}

// ---- Writing

void H2Downstream::atSettle() {
  if (phase_ == Phase::Serving) {
    session_.send();
    if (phase_ != Phase::Serving) return;
    if (const auto guard = session_.overdone()) {
      home_.http2()->guards[static_cast<size_t>(*guard)].add();
      loseRequests(downstreamError(Reason::ClientClosed, "the caller flooded its connection"));
      return linger();
    }
    if (leave_ == Leave::Announced && session_.announcementRead()) {
      leave(Leave::Final);
      session_.send();
    }
    if (session_.over()) {
      loseRequests(downstreamError(Reason::Malformed, "the caller broke the protocol"));
      return linger();
    }
    if (out_.pending() <= kHighWater) readWhileBlocked_ = 0;
    updateReading();
    if (looksAt_ == kNever && isStalled()) lookAtProgress();
  }
  armTimer();
}

bool H2Downstream::isStalled() const {
  return session_.waiting() > 0 || out_.pending() > 0;
}

// ---- The end

bool H2Downstream::isLast() const {
  const auto ageLimit = rules_.ageLimit(transport_->peer());
  return rules_.lastAnswers || (ageLimit && turn_.now - bornAt_ >= *ageLimit);
}

void H2Downstream::leave(Leave how) {
  if (leave_ >= how || phase_ != Phase::Serving) return;
  leave_ = how;
  if (how == Leave::Announced) {
    session_.announceLeave();
    announcedAt_ = turn_.now;
  } else {
    session_.leave();
  }
  turn_.settleLater(*this);
}

void H2Downstream::sayLast() {
  leave(Leave::Announced);
  if (phase_ != Phase::Serving) return;
  atSettle();  // we are called from outside, and perhaps nothing settles
  out_.flush();
}

void H2Downstream::judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings) {
  if (!rules_.trusts(*transport_, settings)) closeIfIdle();
}

void H2Downstream::closeIfIdle() {
  if (streams_.empty() && headSince_ == kNever) return finish();
  sayLast();
}

void H2Downstream::close() {
  if (phase_ == Phase::Closed) return;
  loseRequests(localError(Reason::Draining, "cut at the end of the drain"));
  die();
}

void H2Downstream::finish() {
  if (phase_ != Phase::Serving) return;
  leave(Leave::Final);
  session_.send();
  if (phase_ == Phase::Serving) linger();
}

// Our last word would be lost with a connection that is reset; see h1_downstream.
void H2Downstream::linger() {
  if (phase_ != Phase::Serving) return;
  phase_ = Phase::Lingering;
  session_.stop();
  out_.flush();
  lastQueued_ = transport_->queued();
  transport_->shutdown();
  readWhileBlocked_ = 0;
  idleSince_ = turn_.now;  // from now on: when the peer last read something
  updateReading();
  turn_.timers.arm(timer_, turn_.now + kLingerTime);
}

void H2Downstream::watchLinger() {
  const size_t queued = transport_->queued();
  if (queued < lastQueued_) idleSince_ = turn_.now;
  lastQueued_ = queued;
  if (queued == 0 || turn_.now - idleSince_ >= kMostStall) return die();
  turn_.timers.arm(timer_, turn_.now + kLingerTime);
}

void H2Downstream::die() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  session_.stop();
  timer_.disarm();
  out_.discard();
  transport_->close(Transport::CloseMode::Normal);
  AtSettle::unlink();
  home_.onClosed(*this);
}

// ---- Time

void H2Downstream::lookAtProgress() {
  const uint64_t moved = session_.sent() - std::min<uint64_t>(session_.sent(), out_.pending());
  const bool fresh = looksAt_ == kNever;
  standstills_ = fresh || moved >= moved_ + kLeastProgress ? 0 : static_cast<uint8_t>(standstills_ + 1);
  moved_ = moved;
  looksAt_ = isStalled() ? turn_.now + kLookEvery : kNever;
  if (standstills_ >= kMostStandstills) session_.overdo(Guard::Unread);
}

void H2Downstream::onTimer() {
  if (phase_ == Phase::Lingering) return watchLinger();
  if (phase_ == Phase::Closed) return;
  if (headSince_ != kNever && turn_.now >= after(headSince_, rules_.headTimeout))
    session_.fail(ErrorCode::ProtocolError);
  if (streams_.empty() && turn_.now >= after(idleSince_, rules_.keepAlive.value_or(kLongestSetting))) return finish();
  if (leave_ == Leave::No && isLast()) leave(Leave::Announced);
  if (leave_ == Leave::Announced && turn_.now >= announcedAt_ + kAnnounceTime) leave(Leave::Final);
  if (looksAt_ != kNever && turn_.now >= looksAt_) lookAtProgress();
  turn_.settleLater(*this);
}

void H2Downstream::armTimer() {
  if (phase_ != Phase::Serving) return;
  Instant due = looksAt_;
  if (streams_.empty()) due = std::min(due, after(idleSince_, rules_.keepAlive.value_or(kLongestSetting)));
  if (headSince_ != kNever) due = std::min(due, after(headSince_, rules_.headTimeout));
  const auto ageLimit = rules_.ageLimit(transport_->peer());
  if (ageLimit && leave_ == Leave::No) due = std::min(due, after(bornAt_, *ageLimit));
  if (leave_ == Leave::Announced) due = std::min(due, announcedAt_ + kAnnounceTime);
  turn_.timers.arm(timer_, due);
}

}  // namespace outrigger::server
