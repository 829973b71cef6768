// Looks at the heads of all frames before the protocol's library sees them, and counts what a peer can send without end
// and without purpose: resets (CVE-2023-44487), PING, SETTINGS, empty frames, CONTINUATION (CVE-2024-27316) and their
// like. Each kind has an account: so much at once, so much more each second, and something for work that was wanted.
// What overdraws it ends the connection. It also sees what nghttp2 lets pass: frames on streams that the peer itself
// has ended (RFC 9113 §5.1), as far as it remembers, and PRIORITY that depends on itself (RFC 7540 §5.3.1). Pure; one
// thread; belongs to a session.
#pragma once

#include <array>
#include <optional>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"
#include "proxy/http/h2/error_codes.h"

namespace outrigger::http::h2 {

/// What a peer overdid, so that its connection was ended.
enum class Guard : uint8_t {
  Reset,         ///< streams that it took back, or made us reset
  Ping,          ///< also PING that answers nothing
  Settings,      ///<
  EmptyFrame,    ///< DATA, HEADERS and CONTINUATION without an octet
  Continuation,  ///< pieces of one header block
  HeaderBlock,   ///< octets of one header block, once unpacked
  WindowUpdate,  ///<
  Priority,      ///< also PRIORITY_UPDATE (RFC 9218)
  OtherFrame,    ///< GOAWAY and those that we do not know
  Unread,        ///< it takes nothing of what it asked for
};

inline constexpr size_t kGuardCount = static_cast<size_t>(Guard::Unread) + 1;

/// In the order of the enum.
inline constexpr std::array<Bytes, kGuardCount> kGuardWords{
    "reset",        "ping",          "settings", "empty-frame", "continuation",
    "header-block", "window-update", "priority", "other-frame", "unread"};

class FrameWatch {
 public:
  /// CONTINUATION frames of one header block. A head at its limit takes four.
  static constexpr int kMostContinuations = 64;

  /// Who sends what is looked at. Only clients begin streams, and only of them is the order of ids known.
  enum class Peer : uint8_t { Client, Server };

  /// `skip` octets come before the first frame.
  FrameWatch(size_t skip, Instant now, Peer peer = Peer::Client) : skip_(skip), filledAt_(now), peer_(peer) { fill(); }

  struct Finding {
    size_t harmless = 0;                 ///< octets that may be read; all, unless something was found
    std::optional<Guard> overdone;       ///< the frame behind them is one too many
    std::optional<ErrorCode> violation;  ///< it breaks the protocol, in a way that the library would let pass
  };
  /// Looks at the octets that come next.
  Finding look(Bytes input, Instant now);

  /// Takes one from an account; false: it is overdrawn.
  bool spend(Guard guard);
  /// Puts something in; an account never holds more than at first.
  void earn(Guard guard, size_t count);

  /// Octets of content have gone to the peer, or have come from it.
  void onContent(size_t octets);
  void onStreamOpened() { earn(Guard::Priority, 2); }
  /// A stream has run its full course.
  void onStreamCompleted();
  /// A stream is closed, and the peer has ended its side of it: nothing more may come on it.
  void onClosedByPeer(uint32_t id);

 private:
  static constexpr size_t kHead = 9;
  static constexpr size_t kDependency = 4;  // what of a PRIORITY frame is looked at besides

  void fill();
  void refill(Instant now);
  std::optional<Guard> judge();
  std::optional<ErrorCode> violation();
  std::optional<ErrorCode> violationOfHeaders(uint32_t id);
  bool isClosedByPeer(uint32_t id) const;
  uint32_t stream() const { return number(5) & 0x7fffffff; }
  std::optional<Guard> judgePiece(Guard kind, bool empty);
  bool dependsOnItself() const;
  uint32_t length() const { return octet(0) << 16 | octet(1) << 8 | octet(2); }
  uint32_t octet(size_t i) const { return static_cast<unsigned char>(head_[i]); }
  uint32_t number(size_t at) const {
    return octet(at) << 24 | octet(at + 1) << 16 | octet(at + 2) << 8 | octet(at + 3);
  }

  size_t skip_;  // octets before the next frame's head
  Instant filledAt_;
  Peer peer_;
  std::array<char, kHead + kDependency> head_{};
  uint8_t have_ = 0;  // octets of it
  uint8_t continuations_ = 0;
  std::array<uint16_t, kGuardCount> left_{};

  static constexpr size_t kRemembered = 8;
  std::array<uint32_t, kRemembered> closed_{};  // the last streams that the peer has ended
  uint8_t nextClosed_ = 0;
  uint32_t lastOpened_ = 0;
  uint32_t skippedFrom_ = 1;  // ids that the peer has passed over last, up to skippedTo_
  uint32_t skippedTo_ = 0;
};

}  // namespace outrigger::http::h2
