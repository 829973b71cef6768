#include "proxy/exchange/reply_table.h"

#include <array>

namespace outrigger::exchange {
namespace {

// In the order of the enum.
constexpr std::array<ReplyRow, kReasonCount> kRows{{
    {"ok", 0, "the upstream answered", false},
    {"no-route", 404, "no route matches this request", true},
    {"no-endpoints", 503, "no endpoint of this upstream may be used", true},
    {"breaker-open", 503, "the circuit breaker of this upstream is open", true},
    {"limit-connections", 503, "the upstream's connection limit is reached", true},
    {"limit-requests", 503, "the upstream's request limit is reached", true},
    {"limit-pending", 503, "too many requests wait for this upstream", true},
    {"pending-timeout", 503, "no place became free in time", true},
    {"rate-limited", 429, "the rate limit of this route is reached", true},
    {"shed", 503, "this instance is overloaded", true},
    {"malformed", 400, "the request is malformed", true},
    {"header-timeout", 408, "the request's head did not arrive in time", true},
    {"body-timeout", 408, "the request's body did not arrive in time", true},
    {"body-too-large", 413, "the request's body is too large", true},
    {"uri-too-long", 414, "the request's target is too long", true},
    {"headers-too-large", 431, "the request's head is too large", true},
    {"unsupported", 501, "this proxy does not offer what the request asks for", true},
    {"unsupported", 505, "this proxy does not speak this version of HTTP", true},
    {"upstream-reset", 502, "the upstream closed the connection before it answered", true},
    {"upstream-malformed", 502, "the upstream's answer is malformed", true},
    {"connect-failed", 503, "no connection to the upstream could be made", true},
    {"connect-timeout", 503, "the upstream did not accept a connection in time", true},
    {"tls-failed", 503, "the TLS handshake with the upstream failed", true},
    {"attempt-timeout", 504, "the upstream did not answer within the attempt timeout", true},
    {"request-timeout", 504, "the upstream did not answer within the request timeout", true},
    {"deadline-exceeded", 504, "the caller's deadline has passed", true},
    {"idle-timeout", 504, "the upstream stopped sending", true},
    {"denied", 403, "access is denied", true},
    {"unauthenticated", 401, "the caller is not authenticated", true},
    {"fault-injected", 0, "a fault was injected by configuration", true},
    {"draining", 503, "this instance is shutting down", true},
    {"client-closed", 499, "the caller left", true},
    {"responded", 0, "answered by the route", false},
    {"redirected", 0, "redirected by the route", false},
    {"loop", 508, "the request has passed this proxy too often", true},
    {"internal", 500, "an internal error", true},
}};

}  // namespace

const ReplyRow& replyRow(Reason reason) {
  return kRows[static_cast<size_t>(reason)];
}

std::optional<Reason> reasonOf(Bytes word) {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].word == word) return static_cast<Reason>(i);
  }
  return std::nullopt;
}

}  // namespace outrigger::exchange
