#include "control/bundle/redaction.h"

#include <algorithm>

namespace outrigger::control::bundle {
namespace {

constexpr const char* kHidden = "(hidden)";

bool isOnlyAName(Bytes value) {
  if (!value.starts_with("${") || !value.ends_with('}')) return false;
  const Bytes name = value.substr(2, value.size() - 3);
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// "routes[0].match.headers.x-user", "routes[0].filters[0].headers.request.set.x-key", "routes[0].respond.body". A
// header's name may be in quotes, with points in it.
bool holdsText(Bytes path) {
  if (!path.starts_with("routes[")) return false;  // an upstream or a policy may be called `set`
  for (const Bytes map : {".headers.", ".set.", ".add."}) {
    if (path.find(map) != Bytes::npos) return true;
  }
  return path.ends_with(".respond.body");
}

void hide(Json& object, const char* key) {
  const auto value = object.find(key);
  if (value == object.end() || value->is_null()) return;
  if (value->is_string() && isOnlyAName(value->get_ref<const std::string&>())) return;
  *value = kHidden;
}

bool hasText(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string();
}

void unquote(Json& object, const char* key) {
  if (hasText(object, key)) object[key] = withoutQuotes(object[key].get_ref<const std::string&>());
}

// By what they look like, not by page: a value has a path, an error stands under `error`, or has its place beside it.
void redact(Json& json) {
  if (json.is_object()) {
    if (hasText(json, "path") && holdsText(json["path"].get_ref<const std::string&>())) {
      for (const char* key : {"value", "before", "after"}) hide(json, key);
    }
    unquote(json, "error");
    if (json.contains("at")) unquote(json, "text");
  }
  if (json.is_structured()) {
    for (Json& inner : json) redact(inner);
  }
}

// What stands between two of these: see config::inQuotes().
std::string lineWithoutQuotes(Bytes line) {
  std::string text;
  for (;;) {
    const size_t from = line.find('`');
    text += line.substr(0, from);
    if (from == Bytes::npos) return text;
    text += "`...`";
    const size_t to = line.find('`', from + 1);
    if (to == Bytes::npos) return text;
    line.remove_prefix(to + 1);
  }
}

}  // namespace

std::string withoutQuotes(Bytes diagnostics) {
  std::string text;
  while (!diagnostics.empty()) {
    const size_t end = diagnostics.find('\n');
    const Bytes line = diagnostics.substr(0, end);
    diagnostics.remove_prefix(end == Bytes::npos ? diagnostics.size() : end + 1);
    // The source line, the sign below it and the proposal are indented.
    if (line.empty() || line.starts_with(' ')) continue;
    text += (text.empty() ? "" : "\n") + lineWithoutQuotes(line);
  }
  return text;
}

Json withoutSecrets(Json page) {
  redact(page);
  return page;
}

std::string redactionText() {
  return "- Requests and answers: the pages hold no header, body, query or raw path; of a decision, host and path are "
         "as the\n"
         "  route names them (with `log: {path: full}`, as they came).\n"
         "- The config: values of headers that a route sets, adds, matches or answers with, and bodies, are "
         "`(hidden)`;\n"
         "  what comes from the environment below `routes` stands there as `${NAME}`.\n"
         "- Errors of the config: without the source line, the proposal, and what stands in quotes.\n"
         "- The process: no environment, no arguments, no open files.\n"
         "- Not hidden: names of upstreams and routes, addresses of endpoints, paths of files.\n";
}

}  // namespace outrigger::control::bundle
