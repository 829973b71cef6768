#include "proxy/upstream/raw_connection.h"

#include <utility>

namespace outrigger::upstream {
namespace {

// While the rest is being written we look so often; a peer that takes nothing of it is cut after so many looks.
constexpr Duration kLookEvery = 1s;
constexpr int kMostStalls = 30;

}  // namespace

RawConnection::RawConnection(Turn& turn, ConnectionOwner& owner, metrics::UpstreamSeries& series,
                             std::unique_ptr<Transport> transport)
    : turn_(turn), owner_(owner), series_(series), transport_(std::move(transport)), bornAt_(turn.now) {
  transport_->attach(*this);
}

UpstreamStream& RawConnection::lease() {
  state_ = State::Busy;
  series_.connectionsActive.add(1);
  return *this;
}

void RawConnection::close() {
  if (state_ == State::Busy || state_ == State::Closing) series_.connectionsActive.add(-1);
  state_ = State::Dead;
  lookTimer_.disarm();
  sink_ = nullptr;
  transport_->close(Transport::CloseMode::Normal);
}

void RawConnection::sendBody(Bytes data) {
  if (data.empty() || ended_) return;
  handedOver_ = true;
  transport_->write(std::span(&data, 1));
}

void RawConnection::sendEnd(const http::FieldList&) {
  if (std::exchange(ended_, true)) return;
  transport_->shutdown();
}

void RawConnection::cancel() {
  sink_ = nullptr;
  if (state_ != State::Busy) return;
  const bool complete = ended_ && peerEnded_;
  if (!complete) transport_->close(Transport::CloseMode::Reset);
  if (!complete || queued() == 0) return die();
  state_ = State::Closing;
  unwritten_ = queued();
  turn_.timers.arm(lookTimer_, turn_.now + kLookEvery);
}

void RawConnection::onLook() {
  const size_t left = queued();
  stalls_ = left < unwritten_ ? 0 : stalls_ + 1;
  unwritten_ = left;
  if (left == 0 || stalls_ == kMostStalls) return die();
  turn_.timers.arm(lookTimer_, turn_.now + kLookEvery);
}

void RawConnection::onBytes(Bytes data) {
  if (sink_ != nullptr) sink_->onResponseBody(data);
}

void RawConnection::onEnd() {
  peerEnded_ = true;
  if (sink_ != nullptr) sink_->onResponseEnd({});
}

void RawConnection::onLost(const char* why) {
  if (state_ == State::Dead) return;
  ResponseSink* sink = std::exchange(sink_, nullptr);
  Error error = upstreamError(Reason::UpstreamReset, why);
  error.unsent = !handedOver_;
  die();
  if (sink != nullptr) sink->onStreamLost(error, false);
}

void RawConnection::onDrained() {
  if (sink_ != nullptr) sink_->onRequestDrained();
}

void RawConnection::die() {
  close();
  owner_.onDead(*this, ConnectionEnd::Ordinary, Duration::zero());
}

}  // namespace outrigger::upstream
