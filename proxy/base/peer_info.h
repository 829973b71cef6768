// What is known of the peer of a connection. A plain value.
#pragma once

#include "proxy/base/address.h"

namespace outrigger {

struct PeerInfo {
  /// Where the peer is; for a unix socket, the path of the socket.
  Address address;
};

}  // namespace outrigger
