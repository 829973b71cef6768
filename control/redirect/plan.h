// What is redirected to us, and what is left alone. A plain value, complete when the rules are made of it.
#pragma once

#include <cstdint>
#include <vector>

#include "control/redirect/network.h"
#include "control/redirect/ports.h"

namespace outrigger::control::redirect {

struct Plan {
  uint32_t uid = 15100;           ///< whose connections are never redirected: the sidecar's
  uint32_t gid = 15100;           ///< likewise
  uint16_t inboundPort = 15106;   ///< of the listener that gets what others call; 0: that is not redirected
  uint16_t outboundPort = 15101;  ///< of the one that gets what other users here call; likewise
  std::vector<PortRange> ownPorts{{15100, 15190}};  ///< of our listeners: neither way
  std::vector<PortRange> skipInboundPorts;
  std::vector<PortRange> skipOutboundPorts;
  std::vector<Network> skipNetworks;  ///< destinations of outbound connections
};

inline constexpr uint16_t kDnsPort = 53;

/// Everything that is skipped by destination port, ascending: our own listeners, the DNS, and what the plan says.
std::vector<PortRange> skippedInbound(const Plan& plan);
std::vector<PortRange> skippedOutbound(const Plan& plan);

}  // namespace outrigger::control::redirect
