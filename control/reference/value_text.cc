#include "control/reference/value_text.h"

#include "config/texts.h"
#include "control/reference/markdown.h"

namespace outrigger::control::reference {
namespace {

using config::Node;
using config::Type;
using Kind = config::Type::Kind;

struct Text {
  config::TextCheck check;
  const char* what;
};
constexpr Text kTexts[] = {
    {config::checkName, "name"},
    {config::checkHeaderName, "name of a header"},
    {config::checkOwnHeaderName, "name of a header"},
    {config::checkLoggedHeader, "name of a header that holds no secrets"},
    {config::checkHeaderValue, "value of a header"},
    {config::checkHostMatch, "host, `host:port` or `.suffix`"},
    {config::checkHost, "host or `host:port`"},
    {config::checkMethod, "method"},
    {config::checkRetryMethod, "method"},
    {config::checkPath, "path"},
    {config::checkPrefix, "path without a slash at its end"},
    {config::checkProbeTarget, "path, perhaps with a query"},
    {config::checkCookieName, "name of a cookie"},
    {config::checkRegex, "regular expression (RE2)"},
    {config::checkFailure, "`unsent`, `reset`, `timeout`, a status or a class such as `5xx`"},
    {config::checkRedirectStatus, "`301`, `302`, `303`, `307`, `308`"},
    {config::checkBody, "text of at most 64 KiB"},
    {config::checkIdentity, "SPIFFE ID"},
    {config::checkIdentityRule, "SPIFFE ID, perhaps with `/*` at its end"},
    {config::checkFilePath, "full path of a file"},
    {config::checkDnsName, "DNS name"},
    {config::checkDnsLabel, "DNS label"},
    {config::checkServicePort, "port, by number or by name"},
    {config::checkCidr, "network such as `10.0.0.0/8`"},
    {config::checkServerName, "host name"},
    {config::checkServiceName, "name of a gRPC service"},
};

std::string textWords(config::TextCheck check) {
  for (const Text& text : kTexts) {
    if (text.check == check) return text.what;
  }
  return "text";
}

std::string bounded(const char* what, const std::string& least, const std::string& most) {
  return std::string(what) + ", " + least + " to " + most;
}

std::string listText(const Type& type, const std::string& map) {
  const std::string item = valueText(*type.item, map);
  const std::string list = "list" + std::string(type.min > 0 ? ", not empty" : "") + ": " + item;
  return type.single ? list + "; or one of them" : list;
}

std::string words(const Type& type) {
  std::string out;
  for (const config::Word& word : type.words) out += (out.empty() ? "" : ", ") + code(word.text);
  return out;
}

std::string plainText(const Type& type, const std::string& map) {
  switch (type.kind) {
    case Kind::Text: return textWords(type.textCheck);
    case Kind::Word: return words(type);
    case Kind::Boolean: return "`true`, `false`";
    case Kind::Integer:
      return type.max == INT64_MAX ? "number from " + std::to_string(type.min)
                                   : bounded("number", std::to_string(type.min), std::to_string(type.max));
    case Kind::Percent: return bounded("percentage", std::to_string(type.min), std::to_string(type.max));
    case Kind::Duration:
      return bounded("time", config::durationText(Duration(type.min)), config::durationText(Duration(type.max)));
    case Kind::Size:
      return bounded("size", config::sizeText(static_cast<uint64_t>(type.min)),
                     config::sizeText(static_cast<uint64_t>(type.max)));
    case Kind::Address: return "address";
    case Kind::Map: return map;
    case Kind::Names: return "map: each " + textWords(type.textCheck) + " to " + valueText(*type.item, map);
    case Kind::List: return listText(type, map);
    case Kind::Any: return "filter";
  }
  return "";
}

}  // namespace

std::string valueText(const Type& type, const std::string& map) {
  std::string out = plainText(type, map);
  if (type.kind == Kind::Map && !type.shortFor.empty()) {
    out += ", or its " + code(type.shortFor) + " alone";
  }
  if (type.kind == Kind::Map && type.one != nullptr) out = valueText(*type.one, map) + ", or " + out;
  if (type.automatic) out += ", or `auto`";
  if (type.none) out += ", or `none`";
  return out;
}

std::string builtInText(const Node* value) {
  if (value == nullptr) return "–";
  if (value->isMap()) return "";
  if (!value->isList()) return code(value->text());
  std::string out;
  for (const Node& item : value->items()) out += (out.empty() ? "" : ", ") + std::string(item.text());
  return code("[" + out + "]");
}

const config::Shape* shapeBehind(const Type& type) {
  if (type.kind == Kind::Map) return type.shape;
  if (type.kind == Kind::Names || type.kind == Kind::List) return shapeBehind(*type.item);
  return nullptr;
}

}  // namespace outrigger::control::reference
