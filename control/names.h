// What there is, for messages about a name that stands for nothing. Pure.
#pragma once

#include <string>

namespace outrigger::control {

/// "it has orders, payments", or "it has none". `nameOf(each)` is a string.
template <class All, class NameOf>
std::string namesOf(const All& all, NameOf nameOf) {
  std::string names;
  for (const auto& each : all) names += (names.empty() ? "" : ", ") + std::string(nameOf(each));
  return names.empty() ? "it has none" : "it has " + names;
}

/// Of things that have a `name`.
template <class All>
std::string namesOf(const All& all) {
  return namesOf(all, [](const auto& each) { return each.name; });
}

}  // namespace outrigger::control
