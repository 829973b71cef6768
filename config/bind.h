// The other half of schema.h: from a sound Node into the members of a struct. An overload of assign() for each type
// that a member may have; pure.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "proxy/policy/settings.h"

namespace outrigger::config {

namespace detail {

template <class T>
inline constexpr char kTag = 0;

template <class>
struct MemberOf;
template <class Class, class T>
struct MemberOf<T Class::*> {
  using Object = Class;
};

void fillStruct(void* object, const Node& value, const Shape& shape);

/// The position of a word in its type's list: the value of the enum that it stands for.
size_t wordIndex(const Node& value, const Type& type);

/// Whether the value says that an optional member has none. Of a map, `auto` says that everything is at its default.
bool saysNothing(const Node& value, const Type& type);

}  // namespace detail

void assign(bool& target, const Node& value, const Type& type);
void assign(uint16_t& target, const Node& value, const Type& type);
void assign(uint32_t& target, const Node& value, const Type& type);
void assign(uint64_t& target, const Node& value, const Type& type);
void assign(double& target, const Node& value, const Type& type);
void assign(Duration& target, const Node& value, const Type& type);
void assign(std::string& target, const Node& value, const Type& type);
void assign(Address& target, const Node& value, const Type& type);
void assign(Node& target, const Node& value, const Type& type);
void assign(policy::AutoDuration& target, const Node& value, const Type& type);
void assign(policy::BalanceSettings& target, const Node& value, const Type& type);
void assign(policy::HashKey& target, const Node& value, const Type& type);
void assign(policy::FailureKinds& target, const Node& value, const Type& type);
void assign(http::MethodSet& target, const Node& value, const Type& type);

/// An enum whose values stand in the order of the type's words.
template <class T>
requires std::is_enum_v<T>
void assign(T& target, const Node& value, const Type& type) {
  target = static_cast<T>(detail::wordIndex(value, type));
}

/// A struct with a shape. A member `place` gets the place of the map.
template <class T>
requires std::is_class_v<T>
void assign(T& target, const Node& value, const Type& type) {
  assert(type.shape->structTag == &detail::kTag<T>);
  if constexpr (requires { target.place = Place{}; }) target.place = value.place();
  detail::fillStruct(&target, value, *type.shape);
}

/// nullopt stands for `none` or, where only that is allowed, for `auto`.
template <class T>
void assign(std::optional<T>& target, const Node& value, const Type& type) {
  target.reset();
  if (!detail::saysNothing(value, type)) assign(target.emplace(), value, type);
}

template <class T>
void assign(std::vector<T>& target, const Node& value, const Type& type) {
  target.clear();
  for (const Node& item : value.items()) {
    if (!item.isInvalid()) assign(target.emplace_back(), item, *type.item);
  }
}

/// A map with free keys, in the order of the file.
template <class T>
void assign(std::vector<std::pair<std::string, T>>& target, const Node& value, const Type& type) {
  target.clear();
  for (const Node::Entry& entry : value.entries()) {
    if (entry.value.isInvalid()) continue;
    target.emplace_back(entry.key, T{});
    assign(target.back().second, entry.value, *type.item);
  }
}

/// The Store of one member.
template <auto Member>
inline constexpr Store into = [](void* object, const Node& value, const Type& type) {
  using Object = typename detail::MemberOf<decltype(Member)>::Object;
  assign(static_cast<Object*>(object)->*Member, value, type);
};

/// A shape whose fields fill a T.
template <class T>
constexpr Shape shapeOf(Bytes name, std::span<const Field> fields, std::span<const Refused> refused = {}) {
  return {name, fields, refused, &detail::kTag<T>};
}

/// Puts the values of a sound map into the struct. Keys that are missing or Invalid leave their members alone.
template <class T>
void fill(T& target, const Node& value, const Shape& shape) {
  assert(shape.structTag == &detail::kTag<T>);
  detail::fillStruct(&target, value, shape);
}

}  // namespace outrigger::config
