// A YAML value with the place where it stands, so that every message and every effective value can tell where it comes
// from. Immutable; a copy shares the content and costs one atomic count, so that policies merge without copying trees.
// Any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/place.h"
#include "proxy/base/bytes.h"

namespace outrigger::config {

/// Who wrote a value.
enum class Source : uint8_t { File, BuiltIn };

struct Origin {
  Place place;
  Source source = Source::File;
};

class Node {
 public:
  enum class Kind : uint8_t {
    Null,    ///< nothing was written
    Scalar,  ///< a text; its type follows from the key
    List,
    Map,      ///< entries in the order of the file, each key once
    Invalid,  ///< something that has been reported already: nothing more is said about it
  };
  struct Entry;

  Node() = default;
  static Node null(Origin origin) { return Node(Kind::Null, origin, nullptr); }
  static Node invalid(Origin origin) { return Node(Kind::Invalid, origin, nullptr); }
  static Node scalar(std::string text, bool quoted, Origin origin);
  static Node list(std::vector<Node> items, Origin origin);
  static Node map(std::vector<Entry> entries, Origin origin);

  /// This scalar with another text, as the environment gives it; written() stays.
  Node replaced(std::string text) const;

  Kind kind() const { return kind_; }
  bool isScalar() const { return kind_ == Kind::Scalar; }
  bool isList() const { return kind_ == Kind::List; }
  bool isMap() const { return kind_ == Kind::Map; }
  bool isInvalid() const { return kind_ == Kind::Invalid; }
  /// A scalar of exactly this text.
  bool is(Bytes word) const { return isScalar() && text() == word; }

  Place place() const { return origin_.place; }
  Source source() const { return origin_.source; }
  Origin origin() const { return origin_; }

  /// Of a scalar; empty for others. Views live as long as any copy of the node.
  Bytes text() const;
  /// The text as the file has it, before the environment was put in.
  Bytes written() const;
  bool quoted() const;
  bool fromEnvironment() const;

  /// Of a list; empty for others.
  std::span<const Node> items() const;
  /// Of a map; empty for others.
  std::span<const Entry> entries() const;
  /// The value of a map's key, or nullptr.
  const Node* find(Bytes key) const;
  const Entry* entry(Bytes key) const;

 private:
  struct Content;
  Node(Kind kind, Origin origin, std::shared_ptr<const Content> content)
      : kind_(kind), origin_(origin), content_(std::move(content)) {}

  Kind kind_ = Kind::Null;
  Origin origin_;
  std::shared_ptr<const Content> content_;  // of scalars, lists and maps
};

struct Node::Entry {
  std::string key;
  Place place;  ///< of the key
  Node value;
};

/// `over` on top of `base`: maps merge key by key, everything else of `over` replaces. Keys keep the order of `base`,
/// new ones follow.
Node merge(const Node& base, const Node& over);

/// The map with one value put in or replaced; other kinds come back unchanged.
Node with(const Node& map, Bytes key, const Node& value);

/// The map without that key.
Node without(const Node& map, Bytes key);

}  // namespace outrigger::config
