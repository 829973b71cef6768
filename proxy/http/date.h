// Dates in HTTP: IMF-fixdate (RFC 9110 §5.6.7). Pure.
#pragma once

#include <array>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"

namespace outrigger::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT".
class DateText {
 public:
  explicit DateText(WallTime when);
  Bytes text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 29> text_;
};

}  // namespace outrigger::http
