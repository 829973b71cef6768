// The rules as nftables reads them: one table of the family inet, so that IPv4 and IPv6 go the same way. Pure.
//
// Only the first packet of a connection passes a chain of the type nat; what conntrack has seen goes the way of that
// packet. A connection older than the rules is picked up by conntrack in its middle and would pass as a new one, so
// only a SYN is redirected: loading the rules breaks nothing that is under way.
#pragma once

#include <string>

#include "control/redirect/plan.h"

namespace outrigger::control::redirect {

inline constexpr const char* kTable = "outrigger";
/// A set of it that no rule uses: the ports that connections are or were sent to.
inline constexpr const char* kListenersSet = "listeners";

/// Replaces the table, if there is one, in one transaction.
std::string nftablesRules(const Plan& plan);

/// The table without a redirect: nothing more is redirected, and the kernel goes on to translate connections that were
/// (it stops when the last chain of the type nat goes or nothing needs conntrack, and they would break). `ports`: where
/// those were sent.
std::string nftablesInert(const std::vector<uint16_t>& ports);

/// Takes the table away, if there is one.
std::string nftablesGone();

}  // namespace outrigger::control::redirect
