#include "config/bind.h"

#include <algorithm>

#include "config/texts.h"

namespace outrigger::config {
namespace {

// What check() has let through can be read.
template <class T>
T sound(const Reading<T>& reading) {
  assert(reading.has_value() && "fill() was given a value that check() refuses");
  return *reading;
}

uint64_t number(const Node& value, const Type& type) {
  return type.kind == Type::Kind::Size ? sound(readSize(value.text())) : sound(readInteger(value.text()));
}

void addFailure(policy::FailureKinds& kinds, Bytes word) {
  if (word == "unsent") {
    kinds.unsent = true;
  } else if (word == "reset") {
    kinds.reset = true;
  } else if (word == "timeout") {
    kinds.timeout = true;
  } else if (word.ends_with("xx")) {
    kinds.statuses.addClass(word.front() - '0');
  } else if (const auto status = parseDecimal(word, 599)) {
    kinds.statuses.add(static_cast<uint16_t>(*status));
  }
}

}  // namespace

void assign(bool& target, const Node& value, const Type&) {
  target = value.is("true");
}

void assign(uint16_t& target, const Node& value, const Type& type) {
  target = static_cast<uint16_t>(number(value, type));
}

void assign(uint32_t& target, const Node& value, const Type& type) {
  target = static_cast<uint32_t>(number(value, type));
}

void assign(uint64_t& target, const Node& value, const Type& type) {
  target = number(value, type);
}

void assign(double& target, const Node& value, const Type& type) {
  target = type.kind == Type::Kind::Percent ? sound(readPercent(value.text()))
                                            : static_cast<double>(sound(readInteger(value.text())));
}

void assign(Duration& target, const Node& value, const Type&) {
  target = sound(readDuration(value.text()));
}

void assign(std::string& target, const Node& value, const Type&) {
  target = std::string(value.text());
}

void assign(Address& target, const Node& value, const Type& type) {
  target = sound(readAddress(value.text(), type.use));
}

void assign(Node& target, const Node& value, const Type&) {
  target = value;
}

void assign(policy::AutoDuration& target, const Node& value, const Type&) {
  if (value.is("auto")) {
    target = policy::AutoDuration::automatic();
  } else if (value.is("none")) {
    target = policy::AutoDuration::none();
  } else {
    target = policy::AutoDuration::fixed(sound(readDuration(value.text())));
  }
}

void assign(policy::BalanceSettings& target, const Node& value, const Type& type) {
  target = {};
  if (value.isMap()) {
    target.kind = policy::Balance::Hash;
    detail::fillStruct(&target, value, *type.shape);
  } else {
    target.kind = static_cast<policy::Balance>(detail::wordIndex(value, *type.one));
  }
}

void assign(policy::HashKey& target, const Node& value, const Type&) {
  target = {};
  if (const Node* header = value.find("header"); header != nullptr && header->isScalar()) {
    target.from = policy::HashKey::From::Header;
    target.name = lowered(header->text());
  }
  if (const Node* cookie = value.find("cookie"); cookie != nullptr && cookie->isScalar()) {
    target.from = policy::HashKey::From::Cookie;
    target.name = std::string(cookie->text());
  }
  if (const Node* ttl = value.find("ttl"); ttl != nullptr && ttl->isScalar() && !ttl->is("none")) {
    target.ttl = sound(readDuration(ttl->text()));
  }
}

void assign(policy::FailureKinds& target, const Node& value, const Type&) {
  target = {.unsent = false, .reset = false, .timeout = false, .statuses = {}};
  for (const Node& item : value.items()) {
    if (item.isScalar()) addFailure(target, item.text());
  }
}

void assign(http::MethodSet& target, const Node& value, const Type&) {
  target = {};
  for (const Node& item : value.items()) {
    if (item.isScalar()) target.add(http::methodOf(item.text()));
  }
}

namespace detail {

void fillStruct(void* object, const Node& value, const Shape& shape) {
  for (const Node::Entry& entry : value.entries()) {
    const Field* field = shape.find(entry.key);
    if (field == nullptr || field->store == nullptr || entry.value.isInvalid()) continue;
    field->store(object, entry.value, field->type);
  }
}

size_t wordIndex(const Node& value, const Type& type) {
  const auto found = std::ranges::find(type.words, value.text(), &Word::text);
  assert(found != type.words.end());
  return static_cast<size_t>(found - type.words.begin());
}

bool saysNothing(const Node& value, const Type& type) {
  const bool leftOpen = type.automatic && type.kind != Type::Kind::Map;
  return (type.none && value.is("none")) || (leftOpen && value.is("auto"));
}

}  // namespace detail
}  // namespace outrigger::config
