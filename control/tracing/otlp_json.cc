#include "control/tracing/otlp_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "control/telemetry/words.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/exchange/trace_context.h"

namespace outrigger::control::tracing {
namespace {

using Json = nlohmann::ordered_json;
using exchange::AttemptNote;
using server::TracedRequest;
using server::Trail;
using server::TrailAttempt;
using telemetry::wordOf;

// opentelemetry.proto.trace.v1.Span.SpanKind and Status.StatusCode.
constexpr int kServer = 2;
constexpr int kClient = 3;
constexpr int kError = 2;

// What a gRPC server answers that has failed; of the others, the caller is to blame (OpenTelemetry's conventions for
// gRPC).
constexpr std::array<Bytes, 6> kGrpcFailures{"UNKNOWN",  "DEADLINE_EXCEEDED", "UNIMPLEMENTED",
                                             "INTERNAL", "UNAVAILABLE",       "DATA_LOSS"};

std::string nanoseconds(WallTime time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

std::string spanIdText(uint64_t id) {
  std::string text(16, '0');
  exchange::writeSpanId(text.data(), id);
  return text;
}

/// Attributes while they are put together; empty texts are left out.
class Attributes {
 public:
  Attributes& text(const char* key, Bytes value) {
    if (!value.empty()) list_.push_back({{"key", key}, {"value", {{"stringValue", value}}}});
    return *this;
  }
  Attributes& number(const char* key, uint64_t value) {
    list_.push_back({{"key", key}, {"value", {{"intValue", std::to_string(value)}}}});
    return *this;
  }
  Json take() { return std::move(list_); }

 private:
  Json list_ = Json::array();
};

// "HTTP/1.1" as the conventions have it: "1.1".
Bytes versionOf(Bytes protocol) {
  const size_t slash = protocol.find('/');
  return slash == Bytes::npos ? Bytes() : protocol.substr(slash + 1);
}

// Of a method that is none of the known ones.
constexpr Bytes kOtherMethod = "OTHER";

Bytes methodOf(const Trail& trail) {
  return trail.method == kOtherMethod ? Bytes("_OTHER") : Bytes(trail.method);
}

// A record has "*" where the route takes any host.
Bytes hostOf(const Trail& trail) {
  return trail.host == "*" ? Bytes() : Bytes(trail.host);
}

// A server that refuses what was wrong with the request has not failed itself.
bool hasFailed(const Trail& trail) {
  return trail.status >= 500 || trail.status == 0 ||
         std::ranges::find(kGrpcFailures, Bytes(trail.grpcStatus)) != kGrpcFailures.end();
}

Json statusOf(bool failed) {
  return failed ? Json{{"code", kError}} : Json::object();
}

// ---- The request

Json requestAttributes(const TracedRequest& request) {
  const Trail& trail = request.trail;
  const exchange::ReplyRow& row = exchange::replyRow(trail.reason);
  Attributes attributes;
  attributes.text("http.request.method", methodOf(trail)).text("http.route", request.pattern);
  attributes.text("url.path", trail.path).text("url.scheme", request.secure ? "https" : "http");
  attributes.text("server.address", hostOf(trail));
  attributes.text("client.address", request.caller).text("network.protocol.version", versionOf(request.protocol));
  if (trail.status != 0) attributes.number("http.response.status_code", trail.status);
  attributes.text("rpc.response.status_code", trail.grpcStatus);
  if (row.isError) {
    attributes.text("error.type", row.word);
  } else if (trail.status >= 500) {
    attributes.text("error.type", std::to_string(trail.status));
  } else if (hasFailed(trail)) {
    attributes.text("error.type", trail.grpcStatus);
  }
  attributes.text("outrigger.direction", wordOf(telemetry::kDirectionWords, trail.direction));
  attributes.text("outrigger.route", trail.route).text("outrigger.upstream", trail.upstream);
  attributes.text("outrigger.reason", row.word);
  attributes.number("outrigger.attempts", trail.attempts).text("outrigger.request_id", trail.id);
  return attributes.take();
}

// What was decided between the attempts.
Json eventsOf(const TracedRequest& request) {
  Json events = Json::array();
  for (const TrailAttempt& attempt : request.trail.notes) {
    if (attempt.hedge) {
      events.push_back({{"timeUnixNano", nanoseconds(request.trail.time + attempt.started)}, {"name", "hedge"}});
    }
    const WallTime at = request.trail.time + attempt.ended.value_or(attempt.started);
    if (attempt.refusal) {
      Attributes why;
      why.text("outrigger.why", wordOf(telemetry::kRefusalWords, *attempt.refusal));
      events.push_back({{"timeUnixNano", nanoseconds(at)}, {"name", "retry refused"}, {"attributes", why.take()}});
    } else if (attempt.next == AttemptNote::Next::Retried) {
      Attributes why;
      why.text("outrigger.cause", wordOf(telemetry::kRetryWords, attempt.cause));
      events.push_back({{"timeUnixNano", nanoseconds(at)}, {"name", "retry"}, {"attributes", why.take()}});
    }
    if (attempt.chosen) continue;
    Attributes why;  // it never came to an endpoint: an open breaker, a limit
    why.text("outrigger.reason", exchange::replyRow(attempt.reason).word);
    events.push_back({{"timeUnixNano", nanoseconds(at)}, {"name", "not attempted"}, {"attributes", why.take()}});
  }
  return events;
}

std::string nameOf(const Trail& trail) {
  const std::string method = trail.method == kOtherMethod ? "HTTP" : trail.method;
  return trail.route.empty() ? method : method + " " + trail.route;
}

Json requestSpan(const TracedRequest& request) {
  const Trail& trail = request.trail;
  Json span{{"traceId", trail.trace}, {"spanId", spanIdText(request.span)}};
  if (!request.parent.empty()) span["parentSpanId"] = request.parent;
  span["name"] = nameOf(trail);
  span["kind"] = kServer;
  span["startTimeUnixNano"] = nanoseconds(trail.time);
  span["endTimeUnixNano"] = nanoseconds(trail.time + trail.duration);
  span["attributes"] = requestAttributes(request);
  span["events"] = eventsOf(request);
  span["status"] = statusOf(hasFailed(trail));
  return span;
}

// ---- Its attempts

Bytes upstreamVersion(Protocol protocol) {
  return protocol == Protocol::Http1 ? "1.1" : protocol == Protocol::Http2 ? "2" : "";
}

Json attemptAttributes(const TracedRequest& request, const TrailAttempt& attempt) {
  Attributes attributes;
  attributes.text("http.request.method", methodOf(request.trail)).text("url.path", request.trail.path);
  attributes.text("url.scheme", request.upstreamSecure ? "https" : "http");
  if (const auto address = Address::parse(attempt.endpoint)) {
    attributes.text("server.address", address->hostText());
    if (address->isIp()) attributes.number("server.port", address->port());
  }
  attributes.text("network.protocol.version", upstreamVersion(request.upstreamProtocol));
  if (attempt.status != 0) attributes.number("http.response.status_code", attempt.status);
  if (attempt.number > 1) attributes.number("http.request.resend_count", attempt.number - 1);
  if (attempt.reason != Reason::Ok) {
    attributes.text("error.type", exchange::replyRow(attempt.reason).word);
  } else if (attempt.status >= 400) {
    attributes.text("error.type", std::to_string(attempt.status));
  }
  attributes.text("outrigger.upstream", request.trail.upstream);
  attributes.text("outrigger.result", wordOf(telemetry::kAttemptWords, attempt.result));
  if (attempt.hedge) attributes.text("outrigger.hedge", "true");
  return attributes.take();
}

Json attemptSpan(const TracedRequest& request, const TrailAttempt& attempt) {
  const Trail& trail = request.trail;
  Json span{{"traceId", trail.trace}, {"spanId", spanIdText(attempt.span)}, {"parentSpanId", spanIdText(request.span)}};
  span["name"] = nameOf(trail);
  span["kind"] = kClient;
  span["startTimeUnixNano"] = nanoseconds(trail.time + attempt.started);
  span["endTimeUnixNano"] = nanoseconds(trail.time + attempt.ended.value_or(trail.duration));
  span["attributes"] = attemptAttributes(request, attempt);
  const bool cancelled = attempt.result == policy::AttemptResult::Cancelled;
  span["status"] = statusOf(!cancelled && (attempt.status >= 400 || attempt.reason != Reason::Ok));
  return span;
}

}  // namespace

std::string otlpJson(const Resource& resource, std::span<const TracedRequest> requests) {
  Json spans = Json::array();
  for (const TracedRequest& request : requests) {
    spans.push_back(requestSpan(request));
    for (const TrailAttempt& attempt : request.trail.notes) {
      if (attempt.chosen) spans.push_back(attemptSpan(request, attempt));
    }
  }
  Attributes who;
  for (const auto& [key, value] : resource) who.text(key.c_str(), value);
  Json scope{{"scope", {{"name", "outrigger"}, {"version", OUTRIGGER_VERSION}}}, {"spans", std::move(spans)}};
  Json all;
  all["resourceSpans"] = Json::array();
  all["resourceSpans"].push_back({{"resource", {{"attributes", who.take()}}}, {"scopeSpans", {std::move(scope)}}});
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

uint64_t rejectedSpans(const std::string& answer) {
  const Json json = Json::parse(answer, nullptr, false);
  if (!json.is_object() || !json.contains("partialSuccess")) return 0;
  const Json& partial = json["partialSuccess"];
  if (!partial.is_object() || !partial.contains("rejectedSpans")) return 0;
  const Json& rejected = partial["rejectedSpans"];  // a 64-bit number: a text, but some write a number
  if (rejected.is_number_unsigned()) return rejected.get<uint64_t>();
  return rejected.is_string() ? std::strtoull(rejected.get_ref<const std::string&>().c_str(), nullptr, 10) : 0;
}

}  // namespace outrigger::control::tracing
