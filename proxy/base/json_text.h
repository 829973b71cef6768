// Writes JSON text piece by piece: for log lines on the data path, where a document tree would be waste. Commas and
// escapes are its business; the caller opens and closes what it nests. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"

namespace outrigger {

class JsonWriter {
 public:
  /// Appends to `out`, which outlives the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& openObject();
  JsonWriter& closeObject();
  JsonWriter& openArray();
  JsonWriter& closeArray();
  JsonWriter& key(Bytes name);

  /// Octets that are not UTF-8 become U+FFFD.
  JsonWriter& value(Bytes text);
  JsonWriter& value(const char* text) { return value(Bytes(text)); }
  JsonWriter& value(uint64_t number);
  JsonWriter& value(bool truth);
  JsonWriter& null();
  /// Milliseconds with three decimals.
  JsonWriter& milliseconds(Duration span);
  /// "2026-01-31T12:00:00.123Z".
  JsonWriter& time(WallTime when);

  template <class Value>
  JsonWriter& field(Bytes name, const Value& v) {
    return key(name).value(v);
  }

 private:
  void comma();
  void escape(Bytes text);

  std::string& out_;
  bool needsComma_ = false;
};

/// One string with its quotes, as JsonWriter::value() writes it.
std::string jsonQuoted(Bytes text);

}  // namespace outrigger
