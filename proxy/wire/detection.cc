#include "proxy/wire/detection.h"

#include "proxy/http/grammar.h"

namespace outrigger::wire {
namespace {

constexpr Bytes kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr Bytes kEmptyLine = "\r\n";

// A record of a handshake with at least the head of a message in it, which is a ClientHello. Senders may write any
// version of 3.x (RFC 8446 §5.1); those of SSL 3 to TLS 1.2 are written.
Verdict detectTls(Bytes first) {
  const auto fits = [first](size_t at, auto&& test) {
    return at >= first.size() || test(static_cast<uint8_t>(first[at]));
  };
  constexpr uint8_t kHandshake = 22;
  constexpr uint8_t kClientHello = 1;
  constexpr int kLongestRecord = 16384;
  const bool could = fits(0, [](uint8_t type) { return type == kHandshake; }) &&
                     fits(1, [](uint8_t major) { return major == 3; }) &&
                     fits(2, [](uint8_t minor) { return minor <= 4; }) &&
                     fits(3, [](uint8_t high) { return high <= kLongestRecord >> 8; }) &&
                     fits(5, [](uint8_t message) { return message == kClientHello; });
  if (!could) return Verdict::Tcp;
  if (first.size() < 6) return Verdict::More;
  const int length = static_cast<uint8_t>(first[3]) << 8 | static_cast<uint8_t>(first[4]);
  return length >= 4 && length <= kLongestRecord ? Verdict::Tls : Verdict::Tcp;
}

Verdict detectHttp1(Bytes first) {
  if (first.size() < kEmptyLine.size() && kEmptyLine.starts_with(first)) return Verdict::More;
  if (first.starts_with(kEmptyLine)) first.remove_prefix(kEmptyLine.size());
  const size_t most = kLongestMethod + 1;  // with its space
  for (size_t i = 0; i < first.size() && i < most; ++i) {
    if (first[i] == ' ') return i > 0 ? Verdict::Http1 : Verdict::Tcp;
    const bool lower = first[i] >= 'a' && first[i] <= 'z';
    if (lower || !http::isTokenOctet(first[i])) return Verdict::Tcp;
  }
  return first.size() < most ? Verdict::More : Verdict::Tcp;
}

}  // namespace

Verdict detect(Bytes first) {
  if (first.starts_with(kPreface)) return Verdict::Http2;
  if (kPreface.starts_with(first)) return Verdict::More;
  const Verdict http = detectHttp1(first);
  return http == Verdict::Tcp ? detectTls(first) : http;
}

bool mayBeginPreface(Bytes first) {
  return kPreface.starts_with(first);
}

bool mayBeginRequest(char octet) {
  return octet == '\r' || octet == '\n' || http::isTokenOctet(octet);
}

}  // namespace outrigger::wire
