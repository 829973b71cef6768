// Names in a row, and what there is, for messages about a name that stands for nothing. Pure.
#pragma once

#include <functional>
#include <string>

namespace outrigger::control {

/// "orders, payments" with ", " between them. `nameOf(each)` is a string.
template <class All, class NameOf = std::identity>
std::string joined(const All& all, const char* between, NameOf nameOf = {}) {
  std::string names;
  for (const auto& each : all) names += (names.empty() ? "" : between) + std::string(std::invoke(nameOf, each));
  return names;
}

/// "it has orders, payments", or "it has none".
template <class All, class NameOf>
std::string namesOf(const All& all, NameOf nameOf) {
  const std::string names = joined(all, ", ", nameOf);
  return names.empty() ? "it has none" : "it has " + names;
}

/// Of things that have a `name`.
template <class All>
std::string namesOf(const All& all) {
  return namesOf(all, [](const auto& each) { return each.name; });
}

}  // namespace outrigger::control
