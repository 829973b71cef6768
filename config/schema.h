// The shape of a config file as data: which keys a map has, what may stand there, which member of which struct takes
// it, and what it means. One table gives the checks, the nearest valid key of a message, the parsed structs, and the
// pages and schemas that describe the format. Constants; any thread.
//
//   constexpr Field kFields[] = {
//       {"requests", integer(1, 1'000'000), "Requests that may pass in each period.", into<&Settings::requests>, true,
//        "requests: 100"},
//       {"per", duration(1ms, 1h), "The period.", into<&Settings::per>},
//   };
//   constexpr Shape kShape = shapeOf<Settings>("local-rate-limit", kFields);
//
// check() reports whatever does not fit and returns the part that does; fill() puts that part into a struct, and leaves
// members alone whose key is not there.
#pragma once

#include <span>

#include "config/diagnostic.h"
#include "config/node.h"
#include "config/quantity.h"

namespace outrigger::config {

struct Shape;
struct Type;

/// Puts a sound value into a member of `object`, which is of the struct that the shape describes.
using Store = void (*)(void* object, const Node& value, const Type& type);

/// What is wrong with a text, or nothing.
using TextCheck = std::optional<Slip> (*)(Bytes text);

/// A word of the format. `later` is empty, or says what this version cannot do yet.
struct Word {
  Bytes text;
  Bytes later = {};
};

/// What may stand behind a key.
struct Type {
  enum class Kind : uint8_t {
    Text,      ///< judged by textCheck
    Word,      ///< one of words
    Boolean,   ///< true or false
    Integer,   ///< from min to max
    Percent,   ///< from min to max, in percent
    Duration,  ///< from min to max, in nanoseconds
    Size,      ///< from min to max, in octets
    Address,
    Map,    ///< of a Shape
    Names,  ///< a map with free keys: keys judged by textCheck, values of type item
    List,   ///< of item; min to max entries
    Any,    ///< whatever it is, somebody else judges it
  };

  Kind kind = Kind::Any;
  bool none = false;       ///< `none` may stand there as well
  bool automatic = false;  ///< `auto` may stand there as well; for a map: all that it can say is left at its defaults
  bool single = false;     ///< List: one value stands for a list of it
  bool caseless = false;   ///< Names: keys that differ only in case are the same
  AddressUse use = AddressUse::Call;
  int64_t min = 0;
  int64_t max = 0;
  TextCheck textCheck = nullptr;
  std::span<const Word> words{};
  const Shape* shape = nullptr;
  const Type* item = nullptr;
  Bytes shortFor{};           ///< Map: a single value stands for a map with this key
  const Type* one = nullptr;  ///< Map: a single value of this type may stand there as well
  Bytes insteadOf{};          ///< Map: what to write instead of `none`

  constexpr Type orNone() const {
    Type t = *this;
    t.none = true;
    return t;
  }
  constexpr Type orAuto() const {
    Type t = *this;
    t.automatic = true;
    return t;
  }
  constexpr Type orSingle() const {
    Type t = *this;
    t.single = true;
    return t;
  }
  constexpr Type orShort(Bytes key) const {
    Type t = *this;
    t.shortFor = key;
    return t;
  }
  constexpr Type anyCase() const {
    Type t = *this;
    t.caseless = true;
    return t;
  }
  constexpr Type orOne(const Type& type) const {
    Type t = *this;
    t.one = &type;
    return t;
  }
  constexpr Type instead(Bytes text) const {
    Type t = *this;
    t.insteadOf = text;
    return t;
  }
};

struct Field {
  Bytes key;
  Type type;
  Bytes doc;  ///< one sentence
  Store store = nullptr;
  bool required = false;
  Bytes example{};  ///< of a required one, as it could stand in the file
};

/// A key that is known and refused with a sentence of its own.
struct Refused {
  Bytes key;
  Bytes why;
  bool later = true;  ///< it belongs to the format, but not to this version; else it belongs elsewhere
};

struct Shape {
  Bytes name;  ///< as messages call such a map
  std::span<const Field> fields;
  std::span<const Refused> refused;
  const void* structTag;  ///< which struct fill() fills

  const Field* find(Bytes key) const;
};

constexpr Type text(TextCheck check) {
  return {.kind = Type::Kind::Text, .textCheck = check};
}
constexpr Type word(std::span<const Word> words) {
  return {.kind = Type::Kind::Word, .words = words};
}
constexpr Type boolean() {
  return {.kind = Type::Kind::Boolean};
}
constexpr Type integer(int64_t min, int64_t max) {
  return {.kind = Type::Kind::Integer, .min = min, .max = max};
}
constexpr Type percent(int64_t min = 0) {
  return {.kind = Type::Kind::Percent, .min = min, .max = 100};
}
constexpr Type duration(Duration min, Duration max) {
  return {.kind = Type::Kind::Duration, .min = min.count(), .max = max.count()};
}
constexpr Type size(int64_t min, int64_t max) {
  return {.kind = Type::Kind::Size, .min = min, .max = max};
}
constexpr Type address(AddressUse use) {
  return {.kind = Type::Kind::Address, .use = use};
}
constexpr Type map(const Shape& shape) {
  return {.kind = Type::Kind::Map, .shape = &shape};
}
constexpr Type names(TextCheck key, const Type& item) {
  return {.kind = Type::Kind::Names, .textCheck = key, .item = &item};
}
constexpr Type list(const Type& item, int64_t min, int64_t max) {
  return {.kind = Type::Kind::List, .min = min, .max = max, .item = &item};
}
constexpr Type any() {
  return {.kind = Type::Kind::Any};
}

/// Reports whatever of `value` does not fit `type`; `name` is its key, empty for the file itself. Returns the sound
/// part in its long form: what was reported is Invalid, or gone if its key is unknown; a short form (`single`,
/// `shortFor`) has become the list or map that it stands for.
Node check(const Node& value, const Type& type, Bytes name, Diagnostics& diagnostics);

}  // namespace outrigger::config
