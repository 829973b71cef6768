#include "control/inject/patch.h"

namespace outrigger::control::inject {
namespace {

using Pointer = Patch::Json::json_pointer;

Pointer pointerTo(Patch::Path path) {
  Pointer pointer;
  for (const std::string& key : path) pointer.push_back(key);
  return pointer;
}

bool isThere(const Patch::Json& document, const Pointer& pointer) {
  return document.contains(pointer) && !document.at(pointer).is_null();
}

}  // namespace

void Patch::set(Path path, Json value) {
  set(pointerTo(path), std::move(value));
}

void Patch::insert(Path list, size_t index, Json item) {
  insert(pointerTo(list), index, std::move(item));
}

void Patch::append(Path list, Json item) {
  const Pointer pointer = pointerTo(list);
  insert(pointer, sizeOf(pointer), std::move(item));
}

void Patch::append(Path list, size_t index, const std::string& key, Json item) {
  Pointer pointer = pointerTo(list);
  pointer.push_back(std::to_string(index));
  pointer.push_back(key);
  insert(pointer, sizeOf(pointer), std::move(item));
}

void Patch::set(const Pointer& pointer, Json value) {
  const Pointer parent = pointer.parent_pointer();
  if (!parent.empty() && !isThere(document_, parent)) set(parent, Json::object());
  const bool known = document_.contains(pointer);
  if (known && document_.at(pointer) == value) return;
  step(known ? "replace" : "add", pointer, value);
  document_[pointer] = std::move(value);
}

void Patch::insert(const Pointer& list, size_t index, Json item) {
  if (!isThere(document_, list)) return set(list, Json::array({std::move(item)}));
  step("add", list / index, item);
  Json& items = document_.at(list);
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(item));
}

size_t Patch::sizeOf(const Pointer& list) const {
  return isThere(document_, list) ? document_.at(list).size() : 0;
}

void Patch::step(const char* operation, const Pointer& where, const Json& value) {
  steps_.push_back({{"op", operation}, {"path", where.to_string()}, {"value", value}});
}

}  // namespace outrigger::control::inject
