#include "config/environment.h"

#include <algorithm>
#include <expected>

namespace outrigger::config {
namespace {

constexpr size_t kLongestText = 1024 * 1024;

struct Refusal {
  Code code;
  std::string message;
  std::string tryText;
};

bool isName(Bytes name) {
  return !name.empty() && !isDigit(name.front()) && std::ranges::all_of(name, [](char c) {
    const char l = lowerAscii(c);
    return isDigit(c) || (l >= 'a' && l <= 'z') || c == '_';
  });
}

// What stands for the inside of one `${...}`.
std::expected<std::string, Refusal> valueOf(Bytes inside, const EnvironmentLookup& lookup) {
  const size_t colon = inside.find(':');
  const Bytes name = inside.substr(0, colon);
  if (!isName(name)) {
    return std::unexpected(Refusal{Code::EnvironmentForm, inQuotes(name) + " is no name of an environment variable",
                                   "${NAME} or ${NAME:-default}; a dollar sign of its own is $$"});
  }
  const bool hasDefault = colon != Bytes::npos;
  if (hasDefault && !inside.substr(colon).starts_with(":-")) {
    return std::unexpected(Refusal{Code::EnvironmentForm, "behind the name, only `:-` and a default may follow",
                                   "${" + std::string(name) + ":-default}"});
  }
  std::optional<std::string> value = lookup(name);
  if (hasDefault && (!value || value->empty())) return std::string(inside.substr(colon + 2));
  if (value) return std::move(*value);
  return std::unexpected(Refusal{Code::EnvironmentUnset, "the environment variable " + inQuotes(name) + " is not set",
                                 "${" + std::string(name) + ":-default}"});
}

std::expected<std::string, Refusal> replace(Bytes text, const EnvironmentLookup& lookup) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == Bytes::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('{')) {
      const size_t end = text.find('}');
      if (end == Bytes::npos) {
        return std::unexpected(Refusal{Code::EnvironmentForm, "the `}` of `${` is missing", "${NAME}"});
      }
      auto value = valueOf(text.substr(1, end - 1), lookup);
      if (!value) return std::unexpected(std::move(value.error()));
      out += *value;
      text.remove_prefix(end + 1);
    } else {
      out += '$';
      if (text.starts_with('$')) text.remove_prefix(1);
    }
    if (out.size() > kLongestText) {
      return std::unexpected(
          Refusal{Code::EnvironmentForm, "with the environment put in, the text has over 1 MiB", ""});
    }
  }
  return out;
}

Node putIntoScalar(const Node& node, const EnvironmentLookup& lookup, Diagnostics& diagnostics) {
  if (node.text().find('$') == Bytes::npos) return node;
  auto text = replace(node.text(), lookup);
  if (!text) {
    diagnostics.report(text.error().code, node.place(), text.error().message, text.error().tryText);
    return Node::invalid(node.origin());
  }
  return *text == node.text() ? node : node.replaced(std::move(*text));
}

}  // namespace

Node putInEnvironment(const Node& node, const EnvironmentLookup& lookup, Diagnostics& diagnostics) {
  if (node.isScalar()) return putIntoScalar(node, lookup, diagnostics);
  if (node.isList()) {
    std::vector<Node> items;
    items.reserve(node.items().size());
    for (const Node& item : node.items()) items.push_back(putInEnvironment(item, lookup, diagnostics));
    return Node::list(std::move(items), node.origin());
  }
  if (node.isMap()) {
    std::vector<Node::Entry> entries;
    entries.reserve(node.entries().size());
    for (const Node::Entry& entry : node.entries()) {
      entries.push_back({entry.key, entry.place, putInEnvironment(entry.value, lookup, diagnostics)});
    }
    return Node::map(std::move(entries), node.origin());
  }
  return node;
}

}  // namespace outrigger::config
