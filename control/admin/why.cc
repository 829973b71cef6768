#include "control/admin/why.h"

#include <algorithm>

#include "control/telemetry/words.h"
#include "proxy/base/json_text.h"
#include "proxy/exchange/redaction.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/server/decision_text.h"

namespace outrigger::control::admin {
namespace {

using server::spanText;
using server::Trail;
using server::TrailAttempt;
using telemetry::wordOf;
using Next = exchange::AttemptNote::Next;
using policy::AttemptResult;
using policy::RetryCause;
using policy::RetryRefusal;

// What happened around a request tells of it as well: the endpoint that was ejected meanwhile.
constexpr Duration kAround = 10s;

double milliseconds(Duration span) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(span).count()) / 1000;
}

std::string refusalText(RetryRefusal why) {
  switch (why) {
    case RetryRefusal::Limit: return "its tries are used up";
    case RetryRefusal::Budget: return "the retry budget is used up";
    case RetryRefusal::Method: return "a request of this method may not be carried out twice";
    case RetryRefusal::Key: return "it carries no idempotency key that would make another try harmless";
    case RetryRefusal::Body: return "its body was not kept for another try";
    case RetryRefusal::Deadline: return "no time is left for another try";
    case RetryRefusal::Breaker: return "the circuit breaker is open";
    case RetryRefusal::Pushback: return "the other side asked that nobody tries again";
  }
  return "";
}

std::string causeText(const TrailAttempt& attempt) {
  switch (attempt.cause) {
    case RetryCause::Unsent: return "nothing of it had reached the service";
    case RetryCause::Reset: return "the connection was lost, and the method allows another try";
    case RetryCause::Timeout: return "it took too long, and the method allows another try";
    case RetryCause::Status:
      return "an answer of " + std::to_string(attempt.status) + " may be followed by another try";
  }
  return "";
}

std::string afterText(const std::optional<Duration>& end, Duration start) {
  return end ? " after " + spanText(*end - start) : "";
}

std::string endText(const TrailAttempt& attempt) {
  const std::string at = afterText(attempt.ended, attempt.started);
  if (attempt.head) {
    const std::string answer = "answered " + std::to_string(attempt.status) + afterText(attempt.head, attempt.started);
    if (attempt.result != AttemptResult::Reset) return answer;
    return answer + ", and was cut off" + at + " (" + std::string(exchange::replyRow(attempt.reason).word) + ")";
  }
  if (attempt.result == AttemptResult::Cancelled)
    return "was given up" + at + ", for nobody wanted its answer any more";
  const exchange::ReplyRow& row = exchange::replyRow(attempt.reason);
  return "came to nothing" + at + ": " + std::string(row.sentence) + " (" + std::string(row.word) + ")";
}

// Of one that chose no endpoint.
std::string notSentText(const TrailAttempt& attempt) {
  const exchange::ReplyRow& row = exchange::replyRow(attempt.reason);
  return "not sent, " + spanText(*attempt.ended) + " after the request began: " + std::string(row.sentence) + " (" +
         std::string(row.word) + ")";
}

std::string sentText(const TrailAttempt& attempt) {
  std::string text = attempt.hedge ? "hedge " : "try ";
  text += std::to_string(attempt.number);
  if (!attempt.endpoint.empty()) text += " at " + attempt.endpoint;
  return text + ", " + spanText(attempt.started) + " after the request began, " + endText(attempt);
}

std::string attemptText(const TrailAttempt& attempt) {
  const bool refused = attempt.endpoint.empty() && attempt.ended && attempt.result != AttemptResult::Cancelled;
  std::string text = refused ? notSentText(attempt) : sentText(attempt);
  if (attempt.next == Next::Retried) {
    text += "; tried again after " + spanText(attempt.backoff) + ": " + causeText(attempt);
  } else if (attempt.refusal) {
    text += "; not tried again: " + refusalText(*attempt.refusal);
  }
  return text;
}

std::string withPlace(const std::string& what, const std::string& place) {
  return place.empty() ? what : what + " (" + place + ")";
}

std::string askedText(const Trail& trail, const Rules& rules) {
  std::string text = trail.method.empty() ? "a request" : trail.method + " " + trail.host + trail.path;
  text += trail.direction == Direction::Inbound ? " came in for the app" : " came from the app";
  if (!trail.route.empty()) text += ", by the route " + withPlace(trail.route, rules.ofRoute(trail.route));
  if (!trail.upstream.empty()) text += ", to " + withPlace(trail.upstream, rules.ofUpstream(trail.upstream));
  return text;
}

std::string resultText(const Trail& trail) {
  const exchange::ReplyRow& row = exchange::replyRow(trail.reason);
  std::string text = "the caller got " + std::to_string(trail.status);
  if (!trail.grpcStatus.empty()) text += ", grpc-status " + trail.grpcStatus;
  text += " after " + spanText(trail.duration);
  return text + " (" + std::string(row.word) + ": " + std::string(row.sentence) + ")";
}

Json attemptJson(const TrailAttempt& attempt) {
  Json json{{"number", attempt.number}, {"hedge", attempt.hedge}};
  if (!attempt.endpoint.empty()) json["endpoint"] = attempt.endpoint;
  json["started_ms"] = milliseconds(attempt.started);
  if (attempt.head) json["head_ms"] = milliseconds(*attempt.head);
  if (attempt.ended) json["ended_ms"] = milliseconds(*attempt.ended);
  if (attempt.status != 0) json["status"] = attempt.status;
  json["result"] = wordOf(telemetry::kAttemptWords, attempt.result);
  json["reason"] = exchange::replyRow(attempt.reason).word;
  if (attempt.next == Next::Retried) {
    json["retried"] = {{"cause", wordOf(telemetry::kRetryWords, attempt.cause)},
                       {"backoff_ms", milliseconds(attempt.backoff)}};
  }
  if (attempt.refusal) json["retry_refused"] = wordOf(telemetry::kRefusalWords, *attempt.refusal);
  return json;
}

Json trailJson(const Trail& trail, uint32_t worker, const Rules& rules) {
  Json json{{"time", isoTime(trail.time)}, {"worker", worker}, {"id", trail.id}, {"trace", trail.trace}};
  json["direction"] = wordOf(telemetry::kDirectionWords, trail.direction);
  json["method"] = trail.method;
  json["host"] = trail.host;
  json["path"] = trail.path;
  json["route"] = trail.route;
  if (const std::string place = rules.ofRoute(trail.route); !place.empty()) json["rule"] = place;
  json["upstream"] = trail.upstream;
  if (const std::string place = rules.ofUpstream(trail.upstream); !place.empty()) json["upstream_rule"] = place;
  json["status"] = trail.status;
  if (!trail.grpcStatus.empty()) json["grpc_status"] = trail.grpcStatus;
  json["reason"] = exchange::replyRow(trail.reason).word;
  json["attempts"] = trail.attempts;
  json["duration_ms"] = milliseconds(trail.duration);
  json["tries"] = Json::array();
  for (const TrailAttempt& attempt : trail.notes) json["tries"].push_back(attemptJson(attempt));
  json["words"] = wordsOf(trail, rules);
  return json;
}

bool isNear(const server::Decision& decision, const Trail& trail) {
  if (decision.kind == "request" || decision.upstream != trail.upstream) return false;
  return decision.time >= trail.time - kAround && decision.time <= trail.time + trail.duration + kAround;
}

// What the rings hold altogether, so that who finds nothing knows what that means.
Json keptJson(const Gathering::Result& gathered) {
  Json json{{"most_per_worker", server::TrailRing::kMost}};
  size_t kept = 0;
  std::optional<WallTime> since;
  for (const WorkerReport& report : gathered.reports) {
    kept += report.trailsKept;
    if (report.trailsSince) since = since ? std::max(*since, *report.trailsSince) : *report.trailsSince;
  }
  json["requests"] = kept;
  if (since) json["since"] = isoTime(*since);
  return json;
}

}  // namespace

std::string keptId(Bytes id) {
  ChunkPool chunks;
  Arena arena(chunks);
  return std::string(exchange::recordedId(id, arena));
}

std::vector<std::string> wordsOf(const Trail& trail, const Rules& rules) {
  std::vector<std::string> words{askedText(trail, rules)};
  for (const TrailAttempt& attempt : trail.notes) words.push_back(attemptText(attempt));
  if (trail.attempts > trail.notes.size()) {
    words.push_back("and " + std::to_string(trail.attempts - trail.notes.size()) + " more");
  }
  words.push_back(resultText(trail));
  return words;
}

Json whyJson(Bytes asked, const Gathering::Result& gathered, const Rules& rules) {
  Json json{{"id", asked}, {"found", false}, {"kept", keptJson(gathered)}};
  json["requests"] = Json::array();
  json["decisions"] = Json::array();
  for (const WorkerReport& report : gathered.reports) {
    for (const Trail& trail : report.trails) {
      json["requests"].push_back(trailJson(trail, report.worker, rules));
      for (const server::Decision& decision : report.decisions) {
        if (isNear(decision, trail)) json["decisions"].push_back(decisionJson(decision, report.worker, rules));
      }
    }
  }
  json["found"] = !json["requests"].empty();
  return json;
}

}  // namespace outrigger::control::admin
