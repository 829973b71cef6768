#include "proxy/server/readiness_text.h"

namespace outrigger::server {
namespace {

std::string checks(uint32_t count) {
  return std::to_string(count) + (count == 1 ? " check" : " checks in a row");
}

}  // namespace

std::string readinessText(const std::string& upstream, const upstream::Endpoint& endpoint, policy::ReadinessNews news,
                          Instant now) {
  const policy::Readiness& readiness = endpoint.readiness();
  const policy::HealthRecord& record = readiness.checks();
  const std::string who = endpoint.address().text() + " of " + upstream;
  switch (news) {
    case policy::ReadinessNews::Unhealthy:
      return who + " is unhealthy: " + checks(record.failed()) + " failed: " + record.lastFailure();
    case policy::ReadinessNews::Healthy: return who + " is healthy again: " + checks(record.passed()) + " passed";
    case policy::ReadinessNews::Draining:
      return who + " says that it is draining: it gets nothing for " +
             std::to_string(wholeMilliseconds(readiness.drainingUntil() - now)) + " ms";
  }
  return who;
}

}  // namespace outrigger::server
