// What programs and the kernel list, read. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"

namespace outrigger::control::redirect {

/// The ports that our rules say connections are or were sent to, each once: of what `nft list table` (kListenersSet) or
/// `iptables -S` has printed.
std::vector<uint16_t> listenerPorts(Bytes listing);

/// Whether they redirect, or only keep what was redirected.
bool redirects(Bytes listing);

/// How many connections in a listing of conntrack (/proc/net/nf_conntrack) are open and were redirected to one of
/// `ports`.
size_t redirectedConnections(Bytes conntrack, const std::vector<uint16_t>& ports);

}  // namespace outrigger::control::redirect
