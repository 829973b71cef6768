// The two fields by which the ends of a WebSocket show each other that they mean it (RFC 6455 §4.2.2). We make them
// only where one side speaks HTTP/2, which has none. Pure.
#pragma once

#include <array>

#include "proxy/base/bytes.h"
#include "proxy/base/rng.h"

namespace outrigger::http {

/// The value of Sec-WebSocket-Key: 16 random octets in base64.
class WebSocketKey {
 public:
  explicit WebSocketKey(Rng& rng);
  Bytes text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 24> text_;
};

/// The value of Sec-WebSocket-Accept that answers `key`: base64(SHA-1(key + GUID)).
class WebSocketAccept {
 public:
  explicit WebSocketAccept(Bytes key);
  Bytes text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 28> text_;
};

}  // namespace outrigger::http
