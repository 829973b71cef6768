// How long an unused connection to an endpoint may be kept: always less than the endpoint has shown to keep it, so that
// the race between its close and our next request is rare (POLICIES §1). Learned; pure.
#pragma once

#include <optional>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"
#include "proxy/policy/settings.h"

namespace outrigger::upstream {

class IdleTime {
 public:
  /// A fixed setting wins over what is learned.
  explicit IdleTime(const policy::AutoDuration& setting) : setting_(setting) {}
  void configure(const policy::AutoDuration& setting) { setting_ = setting; }

  /// Close a connection that has been idle for this long; kLongestSetting: never.
  Duration limit() const;

  /// The answer said `Keep-Alive: timeout=N`: the endpoint closes after N seconds.
  void onHint(std::optional<Duration> timeout);
  /// A connection was still open after it had been idle for `idle`.
  void onSurvived(Duration idle);
  /// The endpoint closed a connection that had been idle for `idle`.
  void onClosedByPeer(Duration idle);

 private:
  static constexpr Duration kStart = 4s;
  static constexpr Duration kLeast = 500ms;
  static constexpr Duration kMost = 30s;

  policy::AutoDuration setting_;
  Duration learned_ = kStart;
  Duration ceiling_ = kMost;  ///< what the peer has said or shown
};

/// N of a Keep-Alive field's `timeout=N`, if there is one.
std::optional<Duration> keepAliveTimeout(Bytes value);

}  // namespace outrigger::upstream
