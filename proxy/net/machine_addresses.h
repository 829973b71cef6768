// The addresses of this machine, or of the pod's network namespace. Any thread.
#pragma once

#include <vector>

#include "proxy/base/address.h"

namespace outrigger::net {

/// Those of every interface that is up, with the port 0; empty where the system does not tell.
std::vector<Address> machineAddresses();

}  // namespace outrigger::net
