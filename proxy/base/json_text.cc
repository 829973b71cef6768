#include "proxy/base/json_text.h"

#include <array>
#include <charconv>

namespace outrigger {
namespace {

template <class Number>
void appendNumber(std::string& out, Number number) {
  std::array<char, 24> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

// `digits` decimal digits with leading zeros.
void appendPadded(std::string& out, uint64_t number, int digits) {
  std::array<char, 8> text;
  for (int i = digits - 1; i >= 0; --i, number /= 10) {
    text[static_cast<size_t>(i)] = static_cast<char>('0' + number % 10);
  }
  out.append(text.data(), static_cast<size_t>(digits));
}

// The length of the well-formed UTF-8 sequence that begins `text`; 0 if it is none (RFC 3629 §4).
size_t sequenceLength(Bytes text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto inRange = [&](size_t i, unsigned low, unsigned high) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return inRange(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return inRange(1, low, high) && inRange(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return inRange(1, low, high) && inRange(2, 0x80, 0xbf) && inRange(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void JsonWriter::comma() {
  if (needsComma_) out_ += ',';
  needsComma_ = true;
}

JsonWriter& JsonWriter::openObject() {
  comma();
  out_ += '{';
  needsComma_ = false;
  return *this;
}

JsonWriter& JsonWriter::closeObject() {
  out_ += '}';
  needsComma_ = true;
  return *this;
}

JsonWriter& JsonWriter::openArray() {
  comma();
  out_ += '[';
  needsComma_ = false;
  return *this;
}

JsonWriter& JsonWriter::closeArray() {
  out_ += ']';
  needsComma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(Bytes name) {
  comma();
  out_ += '"';
  escape(name);
  out_ += "\":";
  needsComma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(Bytes text) {
  comma();
  out_ += '"';
  escape(text);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(uint64_t number) {
  comma();
  appendNumber(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  comma();
  out_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  comma();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::milliseconds(Duration span) {
  comma();
  const int64_t micros = span.count() < 0 ? 0 : span.count() / 1000;
  appendNumber(out_, micros / 1000);
  out_ += '.';
  appendPadded(out_, static_cast<uint64_t>(micros % 1000), 3);
  return *this;
}

JsonWriter& JsonWriter::time(WallTime when) {
  const std::chrono::sys_time<Duration> instant(when.time_since_epoch());
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(instant - day));
  const auto part = [&](auto number, int digits, char behind) {
    appendPadded(out_, static_cast<uint64_t>(number), digits);
    out_ += behind;
  };
  comma();
  out_ += '"';
  part(static_cast<int>(date.year()), 4, '-');
  part(static_cast<unsigned>(date.month()), 2, '-');
  part(static_cast<unsigned>(date.day()), 2, 'T');
  part(clock.hours().count(), 2, ':');
  part(clock.minutes().count(), 2, ':');
  part(clock.seconds().count(), 2, '.');
  part(clock.subseconds().count(), 3, 'Z');
  out_ += '"';
  return *this;
}

void JsonWriter::escape(Bytes text) {
  static constexpr Bytes kHex = "0123456789abcdef";
  while (!text.empty()) {
    const char c = text.front();
    const size_t length = sequenceLength(text);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out_ += "\\u00";
      out_ += kHex[static_cast<unsigned char>(c) >> 4];
      out_ += kHex[static_cast<unsigned char>(c) & 15];
    } else if (length == 0) {
      out_ += "\xef\xbf\xbd";  // U+FFFD
    } else {
      out_.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

std::string jsonQuoted(Bytes text) {
  std::string out;
  JsonWriter(out).value(text);
  return out;
}

}  // namespace outrigger
