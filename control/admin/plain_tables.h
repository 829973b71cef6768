// The live page for who has no script: the state as tables, of the moment when the page was asked for. Pure.
#pragma once

#include "control/admin/pages_json.h"

namespace outrigger::control::admin {

/// `state` as /api/live gives it. Everything in it is escaped.
std::string plainTables(const Json& state);

}  // namespace outrigger::control::admin
