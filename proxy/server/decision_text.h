// Decisions of ejection in words, with the numbers they rest on.
#pragma once

#include <string>

#include "proxy/upstream/cluster.h"

namespace outrigger::server {

/// One sentence without a full stop. Of an upstream in `mode: observe`: what would have been done.
std::string ejectionText(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                         const policy::EjectionNews& news, Instant now);

std::string panicText(const upstream::Cluster& cluster, bool panics);

/// A caller by its verified identity, or as one that has none, by its address.
std::string callerText(const PeerInfo& peer);
/// What of the access rules decided; empty: none, the default did.
std::string ruleText(Bytes rule);

/// 1234567 as "1,234,567".
std::string grouped(uint64_t number);
/// "0.9 ms" below ten milliseconds, "31 ms" below ten seconds, then "31 s" and "5 m 10 s".
std::string spanText(Duration span);
/// A small probability as "1 in 10^9".
std::string chanceText(double chance);

}  // namespace outrigger::server
