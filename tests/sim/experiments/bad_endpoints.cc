#include "tests/sim/experiments/bad_endpoints.h"

#include <algorithm>
#include <cmath>

namespace outrigger::sim {

BadEndpoints::BadEndpoints(const Setting& setting, uint64_t seed)
    : world_(seed),
      sidecar_(world_.sidecar(config(setting))),
      callers_(world_, sidecar_, {.perSecond = setting.perSecond, .host = "orders"}) {}

std::string BadEndpoints::config(const Setting& setting) {
  std::string addresses;
  for (size_t i = 0; i < setting.endpoints; ++i) {
    const std::string name = "e" + std::to_string(i);
    services_.push_back(&world_.service(name).takes(setting.law));
    addresses += (i == 0 ? "'${" : ", '${") + name + "}'";
  }
  const std::string policy = setting.policy.empty() ? "" : "policies: {default: " + setting.policy + "}\n";
  return "log: {access: none}\n" + policy + "upstreams: {orders: {balance: " + setting.balance + ", endpoints: [" +
         addresses + "]}}";
}

double BadEndpoints::secondsToEjection(size_t endpoint) const {
  for (const server::Decision& decision : sidecar_.decisions()) {
    if (decision.kind != "ejection" || decision.time < markedAt_ || decision.endpoint != address(endpoint)) continue;
    return seconds(decision.time - markedAt_);
  }
  return HUGE_VAL;
}

size_t BadEndpoints::ejectionsBut(const std::vector<size_t>& endpoints) const {
  return static_cast<size_t>(std::ranges::count_if(sidecar_.decisions(), [&](const server::Decision& decision) {
    const bool bad = std::ranges::any_of(endpoints, [&](size_t e) { return decision.endpoint == address(e); });
    return decision.kind == "ejection" && !bad;
  }));
}

}  // namespace outrigger::sim
