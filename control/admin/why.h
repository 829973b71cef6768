// What /api/why shows: the story of one request, as data and in sentences. Pure; the control thread.
#pragma once

#include "control/admin/pages_json.h"
#include "control/admin/rules.h"

namespace outrigger::control::admin {

/// `asked`: a request id, or a trace id, as the caller had it. `gathered`: the trails of that id, and all decisions.
Json whyJson(Bytes asked, const Gathering::Result& gathered, const Rules& rules);

/// The form in which records keep an id.
std::string keptId(Bytes id);

/// A trail in sentences without full stops, one for what was asked, one for each attempt, one for what came of it.
std::vector<std::string> wordsOf(const server::Trail& trail, const Rules& rules);

}  // namespace outrigger::control::admin
