// What the decisions say of endpoints that are put in or out of use by their health checks, or by their own word.
#pragma once

#include "proxy/upstream/endpoint.h"

namespace outrigger::server {

/// One sentence without a full stop.
std::string readinessText(const std::string& upstream, const upstream::Endpoint& endpoint, policy::ReadinessNews news,
                          Instant now);

}  // namespace outrigger::server
