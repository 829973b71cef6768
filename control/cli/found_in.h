// Reads the JSON of a sidecar that may be of another version: what is missing, or of another kind, is empty or 0. Pure.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "proxy/base/time.h"

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

/// An empty list where there is no such key. Valid as long as `json`, or for ever.
inline const Json& in(const Json& json, const char* key) {
  static const Json kNothing = Json::array();
  const auto found = json.find(key);
  return found == json.end() ? kNothing : *found;
}

inline const Json& listIn(const Json& json, const char* key) {
  static const Json kNothing = Json::array();
  const Json& value = in(json, key);
  return value.is_array() ? value : kNothing;
}

inline std::string textIn(const Json& json, const char* key) {
  const Json& value = in(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

inline double numberIn(const Json& json, const char* key) {
  const Json& value = in(json, key);
  return value.is_number() ? value.get<double>() : 0;
}

/// What is below 0 is 0; what is beyond 2^53, above which doubles leave numbers out, is 2^53.
inline uint64_t countIn(const Json& json, const char* key) {
  constexpr double kMost = 9'007'199'254'740'992;
  return static_cast<uint64_t>(std::clamp(numberIn(json, key), 0.0, kMost));
}

/// Of milliseconds; what is beyond a hundred years is a hundred years.
inline Duration spanIn(const Json& json, const char* key) {
  constexpr double kMost = 100.0 * 365 * 86'400'000;
  return std::chrono::milliseconds(static_cast<int64_t>(std::clamp(numberIn(json, key), -kMost, kMost)));
}

}  // namespace outrigger::control::cli
