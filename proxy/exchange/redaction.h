// What of a request may stand in records, logs and pages: words of the config, known methods, ids. All else that a peer
// writes may hold a secret and stays in the request. Pure.
#pragma once

#include "proxy/base/arena.h"
#include "proxy/exchange/access_record.h"
#include "proxy/exchange/snapshot.h"

namespace outrigger::exchange {

/// The method where it is one of RFC 9110 or PATCH, else "OTHER".
Bytes recordedMethod(http::Method method);

/// An id that looks like one (8 to 64 hex digits and dashes) as it is; any other by its hash, the same on every hop:
/// "~" and 16 hex digits.
Bytes recordedId(Bytes id, Arena& arena);

/// `route`: nullptr where none was found. `upstream`: empty where none was chosen. "*" and "/*" stand for anything.
Shape shapeOf(const Route* route, Bytes upstream);

}  // namespace outrigger::exchange
