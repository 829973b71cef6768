// Questions to the network, many at a time, with an end: each runs an event loop of its own until all have been
// answered or the time is up. Blocks. One thread, which has no loop beside it.
#pragma once

#include "control/doctor/machine.h"

namespace outrigger::control::doctor {

/// Machine::dialAll(), lookUpAll(), page().
std::vector<std::optional<std::string>> dialAll(const std::vector<Address>& addresses, Duration limit);
std::vector<LookUp> lookUpAll(const std::vector<Question>& questions, Duration limit);
PageAnswer askPage(const Address& admin, const std::string& target, Duration limit);

}  // namespace outrigger::control::doctor
