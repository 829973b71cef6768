// Going over to another protocol on the stream of a request (RFC 9110 §7.8, CONNECT of §9.3.6, RFC 8441). Pure.
#pragma once

#include "proxy/http/message.h"

namespace outrigger::http {

/// What RequestHead::upgrade says where a tunnel is asked for by CONNECT.
inline constexpr Bytes kConnect = "connect";
inline constexpr Bytes kWebSocket = "websocket";

inline bool asksForTunnel(const RequestHead& head) {
  return head.upgrade == kConnect;
}
inline bool asksForWebSocket(const RequestHead& head) {
  return equalsIgnoreCase(head.upgrade, kWebSocket);
}

/// True for `token [ "/" token ]`.
bool isProtocol(Bytes text);

/// True for the names under which HTTP itself is offered: "h2c" and its drafts, "h2", "HTTP/2.0". Such a stream never
/// becomes a tunnel, for requests inside of it would pass no route. "connect" is among them: it is no protocol.
bool isOtherHttp(Bytes protocol);

}  // namespace outrigger::http
