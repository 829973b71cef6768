// A tapped record on one line, for a person. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace outrigger::control::cli {

/// "12:00:01.250  GET orders/x -> 503 upstream-reset, 2 attempts, 31 ms  orders 10.0.0.1:80  4bf92f3577b3"; without a
/// line end. Keys that are missing count as empty.
std::string tapText(const nlohmann::ordered_json& record);

}  // namespace outrigger::control::cli
