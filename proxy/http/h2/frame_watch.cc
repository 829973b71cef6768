#include "proxy/http/h2/frame_watch.h"

#include <algorithm>
#include <cstring>

namespace outrigger::http::h2 {
namespace {

struct Account {
  uint16_t atOnce;
  uint16_t perSecond;
};

// In the order of the enum. A well-behaved peer stays far below: an application that cancels every call of a hundred
// each second, a gRPC client that measures its path with a PING for each burst of data.
constexpr std::array<Account, kGuardCount> kAccounts{
    {{500, 100}, {500, 50}, {50, 5}, {100, 20}, {0, 0}, {0, 0}, {2000, 200}, {500, 50}, {100, 10}, {0, 0}}};

// Clients give back what they have read in small pieces: so many octets earn one WINDOW_UPDATE.
constexpr size_t kOctetsPerUpdate = 1024;

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8,
  kContinuation = 9,
  kPriorityUpdate = 16,
};
constexpr uint32_t kEndStream = 0x1;
constexpr uint32_t kEndHeaders = 0x4;
constexpr uint32_t kStreamBits = 0x7fffffff;  // without the bit for "exclusive"

}  // namespace

void FrameWatch::fill() {
  for (size_t i = 0; i < kGuardCount; ++i) left_[i] = kAccounts[i].atOnce;
}

void FrameWatch::refill(Instant now) {
  const auto whole = (now - filledAt_) / 1s;
  if (whole <= 0) return;
  filledAt_ += whole * 1s;
  const auto times = static_cast<size_t>(std::min<int64_t>(whole, 1000));
  for (size_t i = 0; i < kGuardCount; ++i) earn(static_cast<Guard>(i), times * kAccounts[i].perSecond);
}

bool FrameWatch::spend(Guard guard) {
  uint16_t& left = left_[static_cast<size_t>(guard)];
  if (left == 0) return false;
  --left;
  return true;
}

void FrameWatch::earn(Guard guard, size_t count) {
  const auto i = static_cast<size_t>(guard);
  left_[i] = static_cast<uint16_t>(std::min<size_t>(left_[i] + count, kAccounts[i].atOnce));
}

void FrameWatch::onContent(size_t octets) {
  earn(Guard::WindowUpdate, 2 + octets / kOctetsPerUpdate);
  earn(Guard::Ping, 1);
}

void FrameWatch::onStreamCompleted() {
  earn(Guard::Reset, 1);
  earn(Guard::WindowUpdate, 2);
}

FrameWatch::Finding FrameWatch::look(Bytes input, Instant now) {
  refill(now);
  size_t at = 0;
  while (at < input.size()) {
    if (skip_ > 0) {
      const size_t skipped = std::min(skip_, input.size() - at);
      skip_ -= skipped;
      at += skipped;
      continue;
    }
    const bool priority = have_ >= kHead && octet(3) == kPriority && length() > kDependency;
    const size_t wanted = priority ? kHead + kDependency : kHead;
    const size_t taken = std::min(wanted - have_, input.size() - at);
    std::memcpy(head_.data() + have_, input.data() + at, taken);
    have_ = static_cast<uint8_t>(have_ + taken);
    at += taken;
    if (have_ < wanted) break;
    if (have_ == kHead) {
      // What was read of this frame's head before this call has been passed on; it does no harm without its end.
      if (const auto overdone = judge()) return {at - taken, overdone, std::nullopt};
      if (const auto violated = violation()) return {at - taken, std::nullopt, violated};
      if (octet(3) == kPriority && length() > kDependency) continue;
    } else if (dependsOnItself()) {
      return {at - taken, std::nullopt, ErrorCode::ProtocolError};
    }
    skip_ = length() - (have_ - kHead);
    have_ = 0;
  }
  return {input.size(), std::nullopt, std::nullopt};
}

std::optional<Guard> FrameWatch::judgePiece(Guard kind, bool empty) {
  return !empty || spend(kind) ? std::nullopt : std::optional(kind);
}

// A complete head of a frame.
std::optional<Guard> FrameWatch::judge() {
  const uint32_t flags = octet(4);
  const bool empty = length() == 0;
  switch (octet(3)) {
    case kData: return judgePiece(Guard::EmptyFrame, empty && (flags & kEndStream) == 0);
    case kHeaders: continuations_ = 0; return judgePiece(Guard::EmptyFrame, empty && (flags & kEndHeaders) == 0);
    case kContinuation:
      if (++continuations_ > kMostContinuations) return Guard::Continuation;
      return judgePiece(Guard::EmptyFrame, empty);
    case kRstStream: return judgePiece(Guard::Reset, true);
    case kPing: return judgePiece(Guard::Ping, true);
    case kSettings: return judgePiece(Guard::Settings, true);
    case kWindowUpdate: return judgePiece(Guard::WindowUpdate, true);
    case kPriority:
    case kPriorityUpdate: return judgePiece(Guard::Priority, true);
    default: return judgePiece(Guard::OtherFrame, true);
  }
}

// Only what is certain: a frame may cross our own reset of its stream, and is ignored then.
std::optional<ErrorCode> FrameWatch::violation() {
  if (peer_ == Peer::Server) return std::nullopt;
  const uint32_t id = stream();
  switch (octet(3)) {
    case kHeaders: return violationOfHeaders(id);
    case kData: return isClosedByPeer(id) ? std::optional(ErrorCode::StreamClosed) : std::nullopt;
    case kRstStream: onClosedByPeer(id); return std::nullopt;
    default: return std::nullopt;
  }
}

std::optional<ErrorCode> FrameWatch::violationOfHeaders(uint32_t id) {
  if (id > lastOpened_) {
    if (id > lastOpened_ + 2) {
      skippedFrom_ = lastOpened_ + 1;
      skippedTo_ = id - 1;
    }
    lastOpened_ = id;
    return std::nullopt;
  }
  if (id >= skippedFrom_ && id <= skippedTo_) return ErrorCode::ProtocolError;  // RFC 9113 §5.1.1
  return isClosedByPeer(id) ? std::optional(ErrorCode::StreamClosed) : std::nullopt;
}

void FrameWatch::onClosedByPeer(uint32_t id) {
  closed_[nextClosed_] = id;
  nextClosed_ = (nextClosed_ + 1) % kRemembered;
}

bool FrameWatch::isClosedByPeer(uint32_t id) const {
  return id != 0 && std::ranges::find(closed_, id) != closed_.end();
}

bool FrameWatch::dependsOnItself() const {
  return (number(kHead) & kStreamBits) == stream();
}

}  // namespace outrigger::http::h2
