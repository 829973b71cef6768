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

/// How many connections are open that were redirected to one of `ports`: they stand in conntrack's listing
/// (/proc/net/nf_conntrack), and our end of them among the sockets (/proc/net/tcp and tcp6, one behind the other).
/// Conntrack alone keeps for days what was cut behind its back.
size_t redirectedConnections(Bytes conntrack, Bytes sockets, const std::vector<uint16_t>& ports);

}  // namespace outrigger::control::redirect
