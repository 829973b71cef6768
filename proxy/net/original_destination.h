// Where a connection was going before the kernel redirected it to us. One system call; any thread.
#pragma once

#include <expected>

#include "proxy/base/address.h"

namespace outrigger::net {

/// The original destination of an accepted connection, unmapped; of the family None where it was not redirected: where
/// the kernel tracks no such connection (which it must, to redirect one), or where it was going to the very address
/// that it reached.
///
/// `from`: the peer as accept() told it, so that the call is made at the level of the right family: a dual-stack
/// listener sees IPv4 peers in the mapped form. `listensAt`: the listener's address. The error is an errno: the kernel
/// could not say.
std::expected<Address, int> originalDestination(int fd, const Address& from, const Address& listensAt);

}  // namespace outrigger::net
