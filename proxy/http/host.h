// The value of a Host field, `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2). Pure views.
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/base/bytes.h"

namespace outrigger::http {

struct HostPort {
  Bytes host;         ///< without brackets; as received
  uint16_t port = 0;  ///< 0: none was given
  bool bracketed = false;
};

/// Splits and checks an authority without userinfo. nullopt: not one (empty, a bad octet, a bad port, a bad literal).
/// Escapes are refused, though RFC 3986 has them in names: who decodes them sees another host than who does not.
std::optional<HostPort> parseHost(Bytes text);

}  // namespace outrigger::http
