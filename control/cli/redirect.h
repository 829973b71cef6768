// The verb `redirect`: the kernel's rules that bring a pod's connections to the sidecar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/redirect/netfilter.h"

namespace outrigger::control::cli {

/// What the command line says, as it says it.
struct RedirectOptions {
  std::string config{};       ///< path of a config file that tells ports and skips; empty: none
  std::string inboundPort{};  ///< a number or `none`; empty: as the config says, or the default
  std::string outboundPort{};
  uint32_t uid = 15100;
  std::optional<uint32_t> gid{};  ///< nullopt: as the uid
  std::vector<std::string> skipInboundPorts{};
  std::vector<std::string> skipOutboundPorts{};
  std::vector<std::string> skipCidrs{};
  std::string with{};  ///< nftables, iptables; empty: what is installed
  bool dryRun = false;
  bool now = false;
  bool json = false;
};

/// The error is text of a line for each thing that is wrong.
std::expected<redirect::Plan, std::string> planOf(const RedirectOptions& options);

}  // namespace outrigger::control::cli
