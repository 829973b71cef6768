#include "proxy/http/grammar.h"

#include <algorithm>
#include <array>

namespace outrigger::http {
namespace {

constexpr std::array<bool, 256> makeTokenOctets() {
  std::array<bool, 256> allowed{};
  for (unsigned char c : Bytes("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    allowed[c] = true;
  }
  return allowed;
}
constexpr auto kTokenOctets = makeTokenOctets();

constexpr uint8_t isControl(char c) {
  const auto octet = static_cast<uint8_t>(c);
  return static_cast<uint8_t>((octet < 0x20) & (octet != '\t')) | static_cast<uint8_t>(octet == 0x7f);
}

constexpr size_t kBlock = 16;

// A loop of fixed length without branches becomes a few vector instructions.
bool blockHoldsControl(const char* octets) {
  uint8_t found = 0;
  for (size_t i = 0; i < kBlock; ++i) found |= isControl(octets[i]);
  return found != 0;
}

}  // namespace

bool isTokenOctet(char c) {
  return kTokenOctets[static_cast<unsigned char>(c)];
}

bool isToken(Bytes text) {
  return !text.empty() && std::ranges::all_of(text, isTokenOctet);
}

bool holdsControl(Bytes text) {
  if (text.size() < kBlock) return std::ranges::any_of(text, isControl);
  for (size_t at = 0; at + kBlock < text.size(); at += kBlock) {
    if (blockHoldsControl(text.data() + at)) return true;
  }
  return blockHoldsControl(text.data() + text.size() - kBlock);
}

}  // namespace outrigger::http
