// SHA-256 (FIPS 180-4), by OpenSSL. Pure.
#pragma once

#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::net {

/// 64 lower-case hex digits.
std::string sha256Hex(Bytes text);

}  // namespace outrigger::net
