#include "control/page_query.h"

#include <charconv>

namespace outrigger::control {

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

std::optional<std::string> queryValue(Bytes query, Bytes name) {
  while (!query.empty()) {
    const Bytes pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return percentDecoded(equals == Bytes::npos ? Bytes() : pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace outrigger::control
