// What is allowed in a policy and rarely meant: methods that may run twice, limits that never fire. Warnings. Pure.
#pragma once

#include "config/diagnostic.h"
#include "config/node.h"

namespace outrigger::config {

/// `policy` is an effective policy; only values that stand in the file are spoken of.
void reportRisks(const Node& policy, Diagnostics& diagnostics);

}  // namespace outrigger::config
