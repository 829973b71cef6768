#include "proxy/http/grammar.h"

#include <algorithm>
#include <array>
#include <cstring>

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

// Sixteen octets in one vector register.
using Block = uint8_t __attribute__((vector_size(16)));
constexpr size_t kBlock = sizeof(Block);

bool blockHoldsControl(const char* octets) {
  Block block;
  std::memcpy(&block, octets, sizeof block);
  const auto found = ((block < 0x20) & (block != '\t')) | (block == 0x7f);
  uint64_t halves[2];
  std::memcpy(halves, &found, sizeof halves);
  return (halves[0] | halves[1]) != 0;
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
