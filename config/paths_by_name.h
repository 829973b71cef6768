// Paths of values that name the items of lists, where items have names: `routes[checkout].to[payments].weight` instead
// of `routes[3].to[0].weight`, so that an item that moved is the same item. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/effective.h"

namespace outrigger::config {

/// Routes and access rules by their names (`route-2` where none is written), endpoints by their addresses, targets by
/// their upstreams.
void namePaths(std::vector<EffectiveValue>& values);

/// The items of a list, in its order: ("routes", ...) gives "checkout", "route-2". The paths have been named.
std::vector<std::string> itemsOf(Bytes list, const std::vector<EffectiveValue>& values);

}  // namespace outrigger::config
