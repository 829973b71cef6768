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

/// Our chains, which return at once: nothing more is redirected. What stands behind that is never reached, but as long
/// as it is there, the kernel goes on to translate connections that were redirected. `ports`: where those were sent.
std::string iptablesInert(const std::vector<uint16_t>& ports);

/// Takes our chains away in one transaction.
std::string iptablesGone(Hooked hooked);

}  // namespace outrigger::control::redirect
