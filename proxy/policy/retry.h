// Whether a failed attempt may be followed by another: the replay table of POLICIES §1. Pure. The rule above all: what
// may have been executed is never sent again unless its method, or an idempotency key, makes that harmless.
#pragma once

#include <optional>

#include "proxy/base/rng.h"
#include "proxy/http/message.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// The label `cause` of outrigger_retries_total: a word of `when`.
enum class RetryCause : uint8_t { Unsent, Reset, Timeout, Status };
inline constexpr size_t kRetryCauseCount = 4;

/// The label `why` of outrigger_retries_refused_total.
enum class RetryRefusal : uint8_t { Limit, Budget, Method, Key, Body, Deadline, Breaker, Pushback };
inline constexpr size_t kRetryRefusalCount = 8;

/// What is known of the request when an attempt has failed.
struct RetryContext {
  http::Method method = http::Method::Other;
  bool hasIdempotencyKey = false;  ///< the header named by the settings is there
  bool bodyReplayable = true;      ///< every octet of the body so far is still held
  bool responseStarted = false;    ///< something went downstream already
  uint32_t triesMade = 1;          ///< the failed one included
  uint32_t resetsRetried = 0;      ///< retries of this exchange that followed a reset
  bool otherEndpoint = true;       ///< an endpoint that was not tried yet can be used
  Duration previousBackoff{};
  Duration timeLeft = Duration::max();   ///< until the deadline
  Duration median{};                     ///< of this upstream's answers
  std::optional<Duration> retryAfter{};  ///< asked for by the answer
};

struct RetryPlan {
  RetryCause cause;
  Duration delay;
  double cost;  ///< tokens of the budget: 0 after a connect-level `unsent`, else 1
};

/// Neither a plan nor a refusal: the attempt was no failure that `when` names.
struct RetryAnswer {
  std::optional<RetryPlan> plan;
  std::optional<RetryRefusal> refused;
};

/// Decides by table, limits and time; the budget is asked by the caller, with the plan's cost, after this. Of several
/// grounds for a refusal the first counts, in this order: the tries are used up (or it is the second reset), a believed
/// peer forbids it, method or key, body, Retry-After, time left. Once something went downstream there is no question.
RetryAnswer decideRetry(const RetrySettings& settings, const AttemptEnd& end, const RetryContext& context, Rng& rng);

/// Whether any retry could still follow the attempt that is under way, whatever way it fails: what `attempt: auto` asks
/// before it cuts (a timeout is what it would cause).
bool timeoutCouldBeRetried(const RetrySettings& settings, const RetryContext& context);

/// The value of Retry-After (RFC 9110 §10.2.3) as a delay from `wall`: seconds or an HTTP date. nullopt: neither; a
/// date in the past is 0.
std::optional<Duration> parseRetryAfter(Bytes value, WallTime wall);

}  // namespace outrigger::policy
