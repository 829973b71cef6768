// Tables and texts in Markdown, as the reference pages need them. Pure.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::reference {

/// `text`
std::string code(Bytes text);

/// The words as code, in a row.
std::string codes(std::span<const Bytes> words);

/// The anchor of a heading, as renderers of Markdown make it: small letters, digits, `_`, `-`; spaces become `-`.
std::string anchorOf(Bytes heading);

class Table {
 public:
  explicit Table(std::initializer_list<Bytes> heads);

  /// One cell for each head. Bars are escaped.
  void row(std::initializer_list<std::string> cells);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace outrigger::control::reference
