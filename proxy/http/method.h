// Request methods (RFC 9110 §9). Those without a word of their own here travel as Other, with their text.
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/base/bytes.h"

namespace outrigger::http {

enum class Method : uint8_t { Get, Head, Post, Put, Delete, Options, Trace, Patch, Connect, Other };

/// Methods are case-sensitive; an unknown one is Other.
Method methodOf(Bytes name);

/// The name of a method; empty for Other.
Bytes methodName(Method method);

/// Asks for nothing but an answer (RFC 9110 §9.2.1).
constexpr bool isSafe(Method method) {
  return method == Method::Get || method == Method::Head || method == Method::Options || method == Method::Trace;
}

/// A set of methods, one bit each.
class MethodSet {
 public:
  constexpr MethodSet() = default;
  constexpr MethodSet(std::initializer_list<Method> methods) {
    for (Method m : methods) add(m);
  }
  constexpr void add(Method m) { bits_ |= static_cast<uint16_t>(1U << static_cast<unsigned>(m)); }
  constexpr bool has(Method m) const { return ((bits_ >> static_cast<unsigned>(m)) & 1U) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const MethodSet&) const = default;
  /// True if every method of `other` is in this set.
  constexpr bool contains(MethodSet other) const { return (other.bits_ & ~bits_) == 0; }

 private:
  uint16_t bits_ = 0;
};

}  // namespace outrigger::http
