// Which octets may stand where in a head (RFC 9110 §5.5, §5.6.2). Pure.
#pragma once

#include "proxy/base/bytes.h"

namespace outrigger::http {

/// True for tchar: what methods and field names are made of.
bool isTokenOctet(char c);

/// True for one or more of tchar.
bool isToken(Bytes text);

/// True if `text` has an octet that no line of a head may hold: a control other than HTAB. CR, LF, NUL and DEL are
/// among them; octets above 0x7f (obs-text) are not.
bool holdsControl(Bytes text);

}  // namespace outrigger::http
