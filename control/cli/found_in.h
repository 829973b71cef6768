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

inline uint64_t countIn(const Json& json, const char* key) {
  return static_cast<uint64_t>(std::max(0.0, numberIn(json, key)));
}

/// Of milliseconds.
inline Duration spanIn(const Json& json, const char* key) {
  return std::chrono::milliseconds(static_cast<int64_t>(numberIn(json, key)));
}

}  // namespace outrigger::control::cli
