#include "control/percent.h"

#include <charconv>

namespace outrigger::control {

std::string percentEncoded(Bytes text, Bytes plain) {
  constexpr Bytes kHex = "0123456789ABCDEF";
  constexpr Bytes kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != Bytes::npos || plain.find(c) != Bytes::npos) {
      encoded += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded += {'%', kHex[octet >> 4], kHex[octet & 15]};
  }
  return encoded;
}

std::optional<std::string> percentDecoded(Bytes text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const Bytes digits = text.substr(i + 1, 2);
    unsigned octet = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
    if (digits.size() < 2 || read.ptr != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(octet);
    i += 2;
  }
  return decoded;
}

}  // namespace outrigger::control
