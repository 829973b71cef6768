// The same rules as `iptables-restore --noflush` reads them, for machines without nft: one text for each family, with
// two chains of our own. Pure.
#pragma once

#include <string>

#include "control/redirect/plan.h"

namespace outrigger::control::redirect {

enum class IpFamily : uint8_t { Ipv4, Ipv6 };

inline constexpr const char* kInboundChain = "OUTRIGGER_INBOUND";
inline constexpr const char* kOutboundChain = "OUTRIGGER_OUTBOUND";

/// Which built-in chains send packets to ours already.
struct Hooked {
  bool inbound = false;   ///< PREROUTING
  bool outbound = false;  ///< OUTPUT
};

/// Replaces our chains in one transaction, and hooks them in where they are not.
std::string iptablesRules(const Plan& plan, IpFamily family, Hooked hooked);

/// Takes our chains away in one transaction. The table nat stays, so connections that were redirected go on.
std::string iptablesGone(Hooked hooked);

}  // namespace outrigger::control::redirect
