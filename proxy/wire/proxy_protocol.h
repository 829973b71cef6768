// The PROXY protocol (HAProxy's specification, versions 1 and 2): a header before everything else on a connection,
// which tells where it came from before it was passed on. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/address.h"
#include "proxy/base/result.h"

namespace outrigger::wire {

struct ProxyHeader {
  /// Version 2 LOCAL, version 1 UNKNOWN, or a family without addresses: those of the connection itself count.
  bool local = false;
  Address source{};
  Address destination{};
};

struct ReadProxyHeader {
  ProxyHeader header;
  size_t size = 0;  ///< how many octets it took
};

/// Reads the header at the front of all that has come so far; nullopt: it is sound as far as it goes, and not complete.
/// Strict: anything that is not a header, is longer than kLongestProxyHeader, or contradicts itself is an error, as
/// soon as that is known.
Result<std::optional<ReadProxyHeader>> readProxyHeader(Bytes first);

inline constexpr size_t kLongestProxyHeader = 536;
inline constexpr size_t kLongestProxyLine = 107;  ///< version 1, with its line end

/// The header for a connection from `source`, which is passed on to `destination`. Where the two are not addresses of
/// one IP family nothing can be said of them: version 1 says UNKNOWN then, version 2 leaves the addresses out. IPv4 in
/// its IPv6 form counts as IPv4.
std::string proxyHeaderV1(const Address& source, const Address& destination);
std::string proxyHeaderV2(const Address& source, const Address& destination);

}  // namespace outrigger::wire
