#include "proxy/policy/retry.h"

#include <algorithm>

#include "proxy/policy/backoff.h"

namespace outrigger::policy {
namespace {

// The word of `when` for what happened. What provably never arrived is `unsent` first, and else the way it failed.
std::optional<RetryCause> causeOf(const FailureKinds& when, const AttemptEnd& end) {
  if (end.result == AttemptResult::Cancelled || end.callerDeadline) return std::nullopt;
  const bool neverArrived = end.unsent || end.markedNotForwarded || end.result == AttemptResult::Connect;
  if (neverArrived && when.unsent) return RetryCause::Unsent;
  switch (end.result) {
    case AttemptResult::Reset: return when.reset ? std::optional(RetryCause::Reset) : std::nullopt;
    case AttemptResult::Timeout: return when.timeout ? std::optional(RetryCause::Timeout) : std::nullopt;
    case AttemptResult::Ok:
    case AttemptResult::Status: return when.statuses.has(end.status) ? std::optional(RetryCause::Status) : std::nullopt;
    case AttemptResult::Connect:
    case AttemptResult::Cancelled: break;
  }
  return std::nullopt;
}

// The replay table. Rows: what happened; columns: any other method, the same with the key, a method of `methods`.
//
//   Unsent          replay   replay   replay
//   Reset, Timeout  never    replay   replay
//   Status          never    never    replay
std::optional<RetryRefusal> refusedByTable(const RetrySettings& settings, RetryCause cause,
                                           const RetryContext& context) {
  if (cause == RetryCause::Unsent || settings.methods.has(context.method)) return std::nullopt;
  if (cause == RetryCause::Status || !settings.idempotencyKey) return RetryRefusal::Method;
  return context.hasIdempotencyKey ? std::nullopt : std::optional(RetryRefusal::Key);
}

std::optional<RetryRefusal> refused(const RetrySettings& settings, RetryCause cause, bool forbidden,
                                    const RetryContext& context) {
  if (context.triesMade > settings.limit) return RetryRefusal::Limit;
  if (cause == RetryCause::Reset && context.resetsRetried > 0) return RetryRefusal::Limit;
  if (forbidden) return RetryRefusal::Pushback;
  if (const auto byTable = refusedByTable(settings, cause, context)) return byTable;
  if (!context.bodyReplayable) return RetryRefusal::Body;
  return std::nullopt;
}

Duration delayOf(const RetrySettings& settings, RetryCause cause, const RetryContext& context, Rng& rng) {
  if (context.retryAfter) return *context.retryAfter;
  const bool elsewhereAtOnce = cause == RetryCause::Unsent && context.triesMade <= 1 && context.otherEndpoint;
  return elsewhereAtOnce ? Duration::zero() : nextBackoff(settings.backoff, context.previousBackoff, rng);
}

// A try needs some time to be worth its cost: half of the median.
bool fits(Duration delay, const RetryContext& context) {
  return context.median / 2 < context.timeLeft - delay;
}

RetryAnswer refusal(RetryRefusal why) {
  return {.plan = std::nullopt, .refused = why};
}

}  // namespace

RetryAnswer decideRetry(const RetrySettings& settings, const AttemptEnd& end, const RetryContext& context, Rng& rng) {
  const std::optional<RetryCause> cause = causeOf(settings.when, end);
  if (!cause || context.responseStarted) return {};
  if (const auto why = refused(settings, *cause, end.markedNoRetry, context)) return refusal(*why);
  if (context.retryAfter && *context.retryAfter >= context.timeLeft) return refusal(RetryRefusal::Pushback);
  const Duration delay = delayOf(settings, *cause, context, rng);
  if (!fits(delay, context)) return refusal(RetryRefusal::Deadline);
  const bool isFree = end.connectLevel || end.result == AttemptResult::Connect;
  return {.plan = RetryPlan{.cause = *cause, .delay = delay, .cost = isFree ? 0.0 : 1.0}, .refused = std::nullopt};
}

bool timeoutCouldBeRetried(const RetrySettings& settings, const RetryContext& context) {
  if (!settings.when.timeout || context.responseStarted) return false;
  if (refused(settings, RetryCause::Timeout, false, context)) return false;
  return fits(std::min(settings.backoff.base, settings.backoff.max), context);
}

}  // namespace outrigger::policy
