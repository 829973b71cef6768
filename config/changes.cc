#include "config/changes.h"

#include <map>

namespace outrigger::config {
namespace {

using ByPath = std::map<std::string_view, const EffectiveValue*>;

ByPath byPath(std::span<const EffectiveValue> values) {
  ByPath found;
  for (const EffectiveValue& value : values) found.emplace(value.path, &value);
  return found;
}

}  // namespace

std::vector<Change> changesBetween(std::span<const EffectiveValue> before, std::span<const EffectiveValue> after) {
  const ByPath old = byPath(before);
  const ByPath now = byPath(after);
  std::vector<Change> changes;
  for (const EffectiveValue& value : after) {
    const auto was = old.find(value.path);
    if (was == old.end()) {
      changes.push_back({value.path, std::nullopt, value.value, value.origin});
    } else if (was->second->value != value.value) {
      changes.push_back({value.path, was->second->value, value.value, value.origin});
    }
  }
  for (const EffectiveValue& value : before) {
    if (!now.contains(value.path)) changes.push_back({value.path, value.value, std::nullopt, value.origin});
  }
  return changes;
}

}  // namespace outrigger::config
