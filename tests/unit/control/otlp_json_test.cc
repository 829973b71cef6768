// Spans as a collector reads them: names, kinds, parents, attributes, and what of a request they never hold.
#include "control/tracing/otlp_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "control/tracing/exporter.h"

namespace outrigger::control::tracing {
namespace {

using nlohmann::json;
using server::TracedRequest;
using server::TrailAttempt;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

// A POST that was answered 503, tried again after 25 ms and then answered.
TracedRequest retried() {
  TracedRequest request;
  server::Trail& trail = request.trail;
  trail.time = WallTime(1'800'000'000s);
  trail.id = "0123456789abcdef";
  trail.trace = kTrace;
  trail.method = "POST";
  trail.host = "payments";
  trail.path = "/v1/payments";
  trail.route = "create-payment";
  trail.upstream = "payments";
  trail.status = 200;
  trail.reason = Reason::Ok;
  trail.attempts = 2;
  trail.duration = 40ms;
  request.span = 0xa;
  request.parent = "00f067aa0ba902b7";
  request.caller = "10.0.0.9";
  request.pattern = "/v1/payments";
  request.protocol = "HTTP/1.1";
  request.upstreamProtocol = Protocol::Http2;
  request.upstreamSecure = true;
  TrailAttempt first;
  first.number = 1;
  first.span = 0xb;
  first.endpoint = "10.0.0.7:8080";
  first.status = 503;
  first.result = policy::AttemptResult::Status;
  first.reason = Reason::Ok;
  first.next = exchange::AttemptNote::Next::Retried;
  first.cause = policy::RetryCause::Status;
  first.started = 1ms;
  first.chosen = 1ms;
  first.ended = 5ms;
  TrailAttempt second = first;
  second.number = 2;
  second.span = 0xc;
  second.endpoint = "[fd00::8]:8080";
  second.status = 200;
  second.result = policy::AttemptResult::Ok;
  second.next = exchange::AttemptNote::Next::Answered;
  second.started = 30ms;
  second.chosen = 30ms;
  second.ended = 40ms;
  trail.notes = {first, second};
  return request;
}

json spansOf(const TracedRequest& request) {
  const json all = json::parse(otlpJson({{"service.name", "cart"}}, {&request, 1}));
  return all.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
}

// Attributes as a map; a number keeps the form of a text that OTLP gives it.
std::map<std::string, std::string> attributesOf(const json& span) {
  std::map<std::string, std::string> attributes;
  for (const json& attribute : span.at("attributes")) {
    attributes[attribute.at("key")] = attribute.at("value").begin().value().get<std::string>();
  }
  return attributes;
}

using Map = std::map<std::string, std::string>;

TEST(OtlpJson, TheWholeOfARequest) {
  const TracedRequest request = retried();
  const json all = json::parse(otlpJson({{"service.name", "cart"}, {"k8s.namespace.name", ""}}, {&request, 1}));
  const json& resource = all.at("resourceSpans").at(0);
  EXPECT_EQ(resource.at("resource").at("attributes"),
            json::parse(R"([{"key": "service.name", "value": {"stringValue": "cart"}}])"));
  const json& scope = resource.at("scopeSpans").at(0);
  EXPECT_EQ(scope.at("scope"), (json{{"name", "outrigger"}, {"version", OUTRIGGER_VERSION}}));
  ASSERT_EQ(scope.at("spans").size(), 3U);
  const json& span = scope.at("spans").at(0);
  EXPECT_EQ(span.at("traceId"), kTrace);
  EXPECT_EQ(span.at("spanId"), "000000000000000a");
  EXPECT_EQ(span.at("parentSpanId"), "00f067aa0ba902b7");
  EXPECT_EQ(span.at("name"), "POST create-payment");
  EXPECT_EQ(span.at("kind"), 2);
  EXPECT_EQ(span.at("startTimeUnixNano"), "1800000000000000000");
  EXPECT_EQ(span.at("endTimeUnixNano"), "1800000000040000000");
  EXPECT_EQ(span.at("status"), json::object());
  EXPECT_EQ(attributesOf(span), (Map{{"http.request.method", "POST"},
                                     {"http.route", "/v1/payments"},
                                     {"url.path", "/v1/payments"},
                                     {"url.scheme", "http"},
                                     {"server.address", "payments"},
                                     {"client.address", "10.0.0.9"},
                                     {"network.protocol.version", "1.1"},
                                     {"http.response.status_code", "200"},
                                     {"outrigger.direction", "outbound"},
                                     {"outrigger.route", "create-payment"},
                                     {"outrigger.upstream", "payments"},
                                     {"outrigger.reason", "ok"},
                                     {"outrigger.attempts", "2"},
                                     {"outrigger.request_id", "0123456789abcdef"}}));
  EXPECT_EQ(span.at("events"), json::parse(R"([{"timeUnixNano": "1800000000005000000", "name": "retry",
                             "attributes": [{"key": "outrigger.cause", "value": {"stringValue": "status"}}]}])"));
}

TEST(OtlpJson, EachAttemptIsAClientSpanBelowIt) {
  const json spans = spansOf(retried());
  const json& first = spans.at(1);
  const json& second = spans.at(2);
  EXPECT_EQ(first.at("spanId"), "000000000000000b");
  for (const json& span : {first, second}) {
    EXPECT_EQ(span.at("traceId"), kTrace);
    EXPECT_EQ(span.at("parentSpanId"), "000000000000000a");
    EXPECT_EQ(span.at("kind"), 3);
    EXPECT_EQ(span.at("name"), "POST create-payment");
  }
  EXPECT_EQ(first.at("status"), (json{{"code", 2}}));
  EXPECT_EQ(second.at("status"), json::object());
  EXPECT_EQ(first.at("startTimeUnixNano"), "1800000000001000000");
  EXPECT_EQ(first.at("endTimeUnixNano"), "1800000000005000000");
  EXPECT_EQ(attributesOf(first), (Map{{"http.request.method", "POST"},
                                      {"url.path", "/v1/payments"},
                                      {"url.scheme", "https"},
                                      {"server.address", "10.0.0.7"},
                                      {"server.port", "8080"},
                                      {"network.protocol.version", "2"},
                                      {"http.response.status_code", "503"},
                                      {"error.type", "503"},
                                      {"outrigger.upstream", "payments"},
                                      {"outrigger.result", "status"}}));
  const Map again = attributesOf(second);
  EXPECT_EQ(again.at("http.request.resend_count"), "1") << "from the second on";
  EXPECT_EQ(again.at("server.address"), "fd00::8");
  EXPECT_FALSE(again.contains("error.type"));
}

TEST(OtlpJson, ARootHasNoParent) {
  TracedRequest request = retried();
  request.parent.clear();
  EXPECT_FALSE(spansOf(request).at(0).contains("parentSpanId"));
}

TEST(OtlpJson, ARefusedRetryAndAnOpenBreakerAreEvents) {
  TracedRequest request = retried();
  request.trail.status = 503;
  request.trail.reason = Reason::BreakerOpen;
  request.trail.notes[0].next = exchange::AttemptNote::Next::Nothing;
  request.trail.notes[0].refusal = policy::RetryRefusal::Budget;
  TrailAttempt& stopped = request.trail.notes[1];
  stopped.chosen.reset();
  stopped.endpoint.clear();
  stopped.status = 0;
  stopped.reason = Reason::BreakerOpen;
  stopped.next = exchange::AttemptNote::Next::Nothing;
  const json spans = spansOf(request);
  ASSERT_EQ(spans.size(), 2U) << "what went nowhere is no span of its own";
  EXPECT_EQ(request.spans(), 2U);
  const json& events = spans.at(0).at("events");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events.at(0).at("name"), "retry refused");
  EXPECT_EQ(attributesOf(events.at(0)), (Map{{"outrigger.why", "budget"}}));
  EXPECT_EQ(events.at(1).at("name"), "not attempted");
  EXPECT_EQ(attributesOf(events.at(1)), (Map{{"outrigger.reason", "breaker-open"}}));
  EXPECT_EQ(attributesOf(spans.at(0)).at("error.type"), "breaker-open");
  EXPECT_EQ(spans.at(0).at("status"), (json{{"code", 2}}));
}

TEST(OtlpJson, AHedgeSaysThatItIsOne) {
  TracedRequest request = retried();
  request.trail.notes[0].next = exchange::AttemptNote::Next::Nothing;
  request.trail.notes[0].status = 0;
  request.trail.notes[0].result = policy::AttemptResult::Cancelled;
  request.trail.notes[1].hedge = true;
  const json spans = spansOf(request);
  EXPECT_EQ(spans.at(0).at("events").at(0).at("name"), "hedge");
  EXPECT_EQ(spans.at(1).at("status"), json::object()) << "that nobody waits for it any more is no failure of it";
  EXPECT_EQ(attributesOf(spans.at(1)).at("outrigger.result"), "cancelled");
  EXPECT_EQ(attributesOf(spans.at(2)).at("outrigger.hedge"), "true");
}

TEST(OtlpJson, WhatIsAFailureOfWhom) {
  TracedRequest request = retried();
  request.trail.notes.resize(1);
  request.trail.status = request.trail.notes[0].status = 404;
  json spans = spansOf(request);
  EXPECT_EQ(spans.at(0).at("status"), json::object()) << "the server has done its part";
  EXPECT_EQ(spans.at(1).at("status"), (json{{"code", 2}})) << "to the client it is an error";
  request.trail.status = 200;
  for (const char* failure : {"UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED"}) {
    request.trail.grpcStatus = failure;
    spans = spansOf(request);
    EXPECT_EQ(spans.at(0).at("status"), (json{{"code", 2}})) << failure;
    EXPECT_EQ(attributesOf(spans.at(0)).at("error.type"), failure);
  }
  request.trail.grpcStatus = "NOT_FOUND";
  EXPECT_EQ(spansOf(request).at(0).at("status"), json::object());
}

TEST(OtlpJson, WhatIsNotKnownIsLeftOut) {
  TracedRequest request = retried();
  request.trail.method = "OTHER";
  request.trail.host = "*";
  request.trail.route.clear();
  request.pattern.clear();
  const json span = spansOf(request).at(0);
  EXPECT_EQ(span.at("name"), "HTTP");
  const Map attributes = attributesOf(span);
  EXPECT_EQ(attributes.at("http.request.method"), "_OTHER");
  for (const char* key : {"server.address", "http.route", "outrigger.route"}) EXPECT_FALSE(attributes.contains(key));
}

TEST(OtlpJson, OctetsThatAreNoTextDoNotEndIt) {
  TracedRequest request = retried();
  request.trail.path = "/\xff\"\n";
  EXPECT_EQ(attributesOf(spansOf(request).at(0)).at("url.path"), "/\xef\xbf\xbd\"\n");
}

TEST(OtlpJson, WhatACollectorHasRefused) {
  EXPECT_EQ(rejectedSpans(""), 0U);
  EXPECT_EQ(rejectedSpans("{}"), 0U);
  EXPECT_EQ(rejectedSpans("[1]"), 0U);
  EXPECT_EQ(rejectedSpans(R"({"partialSuccess": {"rejectedSpans": "7", "errorMessage": "no"}})"), 7U);
  EXPECT_EQ(rejectedSpans(R"({"partialSuccess": {"rejectedSpans": 7}})"), 7U);
  EXPECT_EQ(rejectedSpans(R"({"partialSuccess": {"rejectedSpans": -7}})"), 0U);
  EXPECT_EQ(rejectedSpans(R"({"partialSuccess": {"rejectedSpans": "many"}})"), 0U);
  EXPECT_EQ(rejectedSpans(R"({"partialSuccess": 3})"), 0U);
}

// ---- Who records

std::string serviceOf(const std::map<std::string, std::string>& environment,
                      const std::optional<std::string>& written = std::nullopt) {
  config::TracingModel tracing;
  tracing.service = written;
  const auto lookUp = [&](Bytes name) {
    const auto at = environment.find(std::string(name));
    return at == environment.end() ? std::nullopt : std::optional(at->second);
  };
  for (const auto& [key, value] : resourceOf(tracing, lookUp)) {
    if (key == "service.name") return value;
  }
  return "";
}

TEST(TraceResource, TheServiceIsTheWorkload) {
  EXPECT_EQ(serviceOf({}), "outrigger");
  EXPECT_EQ(serviceOf({{"POD_NAME", "payments-0"}}), "outrigger") << "not in Kubernetes, that name says nothing";
  const auto ofPod = [](const std::string& pod) {
    return serviceOf({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"POD_NAME", pod}});
  };
  EXPECT_EQ(ofPod("payments-7d9f8b6c5d-x2x4p"), "payments") << "of a Deployment";
  EXPECT_EQ(ofPod("payments-api-7d9f8b6c5d-x2x4p"), "payments-api");
  EXPECT_EQ(ofPod("node-agent-x2x4p"), "node-agent") << "of a DaemonSet";
  EXPECT_EQ(ofPod("ledger-12"), "ledger") << "of a StatefulSet";
  EXPECT_EQ(ofPod("toolbox"), "toolbox");
  EXPECT_EQ(ofPod("my-tools"), "my-tools");
  EXPECT_EQ(serviceOf({{"OTEL_SERVICE_NAME", "cart"}, {"KUBERNETES_SERVICE_HOST", "x"}, {"POD_NAME", "p-0"}}), "cart");
  EXPECT_EQ(serviceOf({{"OTEL_SERVICE_NAME", "cart"}}, "written"), "written");
}

}  // namespace
}  // namespace outrigger::control::tracing
