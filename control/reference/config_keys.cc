#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

#include "config/built_in.h"
#include "config/file_schema.h"
#include "config/write_yaml.h"
#include "control/reference/markdown.h"
#include "control/reference/reference.h"
#include "control/reference/value_text.h"
#include "control/schema/built_in_at.h"

namespace outrigger::control::reference {
namespace {

using config::Field;
using config::Node;
using config::Shape;
using config::Type;
using Kind = config::Type::Kind;

// A free key stands as NAME where people read the path.
std::string shown(const std::string& path) {
  std::string out = path;
  for (size_t at = out.find(".*"); at != out.npos; at = out.find(".*")) out.replace(at, 2, ".NAME");
  return out;
}

std::string below(const std::string& path, const Type& type) {
  if (type.kind == Kind::Names) return below(path + ".*", *type.item);
  if (type.kind == Kind::List) return below(path + "[]", *type.item);
  return path;
}

struct Map {
  const Shape* shape;
  std::string path;
  Node builtIn;
};

// How the map behind a key is called in what may stand there.
using NameMap = std::string (*)(const std::string& path);

std::string linked(const std::string& path) {
  return "[" + code(path) + "](#" + anchorOf(path) + ")";
}

std::string plain(const std::string&) {
  return "a map";
}

/// Maps in the order in which they are met; one that two keys share is told once.
class Walk {
 public:
  Walk(const Shape& shape, const std::string& path, const Node& builtIn, NameMap nameMap)
      : nameMap_(nameMap), maps_{{&shape, path, builtIn}} {}

  size_t maps() const { return maps_.size(); }  // grows with keysOf()
  const Map& map(size_t i) const { return maps_[i]; }

  std::vector<KeyRow> keysOf(size_t i) {
    const Map map(maps_[i]);
    const Node builtIn = schema::builtInAt(map.path).value_or(map.builtIn);
    std::vector<KeyRow> rows;
    for (const Field& field : map.shape->fields) {
      const Node* value = builtIn.isMap() ? builtIn.find(field.key) : nullptr;
      const std::string path = (map.path.empty() ? "" : map.path + ".") + std::string(field.key);
      rows.push_back({.key = std::string(field.key),
                      .path = shown(path),
                      .value = valueText(field.type, nameOfMap(field, path, value)),
                      .builtIn = field.required ? "must be there" : builtInText(value),
                      .doc = std::string(field.doc)});
    }
    return rows;
  }

 private:
  // Of the map behind the field, which gets its turn.
  std::string nameOfMap(const Field& field, const std::string& path, const Node* value) {
    const Shape* shape = shapeBehind(field.type);
    if (shape == nullptr) return "";
    auto known = std::ranges::find(maps_, shape, &Map::shape);
    if (known == maps_.end()) {
      maps_.push_back({shape, below(path, field.type), value == nullptr ? Node() : *value});
      known = std::prev(maps_.end());
    }
    return nameMap_(shown(known->path));
  }

  NameMap nameMap_;
  std::vector<Map> maps_;
};

std::string refused(const Shape& shape) {
  if (shape.refused.empty()) return "";
  std::string text = "\nRefused here, with a sentence of their own:\n";
  for (const config::Refused& key : shape.refused) {
    text += "- " + code(key.key) + (key.later ? " (not in this version): " : ": ") + std::string(key.why) + "\n";
  }
  return text;
}

std::string written(Walk walk, const std::string& intro) {
  std::string text;
  for (size_t i = 0; i < walk.maps(); ++i) {
    if (!walk.map(i).path.empty()) text += "\n## " + code(shown(walk.map(i).path)) + "\n\n";
    if (i == 0) text += intro;
    Table table({"key", "what may stand there", "built-in", "what it means"});
    for (const KeyRow& row : walk.keysOf(i)) table.row({code(row.key), row.value, row.builtIn, row.doc});
    text += table.text() + refused(*walk.map(i).shape);
  }
  return text;
}

std::vector<std::string> stepsOf(std::string path) {
  for (size_t at = path.find("[]"); at != path.npos; at = path.find("[]")) path.erase(at, 2);
  std::vector<std::string> steps;
  std::istringstream in(path);
  for (std::string step; std::getline(in, step, '.');) steps.push_back(step);
  return steps;
}

// "retry.limit" and "policies.fragile.retry.limit" both lead to "policies.NAME.retry.limit".
bool leadsTo(const std::vector<std::string>& asked, const std::vector<std::string>& path) {
  if (asked.empty() || asked.size() > path.size()) return false;
  return std::equal(asked.rbegin(), asked.rend(), path.rbegin(),
                    [](const std::string& a, const std::string& b) { return a == b || b == "NAME"; });
}

}  // namespace

std::string keysOf(const Shape& shape, const std::string& path, const std::string& intro) {
  return written(Walk(shape, path, Node(), linked), intro);
}

std::vector<KeyRow> everyKey() {
  Walk walk(config::kFileShape, "", config::builtInFile(), plain);
  std::vector<KeyRow> all;
  for (size_t i = 0; i < walk.maps(); ++i) std::ranges::move(walk.keysOf(i), std::back_inserter(all));
  return all;
}

std::vector<KeyRow> keysCalled(const std::string& name) {
  const std::vector<std::string> asked = stepsOf(name);
  std::vector<KeyRow> found;
  for (KeyRow& row : everyKey()) {
    if (leadsTo(asked, stepsOf(row.path))) found.push_back(std::move(row));
  }
  return found;
}

std::string configKeys() {
  const Node file = config::builtInFile();
  std::string text = written(Walk(config::kFileShape, "", file, linked), "");
  text +=
      "\n## The built-in policy `inbound`\n\nIt holds for calls to the app, and takes from `default` what it does not "
      "say.\n\n";
  text += "```yaml\nversion: 1\npolicies:\n  inbound:\n";
  const std::string inbound = config::writeYaml(*file.find("policies")->find("inbound"));
  for (size_t at = 0; at < inbound.size();) {
    const size_t end = inbound.find('\n', at) + 1;
    text += "    " + inbound.substr(at, end - at);
    at = end;
  }
  return text + "```\n";
}

}  // namespace outrigger::control::reference
