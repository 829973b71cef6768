#include "config/paths_by_name.h"

#include <algorithm>
#include <map>

namespace outrigger::config {
namespace {

struct NamedList {
  Bytes list;     ///< its key
  Bytes key;      ///< of an item, which names it
  Bytes unnamed;  ///< what an item without it is called, before its number; empty: by its number alone
};
constexpr NamedList kLists[] = {
    {"routes", "name", "route-"},
    {"rules", "name", "rule-"},
    {"endpoints", "address", ""},
    {"to", "upstream", ""},
};

const NamedList* listOf(Bytes path) {
  const size_t point = path.rfind('.');
  const Bytes key = point == Bytes::npos ? path : path.substr(point + 1);
  const auto row = std::ranges::find(kLists, key, &NamedList::list);
  return row == std::end(kLists) ? nullptr : row;
}

using Names = std::map<std::string, std::string, std::less<>>;  // "routes[3]" to "checkout"

Names namesIn(const std::vector<EffectiveValue>& values) {
  Names names;
  for (const EffectiveValue& value : values) {
    const size_t end = value.path.rfind("].");
    const size_t begin = end == std::string::npos ? end : value.path.rfind('[', end);
    if (begin == std::string::npos) continue;
    const NamedList* row = listOf(Bytes(value.path).substr(0, begin));
    if (row != nullptr && Bytes(value.path).substr(end + 2) == row->key) {
      names.emplace(value.path.substr(0, end + 1), value.value);
    }
  }
  return names;
}

std::string named(Bytes path, const Names& names) {
  std::string out;
  size_t done = 0;
  for (size_t at = path.find('['); at != Bytes::npos; at = path.find('[', at + 1)) {
    const size_t end = path.find(']', at);
    if (end == Bytes::npos) break;
    const Bytes digits = path.substr(at + 1, end - at - 1);
    if (!std::ranges::all_of(digits, isDigit)) continue;  // of a key
    const NamedList* row = listOf(path.substr(0, at));
    const auto found = names.find(path.substr(0, end + 1));
    out += path.substr(done, at + 1 - done);
    if (row != nullptr && found != names.end()) {
      out += found->second;
    } else if (row != nullptr && !row->unnamed.empty()) {
      out += std::string(row->unnamed) + std::to_string(std::stoul(std::string(digits)) + 1);
    } else {
      out += digits;
    }
    done = end;
    at = end;
  }
  return out + std::string(path.substr(done));
}

}  // namespace

void namePaths(std::vector<EffectiveValue>& values) {
  const Names names = namesIn(values);
  for (EffectiveValue& value : values) value.path = named(value.path, names);
}

std::vector<std::string> itemsOf(Bytes list, const std::vector<EffectiveValue>& values) {
  const std::string begin = std::string(list) + "[";
  std::vector<std::string> items;
  for (const EffectiveValue& value : values) {
    if (!value.path.starts_with(begin)) continue;
    const size_t end = value.path.find(']', begin.size());
    const std::string item = value.path.substr(begin.size(), end - begin.size());
    if (items.empty() || items.back() != item) items.push_back(item);
  }
  return items;
}

}  // namespace outrigger::config
