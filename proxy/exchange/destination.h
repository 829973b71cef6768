// Where a request goes that no route names. Pure.
#pragma once

#include <optional>

#include "proxy/base/direction.h"
#include "proxy/base/peer_info.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

/// Where its connection was going before it was redirected to us; else, on the outbound side, the target of one that
/// asks us as its forward proxy (RFC 9112 §3.2.2, §3.2.3). nullopt: nowhere.
std::optional<Address> destinationOf(const http::RequestHead& request, const PeerInfo& peer, Direction direction);

/// The connection was going elsewhere when the kernel redirected it to us.
inline bool isRedirected(const PeerInfo& peer) {
  return peer.destination.family() != Address::Family::None;
}

}  // namespace outrigger::exchange
