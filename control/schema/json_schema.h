// The format of the config file as a JSON Schema (draft 7), for editors and for checks in a pipeline: made from the
// tables that the loader itself uses, and the built-in values. Pure; any thread.
//
// A schema cannot say everything that the loader checks: whether a name is known, whether two values fit one another.
// What the loader takes, the schema takes; the reverse holds for keys, kinds, words and forms.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "config/filter_schema.h"

namespace outrigger::control::schema {

using Json = nlohmann::ordered_json;

/// Of a whole file. `filters`: what may stand in a route's `filters`.
Json jsonSchema(std::span<const config::FilterSchema> filters);

}  // namespace outrigger::control::schema
