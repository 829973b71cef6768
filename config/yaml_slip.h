// The slips that make a file no YAML, or other YAML than was meant, in plain words. Pure.
#pragma once

#include <optional>
#include <string>

#include "config/code.h"
#include "config/lines.h"

namespace outrigger::config {

struct SyntaxSlip {
  Code code = Code::Syntax;
  Place place;
  std::string message;
  std::string tryText;
};

/// What the library's message, at a place of the file, means for whoever wrote the file.
SyntaxSlip explainSyntaxError(Bytes libraryMessage, Place place, const Lines& lines);

/// An address such as [::1]:80 without quotes that covers or follows the column, or precedes it closely.
struct UnquotedAddress {
  std::string text;
  uint32_t column;
};
std::optional<UnquotedAddress> unquotedAddress(Bytes line, uint32_t column);

/// What to say of an alias: `*.suffix` and `*:80` are rarely meant as one.
SyntaxSlip explainAlias(Bytes alias, Place place);

/// The most octets of a line: the library holds the tokens of one until it ends, at some 350 octets each.
inline constexpr size_t kLongestLine = 1024 * 1024;

/// What must not reach the library: octets that are no printable UTF-8 (YAML 1.2 §5.1; a byte order mark may stand at
/// the very start), overlong lines, and directives, which it reads in quadratic time.
std::optional<SyntaxSlip> guardLibrary(Bytes text, const Lines& lines);

}  // namespace outrigger::config
