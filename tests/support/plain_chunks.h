// The content of a chunked body, read in the plainest way: a second opinion for the fuzzers on what a codec hands up.
#pragma once

#include <charconv>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::testing {

/// The content of the chunks at the start of `octets`, as far as it goes: to the last chunk, to what is no chunk, or to
/// the end of the octets.
inline std::string contentOfChunks(Bytes octets) {
  std::string content;
  while (true) {
    const size_t lineEnd = octets.find("\r\n");
    if (lineEnd == Bytes::npos) return content;
    uint64_t size = 0;
    const auto [digitsEnd, error] = std::from_chars(octets.data(), octets.data() + lineEnd, size, 16);
    if (error != std::errc() || size == 0) return content;
    octets.remove_prefix(lineEnd + 2);
    content += octets.substr(0, size);
    if (octets.size() < size || !octets.substr(size).starts_with("\r\n")) return content;
    octets.remove_prefix(size + 2);
  }
}

}  // namespace outrigger::testing
