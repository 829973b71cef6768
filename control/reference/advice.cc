#include "control/reference/advice.h"

#include <array>

namespace outrigger::control::reference {
namespace {

constexpr Bytes kAccess[] = {"access"};
constexpr Bytes kBreaker[] = {"breaker", "failures"};
constexpr Bytes kDeadlines[] = {"deadlines", "timeout"};
constexpr Bytes kEndpoints[] = {"ejection", "health"};
constexpr Bytes kLimits[] = {"limits"};
constexpr Bytes kReset[] = {"retry"};
constexpr Bytes kTimeout[] = {"timeout"};
constexpr Bytes kTls[] = {"tls"};

struct Row {
  Reason reason;
  Advice advice;
};

constexpr Row kRows[] = {
    {Reason::Ok, {"the status is the upstream's own, also where it is an error: the service's log says more"}},
    {Reason::NoRoute,
     {"the `Host` of the request: the name of an upstream, or a host of a route; `outrigger explain GET URL` says "
      "which route would take it"}},
    {Reason::NoEndpoints,
     {"where the endpoints come from, the DNS or EndpointSlices: `outrigger endpoint list`, "
      "`outrigger_discovery_age_seconds`",
      kEndpoints}},
    {Reason::BreakerOpen, {"the failures that opened it: `outrigger status`, `/api/decisions`", kBreaker}},
    {Reason::LimitConnections, {"whether the service is slow, or `limits.connections` small", kLimits}},
    {Reason::LimitRequests, {"whether the service is slow, or `limits.requests` small", kLimits}},
    {Reason::LimitPending, {"whether the service is slow, or `limits.pending` small", kLimits}},
    {Reason::PendingTimeout,
     {"whether the service is slow, or the limits small: it waited for a place or a connection for "
      "`limits.pendingTimeout`",
      kLimits}},
    {Reason::RateLimited, {"the route's filter `local-rate-limit`; `Retry-After` says when"}},
    {Reason::Shed, {"not given in this version"}},
    {Reason::Malformed, {"the caller: what it sends is no HTTP, or is ambiguous"}},
    {Reason::HeaderTimeout, {"a caller that is slow, or has gone without a word; `http.headTimeout`"}},
    {Reason::BodyTimeout, {"a caller that is slow, or has gone without a word; `timeout.body`", kTimeout}},
    {Reason::BodyTooLarge, {"not given in this version"}},
    {Reason::UriTooLong, {"the caller, or `http.targetBytes`"}},
    {Reason::HeadersTooLarge, {"the caller, or `http.headBytes` and `http.headFields`"}},
    {Reason::Unsupported, {"a method or an upgrade that is not offered (`http.connect` for CONNECT)"}},
    {Reason::UnsupportedVersion, {"a caller that speaks a version of HTTP which is not offered"}},
    {Reason::UpstreamReset,
     {"the service's own log: it closed before it answered; where nothing was tried again, the request may have been "
      "executed",
      kReset}},
    {Reason::UpstreamMalformed, {"the service, or `protocol`, which says another than it speaks"}},
    {Reason::ConnectFailed,
     {"whether anybody listens at the endpoints: `outrigger endpoint list`, `outrigger_upstream_connects_total`"}},
    {Reason::ConnectTimeout,
     {"whether the endpoints can be reached, or drop what arrives: `outrigger endpoint list`, "
      "`outrigger_upstream_connects_total`",
      kTimeout}},
    {Reason::TlsFailed, {"certificates, `serverName`, `identities`", kTls}},
    {Reason::AttemptTimeout, {"how long the service takes, against `timeout.attempt`", kTimeout}},
    {Reason::RequestTimeout, {"how long the service takes, against `timeout.request`", kTimeout}},
    {Reason::DeadlineExceeded, {"who called us, and with how much time left", kDeadlines}},
    {Reason::IdleTimeout, {"a stream that went silent; `timeout.idle`", kTimeout}},
    {Reason::Denied, {"the rule that `/api/decisions` names", kAccess}},
    {Reason::Unauthenticated, {"the caller: it has shown no certificate that is trusted", kAccess}},
    {Reason::FaultInjected, {"the route's filter `fault`, which somebody wrote there"}},
    {Reason::Draining, {"this instance takes its leave; callers should have left it at `/ready`"}},
    {Reason::ClientClosed, {"the caller left first: its own timeout is shorter than ours", kDeadlines}},
    {Reason::Responded, {"the route says so"}},
    {Reason::Redirected, {"the route says so"}},
    {Reason::Loop, {"two sidecars send the request to each other: the route's upstream leads back here"}},
    {Reason::Internal, {"a bug: please report it, with the record and `outrigger bundle`"}},
};

// By number, so that a look-up cannot miss; a reason without advice does not compile.
consteval std::array<Advice, kReasonCount> byReason() {
  std::array<Advice, kReasonCount> all{};
  for (const Row& row : kRows) all[static_cast<size_t>(row.reason)] = row.advice;
  for (const Advice& advice : all) {
    if (advice.lookAt.empty()) throw "control/reference/advice.cc has a reason without advice";
  }
  return all;
}

constexpr std::array<Advice, kReasonCount> kAdvice = byReason();

}  // namespace

const Advice& adviceOn(Reason reason) {
  return kAdvice[static_cast<size_t>(reason)];
}

}  // namespace outrigger::control::reference
