#include "control/redirect/plan.h"

namespace outrigger::control::redirect {
namespace {

std::vector<PortRange> skipped(const Plan& plan, std::vector<PortRange> ports) {
  ports.insert(ports.end(), plan.ownPorts.begin(), plan.ownPorts.end());
  for (const uint16_t port : {plan.inboundPort, plan.outboundPort, kDnsPort}) {
    if (port != 0) ports.push_back({port, port});
  }
  return merged(std::move(ports));
}

}  // namespace

std::vector<PortRange> skippedInbound(const Plan& plan) {
  return skipped(plan, plan.skipInboundPorts);
}

std::vector<PortRange> skippedOutbound(const Plan& plan) {
  return skipped(plan, plan.skipOutboundPorts);
}

}  // namespace outrigger::control::redirect
