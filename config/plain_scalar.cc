#include "config/plain_scalar.h"

#include <algorithm>
#include <charconv>

namespace outrigger::config {
namespace {

bool isOneOf(Bytes text, std::initializer_list<Bytes> words) {
  return std::ranges::find(words, text) != words.end();
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Takes the digits at the front.
Bytes takeDigits(Bytes& text) {
  const auto end = std::ranges::find_if_not(text, isDigit);
  const Bytes digits = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

std::optional<std::string> inBase(Bytes digits, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return std::to_string(value);
}

std::optional<std::string> otherBase(Bytes text) {
  if (text.starts_with("0x")) return inBase(text.substr(2), 16);
  if (text.starts_with("0o")) return inBase(text.substr(2), 8);
  if (text.starts_with("0b")) return inBase(text.substr(2), 2);
  if (text.size() > 1 && text.front() == '0') return inBase(text.substr(1), 8);
  return std::nullopt;
}

Bytes withoutZeros(Bytes digits) {
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  return digits.substr(first).empty() ? Bytes("0") : digits.substr(first);
}

// "1", "1.5", ".5", "1.", "1e3", in the form that JSON has for them.
std::optional<std::string> decimal(Bytes text) {
  const Bytes whole = takeDigits(text);
  Bytes fraction;
  const bool point = text.starts_with('.');
  if (point) {
    text.remove_prefix(1);
    fraction = takeDigits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  std::string out(withoutZeros(whole));
  if (point) out += "." + std::string(fraction.empty() ? Bytes("0") : fraction);
  if (text.empty()) return out;
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  text.remove_prefix(1);
  out += 'e';
  if (text.starts_with('+') || text.starts_with('-')) {
    out += text.front();
    text.remove_prefix(1);
  }
  const Bytes exponent = takeDigits(text);
  if (exponent.empty() || !text.empty()) return std::nullopt;
  return out + std::string(exponent);
}

std::optional<std::string> number(Bytes text) {
  std::string sign;
  if (text.starts_with('-')) sign = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  auto value = otherBase(text);
  if (!value) value = decimal(text);
  return value ? std::optional(sign + *value) : std::nullopt;
}

}  // namespace

std::optional<std::string> plainLiteral(Bytes text) {
  if (isOneOf(text, {"", "~", "null", "Null", "NULL"})) return "null";
  if (isOneOf(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return "true";
  if (isOneOf(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) return "false";
  return number(text);
}

// Narrower than YAML allows: what begins like a number may be a time or a date to some readers.
bool mayBePlain(Bytes text) {
  constexpr Bytes kInside = "._-/ +@%=,()~^:$";
  if (text.empty() || text.size() > 400) return false;
  const char first = text.front();
  const bool option = text.size() > 2 && first == '-' && (text[1] == '-' || isLetter(text[1]));
  if (!isLetter(first) && first != '/' && first != '_' && !isDigit(first) && !option) return false;
  if (isDigit(first) && std::ranges::none_of(text, isLetter)) {
    const bool version = std::ranges::count(text, '.') > 1 && text.find(':') == Bytes::npos;
    if (!version) return false;
  }
  const auto fits = [&](char c) { return isLetter(c) || isDigit(c) || kInside.find(c) != Bytes::npos; };
  if (!std::ranges::all_of(text, fits)) return false;
  if (text.find(": ") != Bytes::npos || text.back() == ':' || text.back() == ' ') return false;
  if (isOneOf(text, {"y", "Y", "n", "N", "<<", "---", "..."})) return false;
  return !plainLiteral(text);
}

}  // namespace outrigger::config
