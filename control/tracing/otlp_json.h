// Spans as OTLP/HTTP JSON (opentelemetry-proto 1.x; the JSON mapping has ids in hex and 64-bit numbers as texts). Pure.
//
// A request is one span of the kind SERVER, whichever way it goes: the sidecar serves the app's calls as it serves
// those of others. Each attempt at an endpoint is a span of the kind CLIENT below it. Names and attributes follow the
// semantic conventions for HTTP; what they have no word for stands under `outrigger.`. Paths and hosts are those of
// access records, so the route's as long as `log.path` does not say otherwise.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proxy/server/traced_request.h"

namespace outrigger::control::tracing {

/// Who records: attributes of the resource, such as service.name.
using Resource = std::vector<std::pair<std::string, std::string>>;

/// One export request with all spans of these requests.
std::string otlpJson(const Resource& resource, std::span<const server::TracedRequest> requests);

/// How many spans the collector has refused, by its answer to an export that succeeded; 0 where it says nothing.
uint64_t rejectedSpans(const std::string& answer);

}  // namespace outrigger::control::tracing
