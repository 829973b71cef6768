#include "proxy/http/upgrade.h"

#include "proxy/http/grammar.h"

namespace outrigger::http {

bool isProtocol(Bytes text) {
  const size_t slash = text.find('/');
  return isToken(text.substr(0, slash)) && (slash == Bytes::npos || isToken(text.substr(slash + 1)));
}

bool isOtherHttp(Bytes protocol) {
  const Bytes name = protocol.substr(0, protocol.find('/'));
  return equalsIgnoreCase(name, "http") || equalsIgnoreCase(name, "h2") || equalsIgnoreCase(name, "h2c") ||
         equalsIgnoreCase(name.substr(0, 4), "h2c-") || equalsIgnoreCase(name, kConnect);
}

}  // namespace outrigger::http
