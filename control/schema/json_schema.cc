#include "control/schema/json_schema.h"

#include "config/built_in.h"
#include "config/file_schema.h"
#include "control/schema/built_in_at.h"
#include "control/schema/forms.h"

namespace outrigger::control::schema {
namespace {

using config::Field;
using config::Node;
using config::Shape;
using config::Type;
using Kind = config::Type::Kind;

Json environment() {
  return {{"$ref", "#/definitions/environment"}};
}

// A form that is shared, and texts from the environment beside it.
Json orEnvironment(Json form) {
  return {{"anyOf", Json::array({std::move(form), environment()})}};
}

Json textForm(const std::string& pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}

// A built-in value as an editor shows it; null for maps, whose keys tell their own.
Json valueOf(const Node& node, const Type& type) {
  if (node.isList()) {
    Json list = Json::array();
    for (const Node& item : node.items()) list.push_back(std::string(item.text()));
    return list;
  }
  if (!node.isScalar()) return {};
  const std::string text(node.text());
  if (type.kind == Kind::Boolean) return text == "true";
  if ((type.kind == Kind::Integer || type.kind == Kind::Percent) && text.find_first_not_of("0123456789") == text.npos) {
    return std::stoll(text);
  }
  return text;
}

// " From 1ms to 1h." of what no pattern can bound.
std::string bounds(const Type& type) {
  if (type.kind == Kind::Duration) {
    return " From " + config::durationText(Duration(type.min)) + " to " + config::durationText(Duration(type.max)) +
           ".";
  }
  if (type.kind == Kind::Size) {
    return " From " + config::sizeText(static_cast<uint64_t>(type.min)) + " to " +
           config::sizeText(static_cast<uint64_t>(type.max)) + ".";
  }
  return "";
}

class Writer {
 public:
  explicit Writer(std::span<const config::FilterSchema> filters) : filters_(filters) {}

  // `builtIn` is the value of the path, or an empty node.
  Json type(const Type& type, const std::string& path, const Node& builtIn) {
    Json one = plain(type, path, builtIn);
    Json words = Json::array();
    if (type.none) words.push_back("none");
    if (type.automatic) words.push_back("auto");
    Json ways = Json::array({one});
    if (!words.empty()) ways.push_back({{"enum", words}});
    if (type.kind == Kind::List && type.single) ways.push_back(this->type(*type.item, path + "[]", {}));
    if (type.kind == Kind::Map && type.one != nullptr) ways.push_back(this->type(*type.one, path, {}));
    if (type.kind == Kind::Map && !type.shortFor.empty()) {
      ways.push_back(this->type(type.shape->find(type.shortFor)->type, path, {}));
    }
    if (ways.size() == 1) return one;
    return {{"anyOf", ways}};
  }

  Json shape(const Shape& shape, const std::string& path, const Node& given) {
    const Node builtIn = builtInAt(path).value_or(given);
    Json properties = Json::object();
    Json required = Json::array();
    for (const Field& field : shape.fields) {
      properties[std::string(field.key)] = this->field(field, path, builtIn);
      if (field.required) required.push_back(std::string(field.key));
    }
    Json map{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
    if (!required.empty()) map["required"] = required;
    return map;
  }

 private:
  Json field(const Field& field, const std::string& path, const Node& builtIn) {
    const std::string key(field.key);
    const Node* value = builtIn.find(field.key);
    const std::string full = path.empty() ? key : path + "." + key;
    Json described{{"description", std::string(field.doc) + bounds(field.type)}};
    if (value != nullptr) {
      if (Json standard = valueOf(*value, field.type); !standard.is_null()) described["default"] = standard;
    }
    const Json type = key == "version" && path.empty() ? Json{{"enum", Json::array({1, "1"})}}
                                                       : this->type(field.type, full, value ? *value : Node());
    described.update(type);
    return described;
  }

  Json plain(const Type& type, const std::string& path, const Node& builtIn) {
    switch (type.kind) {
      case Kind::Text: return text(type);
      case Kind::Word: return word(type);
      case Kind::Boolean: return orEnvironment({{"enum", Json::array({true, false, "true", "false"})}});
      case Kind::Integer: return number(type, "integer", kIntegerForm);
      case Kind::Percent: return number(type, "number", kPercentForm);
      case Kind::Duration: return orEnvironment({{"$ref", "#/definitions/duration"}});
      case Kind::Size: return orEnvironment({{"$ref", "#/definitions/size"}});
      case Kind::Address: return orEnvironment({{"$ref", "#/definitions/address"}});
      case Kind::Map: return shape(*type.shape, path, builtIn);
      case Kind::Names: return names(type, path);
      case Kind::List:
        return {{"type", "array"},
                {"minItems", type.min},
                {"maxItems", type.max},
                {"items", this->type(*type.item, path + "[]", {})}};
      case Kind::Any: return path == "routes[].filters[]" ? filter() : Json::object();
    }
    return Json::object();
  }

  // A plain scalar is taken as written, whatever YAML would make of it.
  static Json text(const Type& type) {
    const std::string form = formOf(type.textCheck);
    Json any{{"type", Json::array({"string", "number", "boolean"})}};
    if (form.empty()) return any;
    any["pattern"] = form;
    return orEnvironment(any);
  }

  static Json word(const Type& type) {
    Json words = Json::array();
    for (const config::Word& word : type.words) {
      if (word.later.empty()) words.push_back(std::string(word.text));
    }
    return orEnvironment({{"enum", words}});
  }

  static Json number(const Type& type, const char* kind, const char* form) {
    return {
        {"anyOf",
         Json::array({{{"type", kind}, {"minimum", type.min}, {"maximum", type.max}}, textForm(form), environment()})}};
  }

  Json names(const Type& type, const std::string& path) {
    Json map{{"type", "object"}, {"additionalProperties", this->type(*type.item, path + ".*", {})}};
    if (const std::string form = formOf(type.textCheck); !form.empty()) map["propertyNames"] = {{"pattern", form}};
    return map;
  }

  Json filter() {
    Json properties = Json::object();
    for (const config::FilterSchema& filter : filters_) {
      Json described{{"description", std::string(filter.doc)}};
      described.update(type(filter.type, "", {}));
      properties[std::string(filter.name)] = described;
    }
    return {{"type", "object"},
            {"properties", properties},
            {"additionalProperties", false},
            {"minProperties", 1},
            {"maxProperties", 1}};
  }

  std::span<const config::FilterSchema> filters_;
};

Json described(const char* text, const char* form) {
  return {{"type", "string"}, {"description", text}, {"pattern", form}};
}

}  // namespace

Json jsonSchema(std::span<const config::FilterSchema> filters) {
  Json root{{"$schema", "http://json-schema.org/draft-07/schema#"},
            {"$id", "urn:outrigger:config:1"},
            {"title", "Outrigger"},
            {"description", "The config file of the sidecar proxy Outrigger, version 1."}};
  root.update(Writer(filters).shape(config::kFileShape, "", config::builtInFile()));
  root["definitions"] = {
      {"duration",
       described("Whole numbers with the units h, m, s, ms, the larger first: 1h, 250ms, 1s500ms.", kDurationForm)},
      {"size", described("A whole number with B, KiB, MiB or GiB.", kSizeForm)},
      {"address", described("IP:PORT, [IPv6]:PORT or unix:/path.", kAddressForm)},
      {"environment",
       described("Taken from the environment: ${NAME}, or ${NAME:-text} with a default.", kEnvironmentForm)}};
  return root;
}

}  // namespace outrigger::control::schema
