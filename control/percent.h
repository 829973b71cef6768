// Percent-encoding (RFC 3986 §2.1). Pure.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control {

/// "a b" as "a%20b": all octets but the unreserved ones (§2.3) and those of `plain`.
std::string percentEncoded(Bytes text, Bytes plain = {});

/// "a%20b" as "a b"; nullopt: a % without two hex digits. `+` is a plus.
std::optional<std::string> percentDecoded(Bytes text);

}  // namespace outrigger::control
