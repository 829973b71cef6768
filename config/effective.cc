#include "config/effective.h"

#include <algorithm>

#include "config/texts.h"

namespace outrigger::config {
namespace {

class Walk {
 public:
  Walk(std::span<const std::string> files, bool whole, std::vector<EffectiveValue>& out)
      : files_(files), whole_(whole), out_(out) {}

  // `free` texts are neither words nor quantities, and may hold secrets.
  void node(const Node& node, const std::string& path, bool free, bool secret) {
    if (node.isMap() && !node.entries().empty()) return map(node, path, free);
    if (node.isList() && !std::ranges::all_of(node.items(), &Node::isScalar)) {
      for (size_t i = 0; i < node.items().size(); ++i) {
        this->node(node.items()[i], path + "[" + std::to_string(i) + "]", free, secret);
      }
      return;
    }
    out_.push_back({path, secret && !whole_ ? "(hidden)" : textOf(node, free && !whole_), originOf(node)});
  }

 private:
  void map(const Node& node, const std::string& path, bool free) {
    for (const Node::Entry& entry : node.entries()) {
      const std::string key = keyInPath(entry.key);
      const bool inRoutes = free || entry.key == "routes";
      this->node(entry.value, path.empty() ? key : path + "." + key, inRoutes,
                 free && checkLoggedHeader(entry.key).has_value());
    }
  }

  static std::string textOf(const Node& node, bool free) {
    if (node.isMap()) return "{}";
    if (node.isList()) {
      std::string out;
      for (const Node& item : node.items()) out += (out.empty() ? "" : ", ") + textOf(item, free);
      return "[" + out + "]";
    }
    return std::string(free ? node.written() : node.text());
  }

  std::string originOf(const Node& node) const {
    if (node.source() == Source::BuiltIn) return "built-in";
    return files_[node.place().file] + ":" + std::to_string(node.place().line);
  }

  std::span<const std::string> files_;
  bool whole_;
  std::vector<EffectiveValue>& out_;
};

std::vector<EffectiveValue> walk(const Node& effective, std::span<const std::string> files, bool whole) {
  std::vector<EffectiveValue> values;
  Walk(files, whole, values).node(effective, "", false, false);
  return values;
}

}  // namespace

std::string keyInPath(const std::string& key) {
  return key.find('.') == std::string::npos ? key : "\"" + key + "\"";
}

std::vector<EffectiveValue> effectiveValues(const Node& effective, std::span<const std::string> files) {
  return walk(effective, files, false);
}

std::vector<EffectiveValue> wholeValues(const Node& effective, std::span<const std::string> files) {
  return walk(effective, files, true);
}

std::vector<EffectiveValue> effectiveValues(const Node& effective, const std::string& fileName) {
  return effectiveValues(effective, std::span(&fileName, 1));
}

}  // namespace outrigger::config
