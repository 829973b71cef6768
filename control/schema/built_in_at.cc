#include "control/schema/built_in_at.h"

#include "config/built_in.h"

namespace outrigger::control::schema {

std::optional<config::Node> builtInAt(const std::string& path) {
  if (path == "app") return config::builtInApp();
  if (path == "app.tls") return config::builtInAppTls();
  if (path == "access") return config::builtInAccess();
  if (path == "tracing") return config::builtInTracing();
  if (path == "upstreams.*") return config::builtInUpstream();
  if (path == "upstreams.*.health") return config::builtInHealth();
  if (path == "upstreams.*.tls") return config::builtInUpstreamTls();
  if (path == "policies.*") {
    const config::Node file = config::builtInFile();
    return *file.find("policies")->find("default");
  }
  return std::nullopt;
}

}  // namespace outrigger::control::schema
