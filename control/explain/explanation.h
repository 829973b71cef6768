// The answer to `outrigger explain METHOD URL`: which route takes the request and why none before it does, where it
// goes, what its policies come to in the worst case, and where every value stands. Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "config/load.h"
#include "control/explain/asked_request.h"

namespace outrigger::control::explain {

using Json = nlohmann::ordered_json;

/// `loaded` has a model, and it compiles.
Json explanation(const AskedRequest& asked, const config::LoadResult& loaded);

}  // namespace outrigger::control::explain
