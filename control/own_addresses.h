// Where our own listeners are reached, so that nothing is passed on to ourselves. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proxy/base/address.h"

namespace outrigger::control {

/// `listeners`: real addresses by name. `machine`: the machine's addresses; a listener at a wildcard is reached at each
/// of them of its family (of both, at [::]). Unix sockets are left out: nobody is redirected from or passed on to one.
std::vector<Address> ownAddresses(const std::map<std::string, Address>& listeners, const std::vector<Address>& machine);

}  // namespace outrigger::control
