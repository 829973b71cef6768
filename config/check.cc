// check() of schema.h: a tree against its table.
#include <algorithm>
#include <unordered_set>

#include "config/judge.h"
#include "config/key_path.h"
#include "config/nearest.h"
#include "config/schema.h"
#include "config/texts.h"

namespace outrigger::config {
namespace {

Bytes kindName(const Node& node) {
  return node.isList() ? "a list" : node.isMap() ? "a map" : "one value";
}

std::string keysOf(const Shape& shape) {
  std::string out;
  for (const Field& field : shape.fields) out += (out.empty() ? "" : ", ") + std::string(field.key);
  return out;
}

// The map that one value probably stands for: with the first key where it would be sound.
std::string mapMeant(const Node& node, const Shape& shape) {
  if (!node.isScalar() || meansOff(node.text())) return {};
  for (const Field& field : shape.fields) {
    const bool telling = field.type.kind != Type::Kind::Text && field.type.kind < Type::Kind::Map;
    if (!telling || judge(node.text(), field.type)) continue;
    return "{" + std::string(field.key) + ": " + std::string(node.written()) + "}";
  }
  return {};
}

class Checker {
 public:
  Checker(const Type& root, Diagnostics& diagnostics) : root_(root), diagnostics_(diagnostics) {}

  Node value(const Node& node, const Type& type, Subject subject);

 private:
  Node scalar(const Node& node, const Type& type, Subject subject);
  Node map(const Node& node, const Type& type, Subject subject);
  Node oneForMap(const Node& node, const Type& type, Subject subject);
  Node fields(const Node& node, const Shape& shape);
  Node names(const Node& node, const Type& type, Subject subject);
  Node list(const Node& node, const Type& type, Subject subject);
  void unknownKey(const Node::Entry& entry, const Shape& shape);
  void wrongKind(const Node& node, Subject subject, const std::string& needs, std::string tryText = {});
  Node notAMap(const Node& node, const Type& type, Subject subject);

  const Type& root_;
  Diagnostics& diagnostics_;
};

Node Checker::value(const Node& node, const Type& type, Subject subject) {
  if (node.isInvalid()) return node;
  if (node.kind() == Node::Kind::Null) {
    diagnostics_.report(Code::NoValue, node.place(), "nothing stands behind " + subject.text(),
                        type.none ? subject.line("none") : "");
    return Node::invalid(node.origin());
  }
  if ((type.none && node.is("none")) || (type.automatic && node.is("auto"))) return node;
  switch (type.kind) {
    case Type::Kind::Map: return map(node, type, subject);
    case Type::Kind::Names: return names(node, type, subject);
    case Type::Kind::List: return list(node, type, subject);
    case Type::Kind::Any: return node;
    default: return scalar(node, type, subject);
  }
}

Node Checker::scalar(const Node& node, const Type& type, Subject subject) {
  if (!node.isScalar()) {
    const auto items = node.items();
    const bool bracketed =
        type.kind == Type::Kind::Address && items.size() == 1 && items[0].text().find(':') != Bytes::npos;
    const std::string address = bracketed ? "\"[" + std::string(items[0].text()) + "]:8080\"" : "";
    wrongKind(node, subject, bracketed ? "an address in quotes" : "one value", bracketed ? subject.line(address) : "");
    return Node::invalid(node.origin());
  }
  auto slip = judge(node.text(), type);
  if (!slip) return node;
  std::string message = subject.text() + " " + slip->what;
  if (node.fromEnvironment() && type.kind == Type::Kind::Text) {  // a free text may be a secret
    message += "; its value comes from the environment";
    slip->tryText.clear();
  } else if (node.fromEnvironment()) {
    message += "; the environment makes it " + inQuotes(node.text());
  }
  diagnostics_.report(slip->code, node.place(), message, slip->tryText.empty() ? "" : subject.line(slip->tryText));
  return Node::invalid(node.origin());
}

Node Checker::notAMap(const Node& node, const Type& type, Subject subject) {
  if (node.isScalar() && meansOff(node.text()) && (type.none || !type.insteadOf.empty())) {
    const Bytes off = type.none ? Bytes("none") : type.insteadOf;
    diagnostics_.report(Code::WrongKind, node.place(), subject.text() + " is not switched off this way",
                        subject.line(off));
  } else {
    const bool on = type.automatic && node.isScalar() && meansOn(node.text());
    const std::string meant = on ? "auto" : mapMeant(node, *type.shape);
    const std::string needs = type.automatic ? "`auto`, `none` or a map" : type.one ? "one value or a map" : "a map";
    const std::string keys = type.one ? "" : "a map with some of: " + keysOf(*type.shape);
    wrongKind(node, subject, needs, meant.empty() ? keys : subject.line(meant));
  }
  return Node::invalid(node.origin());
}

Node Checker::map(const Node& node, const Type& type, Subject subject) {
  const Field* shortFor = type.shortFor.empty() ? nullptr : type.shape->find(type.shortFor);
  if (node.isScalar() && shortFor != nullptr) {
    const Node only = scalar(node, shortFor->type, subject);
    if (only.isInvalid()) return only;
    return Node::map({{std::string(type.shortFor), node.place(), only}}, node.origin());
  }
  if (node.isScalar() && type.one != nullptr) return oneForMap(node, type, subject);
  return node.isMap() ? fields(node, *type.shape) : notAMap(node, type, subject);
}

Node Checker::oneForMap(const Node& node, const Type& type, Subject subject) {
  const auto slip = judge(node.text(), *type.one);
  if (!slip) return node;
  const Field* key = type.shape->find(node.text());
  const std::string meant =
      key == nullptr || key->example.empty() ? mapMeant(node, *type.shape) : "{" + std::string(key->example) + "}";
  if (meant.empty()) return scalar(node, *type.one, subject);
  wrongKind(node, subject, "a map to say so", subject.line(meant));
  return Node::invalid(node.origin());
}

Node Checker::fields(const Node& node, const Shape& shape) {
  std::vector<Node::Entry> sound;
  for (const Node::Entry& entry : node.entries()) {
    const Field* field = shape.find(entry.key);
    if (field == nullptr) {
      unknownKey(entry, shape);
    } else {
      sound.push_back({entry.key, entry.place, value(entry.value, field->type, {entry.key})});
    }
  }
  for (const Field& field : shape.fields) {
    if (!field.required || node.find(field.key) != nullptr) continue;
    diagnostics_.report(Code::MissingKey, node.place(),
                        std::string(shape.name) + " needs the key " + inQuotes(field.key), std::string(field.example));
  }
  return Node::map(std::move(sound), node.origin());
}

void Checker::unknownKey(const Node::Entry& entry, const Shape& shape) {
  const auto refused = std::ranges::find(shape.refused, Bytes(entry.key), &Refused::key);
  if (refused != shape.refused.end()) {
    const Code code = refused->later ? Code::NotInThisVersion : Code::UnknownKey;
    const std::string verdict = refused->later ? " is not in this version: " : " does not belong here: ";
    return diagnostics_.report(code, entry.place, inQuotes(entry.key) + verdict + std::string(refused->why));
  }
  std::vector<Bytes> keys;
  for (const Field& field : shape.fields) keys.push_back(field.key);
  std::string tryText;
  if (diagnostics_.full()) return;
  if (const auto near = nearest(entry.key, keys)) {
    tryText = *near;
  } else if (const std::string path = pathOfKey(root_, entry.key); !path.empty()) {
    tryText = path;
  } else if (shape.fields.size() <= 12) {
    tryText = (shape.fields.size() == 1 ? "" : "one of ") + keysOf(shape);
  }
  diagnostics_.report(Code::UnknownKey, entry.place, std::string(shape.name) + " has no key " + inQuotes(entry.key),
                      tryText);
}

Node Checker::names(const Node& node, const Type& type, Subject subject) {
  if (!node.isMap()) {
    wrongKind(node, subject, "a map of names", node.isList() ? subject.line("{NAME: ...}, without `- `") : "");
    return Node::invalid(node.origin());
  }
  std::vector<Node::Entry> sound;
  std::unordered_set<std::string> seen;  // in lower case
  for (const Node::Entry& entry : node.entries()) {
    if (auto slip = type.textCheck == nullptr ? std::nullopt : type.textCheck(entry.key)) {
      diagnostics_.report(slip->code, entry.place, "the name " + inQuotes(entry.key) + " " + slip->what, slip->tryText);
    } else if (type.caseless && !seen.insert(lowered(entry.key)).second) {
      diagnostics_.report(Code::DuplicateKey, entry.place, "the name " + inQuotes(entry.key) + " stands here twice");
    } else {
      sound.push_back({entry.key, entry.place, value(entry.value, *type.item, {entry.key})});
    }
  }
  return Node::map(std::move(sound), node.origin());
}

Node Checker::list(const Node& node, const Type& type, Subject subject) {
  if (!node.isList() && !type.single) {
    const bool one = node.isScalar() && type.item->kind != Type::Kind::Map && !meansOff(node.text());
    wrongKind(node, subject, "a list, as [...] or as lines that begin with `- `",
              one ? subject.line("[" + std::string(node.written().substr(0, 60)) + "]") : "");
    return Node::invalid(node.origin());
  }
  const auto items = node.isList() ? node.items() : std::span(&node, 1);
  const auto count = static_cast<int64_t>(items.size());
  if (count < type.min || count > type.max) {
    diagnostics_.report(
        Code::WrongCount, node.place(),
        subject.text() + (count < type.min ? " needs at least " + std::to_string(type.min) + " entry"
                                           : " has more than " + std::to_string(type.max) + " entries"));
    return Node::invalid(node.origin());
  }
  std::vector<Node> sound;
  for (const Node& item : items) sound.push_back(value(item, *type.item, {subject.name, node.isList()}));
  return Node::list(std::move(sound), node.origin());
}

void Checker::wrongKind(const Node& node, Subject subject, const std::string& needs, std::string tryText) {
  diagnostics_.report(Code::WrongKind, node.place(),
                      subject.text() + " needs " + needs + "; here stands " + std::string(kindName(node)),
                      std::move(tryText));
}

}  // namespace

const Field* Shape::find(Bytes key) const {
  const auto found = std::ranges::find(fields, key, &Field::key);
  return found == fields.end() ? nullptr : &*found;
}

Node check(const Node& value, const Type& type, Bytes name, Diagnostics& diagnostics) {
  return Checker(type, diagnostics).value(value, type, {name});
}

}  // namespace outrigger::config
