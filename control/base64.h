// Octets as text (RFC 4648 §4). Pure.
#pragma once

#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control {

std::string base64(Bytes octets);

}  // namespace outrigger::control
