// As much of JSON Schema (draft 7) as our own schemas use, and a YAML tree as an editor sees it, for tests.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "config/node.h"

namespace outrigger::test {

using Json = nlohmann::ordered_json;

/// Types follow from how a scalar is written (the core schema of YAML 1.2), as language servers read it.
inline Json asEditorSees(const config::Node& node) {
  if (node.isMap()) {
    Json map = Json::object();
    for (const auto& entry : node.entries()) map[entry.key] = asEditorSees(entry.value);
    return map;
  }
  if (node.isList()) {
    Json list = Json::array();
    for (const auto& item : node.items()) list.push_back(asEditorSees(item));
    return list;
  }
  if (!node.isScalar()) return {};
  const std::string text(node.written());
  if (node.quoted()) return text;
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~") return {};
  if (std::regex_match(text, std::regex("[-+]?[0-9]{1,18}"))) return std::stoll(text);
  if (std::regex_match(text, std::regex("[-+]?[0-9]{1,18}\\.[0-9]+"))) return std::stod(text);
  return text;
}

/// Says where a value does not fit; empty: it fits.
class SchemaCheck {
 public:
  explicit SchemaCheck(const Json& root) : root_(root) {}

  std::string operator()(const Json& value) const { return check(value, root_, ""); }

 private:
  static bool isType(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "boolean" && value.is_boolean();
  }

  static bool isOneOfTypes(const Json& value, const Json& types) {
    if (types.is_string()) return isType(value, types.get<std::string>());
    return std::ranges::any_of(types, [&](const Json& type) { return isType(value, type.get<std::string>()); });
  }

  std::string check(const Json& value, const Json& schema, const std::string& path) const {
    if (schema.contains("$ref")) {
      return check(value, root_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1))), path);
    }
    if (schema.contains("anyOf")) {
      std::string deepest;
      for (const Json& way : schema["anyOf"]) {
        const std::string wrong = check(value, way, path);
        if (wrong.empty()) return "";
        if (wrong.size() > deepest.size()) deepest = wrong;
      }
      return deepest;
    }
    if (schema.contains("type") && !isOneOfTypes(value, schema["type"])) return path + ": type";
    if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
      return path + ": enum";
    }
    if (value.is_string() && schema.contains("pattern") &&
        !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>()))) {
      return path + ": pattern";
    }
    if (value.is_number() && schema.contains("minimum") && value < schema["minimum"]) return path + ": minimum";
    if (value.is_number() && schema.contains("maximum") && value > schema["maximum"]) return path + ": maximum";
    if (value.is_array()) return checkList(value, schema, path);
    return value.is_object() ? checkMap(value, schema, path) : "";
  }

  std::string checkList(const Json& value, const Json& schema, const std::string& path) const {
    if (schema.contains("minItems") && value.size() < schema["minItems"]) return path + ": minItems";
    if (schema.contains("maxItems") && value.size() > schema["maxItems"]) return path + ": maxItems";
    for (size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
      if (auto wrong = check(value[i], schema["items"], path + "/" + std::to_string(i)); !wrong.empty()) return wrong;
    }
    return "";
  }

  std::string checkMap(const Json& value, const Json& schema, const std::string& path) const {
    for (const Json& key : schema.value("required", Json::array())) {
      if (!value.contains(key.get<std::string>())) return path + ": required " + key.get<std::string>();
    }
    if (schema.contains("minProperties") && value.size() < schema["minProperties"]) return path + ": minProperties";
    if (schema.contains("maxProperties") && value.size() > schema["maxProperties"]) return path + ": maxProperties";
    const Json properties = schema.value("properties", Json::object());
    const Json more = schema.value("additionalProperties", Json(true));
    for (const auto& [key, item] : value.items()) {
      if (schema.contains("propertyNames") && !check(key, schema["propertyNames"], "").empty()) {
        return path + "/" + key + ": propertyNames";
      }
      if (!properties.contains(key) && more == false) return path + "/" + key + ": unknown";
      if (!properties.contains(key) && more.is_boolean()) continue;
      const std::string wrong = check(item, properties.contains(key) ? properties[key] : more, path + "/" + key);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  const Json& root_;
};

}  // namespace outrigger::test
