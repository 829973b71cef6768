// What is known of the peer of a connection. A plain value.
#pragma once

#include <string>

#include "proxy/base/address.h"
#include "proxy/base/protocol.h"

namespace outrigger {

struct PeerInfo {
  /// Where the peer is; for a unix socket, the path of the socket.
  Address address{};
  /// The connection is encrypted (TLS).
  bool secure = false;
  Alpn alpn = Alpn::None;
  /// The peer's verified SPIFFE ID ("spiffe://domain/path"); empty: it has shown none.
  std::string identity{};
  /// Where the connection was going before it was redirected to us; of the family None: it was not.
  Address destination{};
};

}  // namespace outrigger
