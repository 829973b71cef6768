// Which fields a message of HTTP/2 may carry (RFC 9113 §8.2): what would change its meaning in another version of the
// protocol is refused, so that nothing can be smuggled through a proxy. Pure.
#pragma once

#include "proxy/http/header.h"

namespace outrigger::http::h2 {

/// What is wrong with a regular field; nullptr: nothing. The text is a literal, without a full stop.
const char* flawOf(Header id, Bytes name, Bytes value);

/// What is wrong with the octets of a value, that of a pseudo field too; nullptr: nothing.
const char* flawOfValue(Bytes value);

}  // namespace outrigger::http::h2
