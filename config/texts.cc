#include "config/texts.h"

#include <algorithm>

#include "config/diagnostic.h"
#include "config/nearest.h"
#include "proxy/http/method.h"

namespace outrigger::config {
namespace {

constexpr size_t kLongestName = 128;
constexpr size_t kLongestHost = 253;
constexpr size_t kLongestHeaderValue = 8 * 1024;
constexpr size_t kLongestPath = 8 * 1024;
constexpr size_t kLongestBody = 64 * 1024;

constexpr Bytes kMethods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"};
constexpr Bytes kRetryMethods[] = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH"};

bool isLetterOrDigit(char c) {
  const char l = lowerAscii(c);
  return isDigit(c) || (l >= 'a' && l <= 'z');
}

bool isTokenCharacter(char c) {
  return isLetterOrDigit(c) || Bytes("!#$%&'*+-.^_`|~").find(c) != Bytes::npos;
}

bool isControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Slip bad(std::string what, std::string tryText = {}) {
  return {Code::BadText, std::move(what), std::move(tryText)};
}

bool isHostName(Bytes host) {
  return !host.empty() && host.size() <= kLongestHost && !host.starts_with('-') && !host.starts_with('.') &&
         host.find("..") == Bytes::npos &&
         std::ranges::all_of(host, [](char c) { return isLetterOrDigit(c) || c == '.' || c == '-' || c == '_'; });
}

bool isBracketedIpv6(Bytes host) {
  return host.starts_with('[') && host.ends_with(']') && Address::parse(std::string(host) + ":1").has_value();
}

// The end of a text that begins with a host: ":PORT", or nothing.
Bytes portPart(Bytes text) {
  const size_t close = text.starts_with('[') ? text.find(']') : 0;
  const size_t colon = text.find(':', close == Bytes::npos ? 0 : close);
  return colon == Bytes::npos ? Bytes() : text.substr(colon);
}

std::optional<Slip> checkHostText(Bytes text) {
  if (const size_t scheme = text.find("://"); scheme != Bytes::npos) {
    const Bytes host = text.substr(scheme + 3);
    return bad("needs a host alone, without a scheme", std::string(host.substr(0, host.find('/'))));
  }
  const Bytes port = portPart(text);
  const Bytes host = text.substr(0, text.size() - port.size());
  if (!port.empty()) {
    const auto number = parseDecimal(port.substr(1), 65535);
    if (!number || *number == 0 || port.size() > 6) return bad("needs a port from 1 to 65535 behind the `:`");
  }
  if (isHostName(host) || isBracketedIpv6(host)) return std::nullopt;
  return bad("needs a host name of letters, digits, `.`, `-`, or an IP address");
}

}  // namespace

bool isToken(Bytes text) {
  return !text.empty() && std::ranges::all_of(text, isTokenCharacter);
}

std::string lowered(Bytes text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lowerAscii);
  return out;
}

std::optional<Slip> checkName(Bytes text) {
  const bool good =
      !text.empty() && text.size() <= kLongestName && isLetterOrDigit(text.front()) &&
      std::ranges::all_of(text, [](char c) { return isLetterOrDigit(c) || c == '.' || c == '-' || c == '_'; });
  if (good) return std::nullopt;
  return bad("needs 1 to 128 letters, digits, `.`, `_` or `-`, a letter or digit first");
}

std::optional<Slip> checkHeaderValue(Bytes text) {
  if (std::ranges::any_of(text, isControl)) return bad("needs one line without control characters");
  if (trimSpace(text).size() != text.size())
    return bad("needs a value without space at its ends", std::string(trimSpace(text)));
  if (text.size() > kLongestHeaderValue) return bad("has more than 8 KiB");
  return std::nullopt;
}

std::optional<Slip> checkHostMatch(Bytes text) {
  if (text == "*") return bad("is left out where any host will do");
  if (text.starts_with("*."))
    return bad("matches all names that end alike when it begins with the point", std::string(text.substr(1)));
  return checkHostText(text.starts_with('.') ? text.substr(1) : text);
}

std::optional<Slip> checkHost(Bytes text) {
  return checkHostText(text);
}

std::optional<Slip> checkMethod(Bytes text) {
  if (!isToken(text)) return bad("needs the name of a method", "GET");
  const auto known = std::ranges::find_if(kMethods, [&](Bytes m) { return equalsIgnoreCase(m, text); });
  if (known != std::end(kMethods) && *known != text) return bad("is case-sensitive", std::string(*known));
  return std::nullopt;
}

std::optional<Slip> checkRetryMethod(Bytes text) {
  if (std::ranges::find(kRetryMethods, text) != std::end(kRetryMethods)) return std::nullopt;
  const auto near = nearest(text, kRetryMethods);
  return bad("is no method that retries know",
             near ? std::string(*near) : "one of GET, HEAD, OPTIONS, TRACE, PUT, DELETE");
}

std::optional<Slip> checkPath(Bytes text) {
  if (text.find("://") != Bytes::npos) return bad("needs a path alone", "/v1");
  if (!text.starts_with('/')) return bad("needs a path that begins with /", "/" + std::string(text.substr(0, 60)));
  const size_t query = text.find_first_of("?#");
  if (query != Bytes::npos) return bad("needs a path without a query", std::string(text.substr(0, query)));
  const bool visible = std::ranges::none_of(text, [](char c) { return isControl(c) || c == ' '; });
  if (!visible || text.size() > kLongestPath) return bad("needs at most 8 KiB without spaces; %20 is one");
  const std::string closed = std::string(text) + "/";
  if (closed.find("/./") != std::string::npos || closed.find("/../") != std::string::npos) {
    return bad("never matches: `.` and `..` are resolved before a route is looked for");
  }
  return std::nullopt;
}

std::optional<Slip> checkPrefix(Bytes text) {
  if (auto slip = checkPath(text)) return slip;
  if (text == "/" || !text.ends_with('/')) return std::nullopt;
  return bad("takes whole segments: it has no slash at its end",
             std::string(text.substr(0, text.find_last_not_of('/') + 1)));
}

std::optional<Slip> checkProbeTarget(Bytes text) {
  const size_t query = text.find('?');
  if (auto slip = checkPath(text.substr(0, query))) return slip;
  const Bytes rest = query == Bytes::npos ? Bytes() : text.substr(query);
  const bool visible = std::ranges::none_of(rest, [](char c) { return isControl(c) || c == ' ' || c == '#'; });
  if (visible && text.size() <= kLongestPath) return std::nullopt;
  return bad("needs at most 8 KiB without spaces and `#`; %20 is a space");
}

std::optional<Slip> checkCookieName(Bytes text) {
  if (text.size() <= 256 && isToken(text)) return std::nullopt;
  return bad("needs the name of a cookie: letters, digits, `-` and `_`");
}

std::optional<Slip> checkRegex(Bytes text) {
  const size_t meaning = text.find_first_not_of("^$() ");
  if (meaning == Bytes::npos) return bad("matches no path: a path begins with /", "/v[0-9]+/.*");
  if (std::ranges::any_of(text, isControl) || text.size() > kLongestPath) return bad("needs at most 8 KiB in one line");
  return std::nullopt;
}

std::optional<Slip> checkFailure(Bytes text) {
  constexpr Bytes kWords[] = {"unsent", "reset", "timeout"};
  if (std::ranges::find(kWords, text) != std::end(kWords)) return std::nullopt;
  const bool isClass = text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5';
  const auto status = text.size() == 3 ? parseDecimal(text, 599) : std::nullopt;
  if (isClass || (status && *status >= 100)) return std::nullopt;
  const auto near = nearest(text, kWords);
  const bool otherCase = lowered(text) != text && !checkFailure(lowered(text));
  return bad("needs unsent, reset, timeout, a status such as 503, or 5xx", otherCase ? lowered(text)
                                                                           : near    ? std::string(*near)
                                                                                     : "");
}

std::optional<Slip> checkRedirectStatus(Bytes text) {
  constexpr Bytes kStatuses[] = {"301", "302", "303", "307", "308"};
  if (std::ranges::find(kStatuses, text) != std::end(kStatuses)) return std::nullopt;
  return bad("needs one of 301, 302, 303, 307, 308", "307");
}

std::optional<Slip> checkBody(Bytes text) {
  return text.size() <= kLongestBody ? std::nullopt : std::optional(bad("has more than 64 KiB"));
}

HostAndPort splitHost(Bytes text) {
  const Bytes port = portPart(text);
  Bytes host = text.substr(0, text.size() - port.size());
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const auto number = port.empty() ? std::nullopt : parseDecimal(port.substr(1), 65535);
  return {lowered(host), static_cast<uint16_t>(number.value_or(0))};
}

}  // namespace outrigger::config
