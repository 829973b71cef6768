#include <algorithm>
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

/// Maps in the order in which they are met; one that two keys share is told once.
class Writer {
 public:
  std::string write(const Shape& shape, const std::string& path, const Node& builtIn, const std::string& intro = "") {
    waiting_.push_back({&shape, path, builtIn});
    for (size_t i = 0; i < waiting_.size(); ++i) section(Waiting(waiting_[i]), i == 0 ? intro : "");
    return text_;
  }

 private:
  struct Waiting {
    const Shape* shape;
    std::string path;
    Node builtIn;
  };

  void section(const Waiting& map, const std::string& intro) {
    const Node builtIn = schema::builtInAt(map.path).value_or(map.builtIn);
    if (!map.path.empty()) text_ += "\n## " + code(shown(map.path)) + "\n\n";
    text_ += intro;
    Table table({"key", "what may stand there", "built-in", "what it means"});
    for (const Field& field : map.shape->fields) {
      const Node* value = builtIn.isMap() ? builtIn.find(field.key) : nullptr;
      table.row({code(field.key), valueText(field.type, link(field, map.path, value)),
                 field.required ? "must be there" : builtInText(value), std::string(field.doc)});
    }
    text_ += table.text();
    refused(*map.shape);
  }

  // Of the map behind the field, which gets its turn.
  std::string link(const Field& field, const std::string& path, const Node* value) {
    const Shape* shape = shapeBehind(field.type);
    if (shape == nullptr) return "";
    auto known = std::ranges::find(waiting_, shape, &Waiting::shape);
    if (known == waiting_.end()) {
      const std::string own = below((path.empty() ? "" : path + ".") + std::string(field.key), field.type);
      waiting_.push_back({shape, own, value == nullptr ? Node() : *value});
      known = std::prev(waiting_.end());
    }
    const std::string name = shown(known->path);
    return "[" + code(name) + "](#" + anchorOf(name) + ")";
  }

  void refused(const Shape& shape) {
    if (shape.refused.empty()) return;
    text_ += "\nRefused here, with a sentence of their own:\n";
    for (const config::Refused& key : shape.refused) {
      text_ += "- " + code(key.key) + (key.later ? " (not in this version): " : ": ") + std::string(key.why) + "\n";
    }
  }

  std::vector<Waiting> waiting_;
  std::string text_;
};

}  // namespace

std::string keysOf(const Shape& shape, const std::string& path, const std::string& intro) {
  return Writer().write(shape, path, Node(), intro);
}

std::string configKeys() {
  const Node file = config::builtInFile();
  std::string text = Writer().write(config::kFileShape, "", file);
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
