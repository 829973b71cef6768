#include "proxy/http/message.h"

#include <algorithm>
#include <functional>

namespace outrigger::http {

const Field* FieldList::find(Header id) const {
  for (const Field& field : *this) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

const Field* FieldList::find(Bytes name) const {
  for (const Field& field : *this) {
    if (equalsIgnoreCase(field.name, name)) return &field;
  }
  return nullptr;
}

size_t FieldList::count(Header id) const {
  return static_cast<size_t>(std::ranges::count(*this, id, &Field::id));
}

Bytes FieldList::value(Header id) const {
  const Field* field = find(id);
  return field != nullptr ? field->value : Bytes();
}

bool FieldList::add(Header id, Bytes name, Bytes value) {
  if (size_ == capacity_ && !grow(std::max<size_t>(16, capacity_ * 2))) return false;
  data_[size_++] = {id, name, value};
  return true;
}

bool FieldList::set(Bytes name, Bytes value) {
  remove(name);
  return add(name, value);
}

bool FieldList::set(Header id, Bytes value) {
  remove(id);
  return add(id, value);
}

void FieldList::remove(Header id) {
  removeIf([id](const Field& field) { return field.id == id; });
}

void FieldList::remove(Bytes name) {
  removeIf([name](const Field& field) { return equalsIgnoreCase(field.name, name); });
}

bool FieldList::grow(size_t capacity) {
  if (arena_ == nullptr) return false;
  const std::span<Field> larger = arena_->array<Field>(capacity);
  std::ranges::copy(*this, larger.begin());
  data_ = larger.data();
  capacity_ = capacity;
  return true;
}

Bytes versionText(Version version) {
  switch (version) {
    case Version::Http10: return "HTTP/1.0";
    case Version::Http11: return "HTTP/1.1";
    case Version::Http2: break;
  }
  return "HTTP/2";
}

RequestHead RequestHead::copyTo(Arena& arena) const {
  constexpr size_t kSpare = 8;  // fields that the proxy itself adds
  RequestHead copy = *this;
  copy.raw = arena.copy(raw);
  const auto moved = [&](Bytes view) {
    if (view.empty()) return Bytes();
    const bool inRaw = std::less_equal<>()(raw.data(), view.data()) &&
                       std::less_equal<>()(view.data() + view.size(), raw.data() + raw.size());
    return inRaw ? Bytes(copy.raw.data() + (view.data() - raw.data()), view.size()) : arena.copy(view);
  };
  copy.methodText = moved(methodText);
  copy.authority = moved(authority);
  copy.path = moved(path);
  copy.query = moved(query);
  copy.upgrade = moved(upgrade);
  copy.fields = FieldList(arena);
  copy.fields.reserve(fields.size() + kSpare);
  for (const Field& field : fields) copy.fields.add(field.id, moved(field.name), moved(field.value));
  return copy;
}

}  // namespace outrigger::http
