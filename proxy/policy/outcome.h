// How one attempt ended, and what that tells about the service: success, failure, or nothing at all. Pure.
#pragma once

#include <cstdint>

#include "proxy/base/reason.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// The closed list behind the label `result` of outrigger_attempts_total.
enum class AttemptResult : uint8_t {
  Ok,         ///< an answer whose status is no failure
  Status,     ///< an answer whose status is one of `failures`
  Timeout,    ///< the attempt timeout fired
  Reset,      ///< the connection was lost, or the answer was malformed, after the request was handed over
  Connect,    ///< no connection could be made
  Cancelled,  ///< we ended it: the caller left, the caller's deadline passed
};
inline constexpr size_t kAttemptResultCount = 6;

/// The facts about an ended attempt, gathered by exchange::Attempt.
struct AttemptEnd {
  AttemptResult result = AttemptResult::Ok;
  uint16_t status = 0;              ///< of the answer, a gRPC status by its HTTP counterpart; 0: none came
  Reason reason = Reason::Ok;       ///< what the caller would be told if this was the last try
  bool unsent = false;              ///< no octet of the request was handed to the kernel
  bool connectLevel = false;        ///< unsent because no connection could be made
  bool localCause = false;          ///< this host had no descriptor, port or memory for it
  bool staleConnection = false;     ///< a reused idle connection closed before any octet of an answer
  bool requestIncomplete = false;   ///< the caller had not sent the whole request yet
  bool pausedByUs = false;          ///< our own back-pressure held the upstream up
  bool callerDeadline = false;      ///< the caller's deadline, not a timeout of ours
  bool cutShort = false;            ///< an attempt timeout that only the caller's deadline made so short
  bool markedNotForwarded = false;  ///< a believed peer says that its application saw nothing
  bool markedNoRetry = false;       ///< a believed peer, or gRPC pushback, says that nobody should try again
};

/// What the breaker and ejection make of an attempt.
enum class Grade : uint8_t { Success, Failure, Neutral };

/// Success or Failure by the list `failures`; Neutral for what says nothing about the service (POLICIES §3): local
/// refusals, marked refusals, the caller's deadline or departure, an unfinished request, our own back-pressure, a stale
/// reused connection.
Grade grade(const AttemptEnd& end, const FailureKinds& failures);

}  // namespace outrigger::policy
