// Bytes and ASCII text: the views and small tests that every room shares.
// All functions are pure, allocate nothing and may be called from any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace outrigger {

/// A borrowed run of octets. Whoever hands one out says how long it stays valid.
using Bytes = std::string_view;

/// Lower-cases one ASCII letter; every other octet is returned unchanged.
constexpr char lowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

/// ASCII case-insensitive equality (RFC 9110 §5.1: field names; RFC 9110 §4.2.3: hosts).
/// lowerAscii() of eight octets at once: adding carries into an octet's top bit where it is at least 'A', or above 'Z'.
constexpr uint64_t lowerAscii8(uint64_t octets) {
  constexpr uint64_t kOnes = 0x0101010101010101U;
  const uint64_t low = octets & (kOnes * 0x7f);
  const uint64_t isUpper = (low + kOnes * (0x80 - 'A')) & ~(low + kOnes * (0x7f - 'Z')) & ~octets & (kOnes * 0x80);
  return octets | (isUpper >> 2);
}

inline uint64_t load8(const char* at) {
  uint64_t octets;
  std::memcpy(&octets, at, sizeof octets);
  return octets;
}

constexpr bool equalsIgnoreCase(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  const auto differAt = [&](size_t i) { return lowerAscii8(load8(a.data() + i)) != lowerAscii8(load8(b.data() + i)); };
  if
    !consteval {
      if (a.size() >= 8) {
        for (size_t i = 0; i + 8 < a.size(); i += 8) {
          if (differAt(i)) return false;
        }
        return !differAt(a.size() - 8);  // what is left, with some of what was compared
      }
    }
  for (size_t i = 0; i < a.size(); ++i) {
    if (lowerAscii(a[i]) != lowerAscii(b[i])) return false;
  }
  return true;
}

constexpr bool startsWithIgnoreCase(Bytes text, Bytes prefix) {
  return text.size() >= prefix.size() && equalsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

/// Removes optional whitespace (SP, HTAB) at both ends (RFC 9110 §5.6.3).
constexpr Bytes trimSpace(Bytes text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Reads a whole text of decimal digits (no sign, no space). Empty, anything else, or more than `max`: nullopt.
inline std::optional<uint64_t> parseDecimal(Bytes text, uint64_t max = UINT64_MAX) {
  if (text.empty() || !isDigit(text.front())) return std::nullopt;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

/// Calls `each(element)` for every non-empty, trimmed element of a comma-separated list (RFC 9110 §5.6.1).
/// `each` returns false to stop early; the result tells whether the walk ran to the end.
template <class Each>
bool forEachListElement(Bytes list, Each&& each) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const Bytes element = trimSpace(list.substr(0, comma));
    if (!element.empty() && !each(element)) return false;
    if (comma == Bytes::npos) break;
    list.remove_prefix(comma + 1);
  }
  return true;
}

}  // namespace outrigger
