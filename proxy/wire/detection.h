// What a connection speaks, told from its first octets and from nothing else. Pure; any thread.
#pragma once

#include "proxy/base/bytes.h"

namespace outrigger::wire {

enum class Verdict : uint8_t {
  More,   ///< these octets may begin more than one of the others
  Tls,    ///< a ClientHello (RFC 8446 §5.1)
  Http1,  ///< a request line, as far as it is here (RFC 9112 §3)
  Http2,  ///< the client's preface (RFC 9113 §3.4)
  Tcp,    ///< none of these
};

/// The verdict on all that has come so far. Octets that follow never change one that was given. More is said of at most
/// kMostUndecided octets.
///
/// A request line is known by its method, of at most kLongestMethod octets without a lower-case letter, and the space
/// behind it; an empty line may stand before it (RFC 9112 §2.2).
Verdict detect(Bytes first);

inline constexpr size_t kLongestMethod = 32;
inline constexpr size_t kMostUndecided = kLongestMethod + 2;

/// True if they may begin the preface of HTTP/2.
bool mayBeginPreface(Bytes first);

/// True if `octet` may begin an HTTP/1 message, in whatever case.
bool mayBeginRequest(char octet);

}  // namespace outrigger::wire
