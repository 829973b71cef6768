// JSON as YAML text, as people write manifests. Strings stay strings. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace outrigger::control::inject {

std::string yamlOf(const nlohmann::ordered_json& json);

}  // namespace outrigger::control::inject
