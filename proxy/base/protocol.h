// The protocols that a connection may carry. Plain values.
#pragma once

#include <cstdint>

namespace outrigger {

/// What an endpoint speaks, as configured; also what one who asks for a stream wants to speak (never Auto then).
enum class Protocol : uint8_t {
  Http1,
  Http2,
  Auto,  ///< HTTP in the version that the caller used
  Tcp,   ///< bytes that are passed on as they are
};

/// What a TLS handshake has agreed on (RFC 7301).
enum class Alpn : uint8_t { None, Http1, Http2 };

}  // namespace outrigger
