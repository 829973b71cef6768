// What one request may come to under its policies, before any is sent: how often a service may see it, how long its
// caller may wait, what a failing service gets on top of its load (POLICIES §1, §2, §5). Bounds: what a sidecar does
// stays within them. Times of a fixed `attempt` count from the last octet of the request, all others from its first.
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "config/model.h"
#include "proxy/http/message.h"

namespace outrigger::control::explain {

/// After which failures the request may be sent again.
struct Replays {
  bool unsent = false;  ///< what provably was not delivered
  bool reset = false;   ///< once
  bool timeout = false;
  bool statuses = false;
  bool afterDelivery() const { return reset || timeout || statuses; }
};

struct WorstCase {
  Replays replays;
  bool keyed = false;  ///< it bears the policy's idempotency key

  uint32_t tries = 1;      ///< one after the other, those that reach nobody included
  uint32_t delivered = 1;  ///< of them, those that the service may see
  bool hedged = false;     ///< one more may run beside a slow one

  std::optional<Duration> cap;     ///< of all tries together; nullopt: none
  bool callersCap = false;         ///< the caller's deadline, not our timeout
  std::optional<Duration> perTry;  ///< to the head of the answer; nullopt: none but the cap
  bool share = false;              ///< perTry is `auto`: the even share of the first try
  Duration backoff{};              ///< between the tries, the longest sum
  std::optional<Duration> tried;  ///< of a fixed perTry: all tries and the waits, where no answer asks for a longer one
  std::optional<Duration> total;  ///< until the caller has an answer's head, or our refusal; nullopt: no bound

  double load = 1;                       ///< what the service may see of it, itself included
  std::optional<double> loadOverBudget;  ///< of all requests, while the budget is fed; nullopt: nothing holds it
};

struct Circumstances {
  const policy::TimeoutSettings& timeout;
  const policy::RetrySettings& retry;
  const policy::HedgeSettings& hedge;
  policy::Mode mode = policy::Mode::Enforce;
  size_t endpoints = 1;  ///< 0: not known, for they are looked up
  bool sidecar = false;  ///< marks of a sidecar before the endpoints are believed
  bool timeoutForGrpc = false;
};

WorstCase worstCase(const Circumstances& circumstances, const http::RequestHead& head);

}  // namespace outrigger::control::explain
