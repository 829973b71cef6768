// The request target (RFC 9112 §3.2) in its three forms that a proxy of plain HTTP meets: "/path?query",
// "http://authority/path?query" and "*". Pure views into the text given (the "*" of OPTIONS may be a literal).
#pragma once

#include "proxy/base/bytes.h"
#include "proxy/base/result.h"
#include "proxy/http/method.h"

namespace outrigger::http {

struct Target {
  Bytes authority;  ///< only of the absolute form
  Bytes path;       ///< "/" at least, or "*"
  Bytes query;      ///< with its '?'
  bool absoluteForm = false;
};

/// Refuses what is ambiguous or not allowed: a fragment, userinfo, another scheme, an octet outside of visible ASCII, a
/// backslash, "*" with a method other than OPTIONS, the authority form (CONNECT is refused before). In the path: "%"
/// without two hex digits, an encoded NUL, and dot segments that only some servers see: next to an encoded slash or
/// backslash, or with a parameter behind the dots ("..;x").
Result<Target> parseTarget(Method method, Bytes text);

/// True if the path has a "." or ".." segment, plain or percent-encoded: it must be resolved before it is matched.
bool hasDotSegments(Bytes path);

/// Resolves "." and ".." segments (RFC 3986 §5.2.4) in `path`, writing at most path.size() octets to `out`; the result
/// lies in `out`. What is matched is what is sent on, so that no route can be walked around.
Bytes removeDotSegments(Bytes path, char* out);

}  // namespace outrigger::http
