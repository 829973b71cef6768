// The checks of header names in texts.h: which may be set, and which may be logged.
#include <algorithm>

#include "config/diagnostic.h"
#include "config/texts.h"

namespace outrigger::config {
namespace {

// Framing, routing and connection options: set by the proxy alone (RFC 9110 §7.6.1, RFC 9112 §6).
constexpr Bytes kProxysOwn[] = {"connection", "content-length", "host",    "keep-alive",        "proxy-connection",
                                "te",         "trailer",        "upgrade", "transfer-encoding", "http2-settings",
                                "via"};

// Words of a header's name that tell of a secret in its value.
constexpr Bytes kSecretWords[] = {
    "authorization", "authenticate", "authentication", "auth",      "cookie",     "cookie2",     "token",  "tokens",
    "secret",        "secrets",      "password",       "passwd",    "credential", "credentials", "apikey", "jwt",
    "session",       "sessionid",    "signature",      "assertion", "otp",        "csrf",        "xsrf",   "csrftoken"};
constexpr Bytes kSecretKeys[] = {"api", "access", "private", "secret", "auth", "account", "subscription", "functions"};

bool isOneOf(Bytes text, std::span<const Bytes> words) {
  return std::ranges::find(words, text) != words.end();
}

// "x-api-key", "x-auth-token": judged word by word.
bool holdsSecret(Bytes name) {
  Bytes before;
  while (!name.empty()) {
    const size_t end = name.find_first_of("-_.");
    const Bytes word = name.substr(0, end);
    if (isOneOf(word, kSecretWords) || (word == "key" && isOneOf(before, kSecretKeys))) return true;
    before = word;
    if (end == Bytes::npos) break;
    name.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

std::optional<Slip> checkHeaderName(Bytes text) {
  if (text.size() <= 256 && isToken(text)) return std::nullopt;
  if (text.ends_with(':'))
    return Slip{Code::BadText, "needs the name of a header, without the colon",
                std::string(text.substr(0, text.size() - 1))};
  return Slip{Code::BadText, "needs the name of a header: letters, digits and `-`", ""};
}

std::optional<Slip> checkOwnHeaderName(Bytes text) {
  if (auto slip = checkHeaderName(text)) return slip;
  const std::string name = lowered(text);
  if (!isOneOf(name, kProxysOwn) && !name.starts_with("outrigger-")) return std::nullopt;
  return Slip{Code::HeaderRefused, "is set by the proxy itself", ""};
}

std::optional<Slip> checkLoggedHeader(Bytes text) {
  if (auto slip = checkHeaderName(text)) return slip;
  if (!holdsSecret(lowered(text))) return std::nullopt;
  return Slip{Code::HeaderRefused, "names " + inQuotes(text) + ", which may hold a secret and is never logged", ""};
}

}  // namespace outrigger::config
