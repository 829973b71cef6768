// What a breaker does, as a sentence for people.
#pragma once

#include <string>

#include "proxy/upstream/breakers.h"

namespace outrigger::server {

/// "breaker of payments for route create: closed -> open: 5 failures in a row, refuses for 480 ms"; in `mode: observe`
/// it says "would".
std::string inWords(Bytes upstream, const upstream::BreakerChange& change, Instant now);

}  // namespace outrigger::server
