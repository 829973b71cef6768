// Status codes and their standard phrases (RFC 9110 §15, RFC 6585). Pure.
#pragma once

#include <cstdint>

#include "proxy/base/bytes.h"

namespace outrigger::http {

/// "Not Found" for 404; "Status" for a code without a standard phrase.
Bytes reasonPhrase(uint16_t status);

}  // namespace outrigger::http
