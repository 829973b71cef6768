#include "control/explain/worst_case.h"

#include <algorithm>

#include "proxy/exchange/mesh_fields.h"
#include "proxy/http/grpc.h"

namespace outrigger::control::explain {
namespace {

constexpr double kHedgeSlack = 1.1;     // POLICIES §5: what the bucket of hedges earns over its share
constexpr Duration kLongestHedge = 2s;  // the latest age at which a hedge begins

bool bearsKey(const policy::RetrySettings& retry, const http::RequestHead& head) {
  return retry.idempotencyKey && head.fields.find(Bytes(*retry.idempotencyKey)) != nullptr;
}

// The replay table, asked for every kind of failure.
Replays replaysOf(const policy::RetrySettings& retry, const http::RequestHead& head, bool keyed) {
  if (retry.limit == 0) return {};
  const bool named = retry.methods.has(head.method);
  return {.unsent = retry.when.unsent,
          .reset = retry.when.reset && (named || keyed),
          .timeout = retry.when.timeout && (named || keyed),
          .statuses = retry.when.statuses != policy::StatusSet() && named};
}

uint32_t deliveredTries(const Replays& replays, uint32_t limit) {
  if (replays.timeout || replays.statuses) return 1 + limit;
  return replays.reset ? 1 + std::min(limit, 1U) : 1;
}

// The longest waits that decorrelated jitter can draw.
Duration longestBackoff(const policy::BackoffSettings& backoff, uint32_t waits) {
  Duration sum{};
  Duration previous = std::min(backoff.base, backoff.max);
  for (uint32_t i = 0; i < waits; ++i) {
    previous = std::min(backoff.max, 3 * previous);
    sum += previous;
  }
  return sum;
}

void boundTime(WorstCase& worst, const Circumstances& given, const http::RequestHead& head) {
  const bool unbounded = http::isGrpc(head.fields) && !given.timeoutForGrpc;
  const Duration callers = exchange::callersWord(head.fields).left;
  if (!unbounded) worst.cap = given.timeout.request;
  if (callers < worst.cap.value_or(Duration::max())) {
    worst.cap = callers;
    worst.callersCap = true;
  }
  if (!given.timeout.attempt.isAuto) {
    worst.perTry = given.timeout.attempt.value;
  } else if (worst.cap && worst.replays.timeout) {
    worst.perTry = *worst.cap / worst.tries;
    worst.share = true;
  }
  worst.total = worst.cap;
  if (!worst.perTry || worst.share) return;
  const Duration beside = worst.hedged ? kLongestHedge + *worst.perTry : Duration::zero();
  const Duration all = *worst.perTry * worst.tries + worst.backoff + beside;
  worst.tried = std::min(worst.cap.value_or(all), all);
  // A Retry-After that fits into the time left is waited for.
  const bool answersMayAsk = worst.replays.statuses || (worst.replays.unsent && given.sidecar);
  if (!answersMayAsk) worst.total = worst.tried;
}

void boundLoad(WorstCase& worst, const Circumstances& given) {
  worst.load = worst.delivered + (worst.hedged ? 1 : 0);
  if (given.mode == policy::Mode::Observe) return;
  const double retries = std::min(given.retry.budget.percent / 100, worst.delivered - 1.0);
  const double hedges = worst.hedged ? kHedgeSlack * given.hedge.percent / 100 : 0;
  worst.loadOverBudget = 1 + retries + hedges;
}

}  // namespace

WorstCase worstCase(const Circumstances& given, const http::RequestHead& head) {
  WorstCase worst;
  worst.keyed = bearsKey(given.retry, head);
  worst.replays = replaysOf(given.retry, head, worst.keyed);
  worst.delivered = deliveredTries(worst.replays, given.retry.limit);
  worst.tries = worst.replays.unsent ? 1 + given.retry.limit : worst.delivered;
  worst.hedged = given.hedge.percent > 0 && given.mode == policy::Mode::Enforce && given.endpoints != 1 &&
                 (http::isSafe(head.method) || worst.keyed);
  worst.backoff = longestBackoff(given.retry.backoff, worst.tries - 1);
  boundTime(worst, given, head);
  boundLoad(worst, given);
  return worst;
}

}  // namespace outrigger::control::explain
