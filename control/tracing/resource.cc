#include <unistd.h>

#include <algorithm>
#include <array>

#include "control/tracing/exporter.h"

namespace outrigger::control::tracing {
namespace {

constexpr const char* kNobody = "outrigger";

std::string hostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

// Letters and digits as Kubernetes draws them: no vowels, so that they make no words.
bool isDrawn(Bytes part, size_t least, size_t most) {
  return part.size() >= least && part.size() <= most &&
         std::ranges::all_of(part, [](char c) { return isDigit(c) || (c >= 'b' && c <= 'z'); }) &&
         part.find_first_of("eiou") == Bytes::npos;
}

Bytes lastPart(Bytes name) {
  const size_t dash = name.rfind('-');
  return dash == Bytes::npos || dash == 0 ? Bytes() : name.substr(dash + 1);
}

// "payments-7d9f8b6c5d-x2x4p" of a Deployment, "payments-x2x4p" of a DaemonSet and "payments-0" of a StatefulSet are
// all of payments.
std::string workloadOf(Bytes pod) {
  const Bytes last = lastPart(pod);
  if (last.empty()) return std::string(pod);
  const Bytes before = pod.substr(0, pod.size() - last.size() - 1);
  if (std::ranges::all_of(last, isDigit)) return std::string(before);
  if (!isDrawn(last, 5, 5)) return std::string(pod);
  const Bytes hash = lastPart(before);
  return std::string(isDrawn(hash, 6, 10) ? before.substr(0, before.size() - hash.size() - 1) : before);
}

}  // namespace

Resource resourceOf(const config::TracingModel& tracing, const config::EnvironmentLookup& environment) {
  const std::string host = environment("POD_NAME").value_or(hostName());
  const bool inKubernetes = environment("KUBERNETES_SERVICE_HOST").has_value();
  std::string service = tracing.service.value_or(environment("OTEL_SERVICE_NAME").value_or(""));
  if (service.empty()) service = inKubernetes ? workloadOf(host) : kNobody;
  Resource resource{{"service.name", service}, {"service.instance.id", host}};
  if (inKubernetes) {
    resource.emplace_back("k8s.pod.name", host);
    resource.emplace_back("k8s.namespace.name", environment("POD_NAMESPACE").value_or(""));
  }
  resource.emplace_back("telemetry.sdk.name", "outrigger");
  resource.emplace_back("telemetry.sdk.language", "cpp");
  resource.emplace_back("telemetry.sdk.version", OUTRIGGER_VERSION);
  return resource;
}

}  // namespace outrigger::control::tracing
