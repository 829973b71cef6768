// What the doctor has found, for a person and for a script. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "control/doctor/checks.h"

namespace outrigger::control::doctor {

using Json = nlohmann::ordered_json;

/// What fails and what is worth a warning first, each with its remedy; then all the rest as a table, and a line of
/// sums.
std::string reportText(const std::vector<Diagnosis>& all);

/// A list of {name, result, found, remedy}, in the order of the checks; remedy is null where there is none.
Json reportJson(const std::vector<Diagnosis>& all);

/// Whether one has failed.
bool anyFails(const std::vector<Diagnosis>& all);

}  // namespace outrigger::control::doctor
