// Text in a terminal's columns: how wide it is there, and as much of it as fits. Pure.
#pragma once

#include <span>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::cli {

/// Whether a terminal with these variables takes UTF-8: LC_ALL, else LC_CTYPE, else LANG says so.
bool takesUtf8(Bytes lcAll, Bytes lcCtype, Bytes lang);

/// How many columns text takes that fitted() has given: none for marks that stand on the letter before, two for the
/// wide letters of East Asia and for pictures.
size_t columnsOf(Bytes text);

/// As much of `text` as `columns` hold; where that is not all of it, it ends in "…", or in "~" without UTF-8. What
/// would steer a terminal or turn the direction of its text, and what it cannot show, becomes '?'.
std::string fitted(Bytes text, size_t columns, bool utf8);

/// The last `columns` of these values as bars, the highest of them the full height; what is below 0 is not known, and
/// left blank.
std::string sparkLine(std::span<const double> values, size_t columns, bool utf8);

}  // namespace outrigger::control::cli
