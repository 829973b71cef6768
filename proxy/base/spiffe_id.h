// The grammar of SPIFFE IDs, "spiffe://domain/path" (SPIFFE-ID §2), for those who read them in a config and in
// certificates alike. Pure.
#pragma once

#include "proxy/base/bytes.h"

namespace outrigger {

inline constexpr Bytes kSpiffeScheme = "spiffe://";
inline constexpr size_t kLongestSpiffeId = 2048;

/// At most 255 lower-case letters, digits, ".", "-", "_"; not empty (§2.1).
bool isTrustDomain(Bytes text);

/// Nothing, or segments of letters, digits, ".", "-", "_" behind a slash each; none of them empty, "." or ".." (§2.2).
bool isSpiffePath(Bytes path);

}  // namespace outrigger
