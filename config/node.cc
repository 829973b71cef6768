#include "config/node.h"

#include <algorithm>
#include <variant>

namespace outrigger::config {

struct Node::Content {
  struct Text {
    std::string text;
    std::string written;  // only where the environment changed it
    bool quoted = false;
    bool replaced = false;
  };
  std::variant<Text, std::vector<Node>, std::vector<Entry>> value;
};

Node Node::scalar(std::string text, bool quoted, Origin origin) {
  return {Kind::Scalar, origin, std::make_shared<const Content>(Content::Text{std::move(text), {}, quoted, false})};
}

Node Node::list(std::vector<Node> items, Origin origin) {
  return {Kind::List, origin, std::make_shared<const Content>(std::move(items))};
}

Node Node::map(std::vector<Entry> entries, Origin origin) {
  return {Kind::Map, origin, std::make_shared<const Content>(std::move(entries))};
}

Node Node::replaced(std::string text) const {
  return {Kind::Scalar, origin_,
          std::make_shared<const Content>(Content::Text{std::move(text), std::string(written()), quoted(), true})};
}

Bytes Node::text() const {
  return isScalar() ? Bytes(std::get<Content::Text>(content_->value).text) : Bytes();
}

Bytes Node::written() const {
  return fromEnvironment() ? Bytes(std::get<Content::Text>(content_->value).written) : text();
}

bool Node::quoted() const {
  return isScalar() && std::get<Content::Text>(content_->value).quoted;
}

bool Node::fromEnvironment() const {
  return isScalar() && std::get<Content::Text>(content_->value).replaced;
}

std::span<const Node> Node::items() const {
  if (!isList()) return {};
  return std::get<std::vector<Node>>(content_->value);
}

std::span<const Node::Entry> Node::entries() const {
  if (!isMap()) return {};
  return std::get<std::vector<Entry>>(content_->value);
}

const Node::Entry* Node::entry(Bytes key) const {
  const auto all = entries();
  const auto found = std::ranges::find(all, key, &Entry::key);
  return found == all.end() ? nullptr : &*found;
}

const Node* Node::find(Bytes key) const {
  const Entry* found = entry(key);
  return found == nullptr ? nullptr : &found->value;
}

Node merge(const Node& base, const Node& over) {
  if (!base.isMap() || !over.isMap()) return over;
  std::vector<Node::Entry> entries(base.entries().begin(), base.entries().end());
  for (const Node::Entry& entry : over.entries()) {
    const auto known = std::ranges::find(entries, entry.key, &Node::Entry::key);
    if (known == entries.end()) {
      entries.push_back(entry);
    } else {
      *known = {entry.key, entry.place, merge(known->value, entry.value)};
    }
  }
  return Node::map(std::move(entries), over.origin());
}

Node with(const Node& map, Bytes key, const Node& value) {
  if (!map.isMap()) return map;
  std::vector<Node::Entry> entries(map.entries().begin(), map.entries().end());
  const auto known = std::ranges::find(entries, key, &Node::Entry::key);
  if (known == entries.end()) {
    entries.push_back({std::string(key), value.place(), value});
  } else {
    known->value = value;
  }
  return Node::map(std::move(entries), map.origin());
}

Node without(const Node& map, Bytes key) {
  std::vector<Node::Entry> entries;
  for (const Node::Entry& entry : map.entries()) {
    if (entry.key != key) entries.push_back(entry);
  }
  return map.isMap() ? Node::map(std::move(entries), map.origin()) : map;
}

}  // namespace outrigger::config
