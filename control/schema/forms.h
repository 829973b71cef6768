// Regular expressions (ECMA 262) for the texts of the format. Each takes what the loader's reader takes; a few, said
// below, take a little more. Constants.
#pragma once

#include <string>

#include "config/schema.h"

namespace outrigger::control::schema {

/// `1h`, `1s500ms`: exactly readDuration(), but for its bounds.
inline constexpr const char* kDurationForm =
    "^(?=[0-9])((0|[1-9][0-9]*)h)?((0|[1-9][0-9]*)m)?((0|[1-9][0-9]*)s)?((0|[1-9][0-9]*)ms)?$";
/// `64KiB`: exactly readSize(), but for its bounds.
inline constexpr const char* kSizeForm = "^(0|[1-9][0-9]*)(B|KiB|MiB|GiB)$";
/// A percentage in quotes: exactly readPercent().
inline constexpr const char* kPercentForm = "^(100(\\.0+)?|(0|[1-9][0-9]?)(\\.[0-9]+)?)$";
inline constexpr const char* kIntegerForm = "^(0|[1-9][0-9]*)$";
/// An address; octets over 255 and bad IPv6 addresses are left to the loader.
inline constexpr const char* kAddressForm =
    "^(unix:/.*|[0-9]{1,3}(\\.[0-9]{1,3}){3}:[0-9]{1,5}|\\[[0-9A-Fa-f:.]+\\]:[0-9]{1,5})$";
/// A text with `${NAME}` or `${NAME:-text}` in it, which stands for whatever the environment says.
inline constexpr const char* kEnvironmentForm = "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}";

/// Of a text that this check judges; empty: any. Never refuses what the check takes.
std::string formOf(config::TextCheck check);

}  // namespace outrigger::control::schema
